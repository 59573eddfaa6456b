internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson describe`.
struct DescribeCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Show objects in detail, and what has happened to them.",
        discussion: """
            keelson describe pod web-0
            keelson describe deployment/web node/n1
            keelson describe pods web     (that pod, or all whose names begin so)
            """)
    @Argument(
        help: "TYPE[,TYPE] [NAME…], TYPE NAME_PREFIX or TYPE/NAME….",
        completion: Completion.resources(behind: 1))
    var resources: [String] = []
    @Option(
        name: [.customShort("l", allowingJoined: true), .long],
        help: "Only objects with these labels, as in app=web,tier!=back.")
    var selector: String?
    @Flag(name: [.customShort("A"), .long], help: "Objects of all namespaces.")
    var allNamespaces = false
    @Flag(
        inversion: .prefixedNo,
        help: "What has happened; of several objects it is shown only if asked for.")
    var showEvents: Bool?
    @Option(help: "How many objects to ask for at a time; 0 for all.") var chunkSize = 500
    @OptionGroup var files: FileOptions
    @OptionGroup var cluster: ClusterOptions

    private var labels: String { ClusterOptions.plain(selector) ?? "" }

    func run(_ session: Session) throws {
        guard !resources.isEmpty || !files.isEmpty else {
            throw CommandFailure(
                "You must specify the type of resource to describe. Use \"keelson api-resources\""
                    + " for a complete list of supported resources.")
        }
        let (found, failures) = find(try parts(session), session)
        if failures.count == 1, resources.count == 2, let failure = failures[0] as? APIFailure,
            failure.reason == .notFound
        {
            return try describeMatching(or: failure, session)
        }
        failures.forEach(session.tell)
        let isAlone = found.count <= 1 && failures.isEmpty
        let details = ObjectDetails(
            session: session, showsEvents: showEvents ?? isAlone, chunkSize: chunkSize)
        var isFirst = true
        for (object, kind) in found {
            session.attempt {
                let text = try details.text(of: object, kind)
                Standard.write(isFirst ? text : "\n\n" + text)
                isFirst = false
            }
        }
        if found.isEmpty, session.failureCount == 0 {
            Standard.complain(
                allNamespaces
                    ? "No resources found"
                    : "No resources found in \(session.namespace) namespace.")
        }
    }

    /// The objects that are there, and what keeps others from being shown.
    private func find(
        _ parts: [GetQuery.Part], _ session: Session
    ) -> (objects: [(object: JSON, kind: ResourceKind)], failures: [any Error]) {
        var found: [(object: JSON, kind: ResourceKind)] = []
        var failures: [any Error] = []
        func take(_ kind: ResourceKind, _ answer: () throws -> [JSON]) {
            do {
                found += try answer().map { ($0, kind) }
            } catch {
                failures.append(error)
            }
        }
        for part in parts {
            if part.names.isEmpty {
                take(part.kind) { try list(part.kind, part.namespace, session) }
            }
            for name in part.names {
                let place = ObjectPlace(part.kind, namespace: part.namespace, name: name)
                take(part.kind) { [try session.get(place)] }
            }
        }
        return (found, failures)
    }

    /// What is asked for: objects of a kind by name, or all of them.
    private func parts(_ session: Session) throws -> [GetQuery.Part] {
        guard files.isEmpty else {
            guard resources.isEmpty else {
                throw CommandFailure(
                    "when paths, URLs, or stdin is provided as input, you may not specify"
                        + " resource arguments as well")
            }
            let wanted = try LabelSelector(parsing: labels)
            let objects = try files.objects(session)
            return objects.filter { wanted.matches($0.value["metadata"]["labels"]) }.map {
                GetQuery.Part(
                    kind: $0.place.kind, names: [$0.place.name], namespace: $0.place.namespace)
            }
        }
        let selection = try ResourceArguments.parse(resources, session.directory)
        if selection.isNamed, selector != nil {
            throw CommandFailure("name cannot be provided when a selector is specified")
        }
        if selection.isNamed, allNamespaces {
            throw CommandFailure("a resource cannot be retrieved by name across all namespaces")
        }
        let namespace = allNamespaces ? "" : session.namespace
        return selection.parts.map {
            GetQuery.Part(kind: $0.kind, names: $0.names, namespace: namespace)
        }
    }

    private func list(
        _ kind: ResourceKind, _ namespace: String, _ session: Session
    ) throws -> [JSON] {
        try session.list(
            kind, namespace: namespace, labels: labels, chunk: chunkSize
        ).items
    }

    /// Describes what has a name that begins as the one that is asked for.
    /// - Parameter failure: what is said if there is nothing.
    private func describeMatching(or failure: APIFailure, _ session: Session) throws {
        guard !resources[0].contains("/") else { throw failure }
        guard !resources[0].contains(",") else {
            throw CommandFailure("you may only specify a single resource type")
        }
        let kind = try session.directory.kind(named: resources[0])
        let matching = try list(kind, session.namespace, session).filter {
            $0.objectName.hasPrefix(resources[1])
        }
        guard !matching.isEmpty else { throw failure }
        let details = ObjectDetails(
            session: session, showsEvents: showEvents ?? false, chunkSize: chunkSize)
        for object in matching { Standard.say(try details.text(of: object, kind)) }
    }
}
