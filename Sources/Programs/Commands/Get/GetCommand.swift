internal import ArgumentParser
internal import ClusterAccess
internal import Printing
internal import ResourceModel

/// Which objects of a kind are meant.
struct SelectorOptions: ParsableArguments {
    @Option(
        name: [.customShort("l", allowingJoined: true), .long],
        help: "Only objects with these labels, as in app=web,tier!=back.")
    var selector: String?
    @Option(help: "Only objects with these fields, as in status.phase=Running.")
    var fieldSelector: String?
    @Flag(name: [.customShort("A"), .long], help: "Objects of all namespaces.")
    var allNamespaces = false

    var labels: String { ClusterOptions.plain(selector) ?? "" }
    var fields: String { fieldSelector ?? "" }
    var isEmpty: Bool { labels.isEmpty && fields.isEmpty }
}

/// `keelson get`.
struct GetCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show objects.",
        discussion: """
            keelson get pods -o wide
            keelson get deployment/web service/web -o yaml
            keelson get pods -l app=web -w
            """)
    @Argument(
        help: "TYPE[,TYPE] [NAME…] or TYPE/NAME….",
        completion: Completion.resources(behind: 1))
    var resources: [String] = []
    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: "wide, json, yaml, name, jsonpath=…, custom-columns=….",
        completion: .list(ObjectOutput.names))
    var output: String?
    @Flag(name: .shortAndLong, help: "Then show what changes, until interrupted.")
    var watch = false
    @Flag(help: "Show only what changes.") var watchOnly = false
    @Flag(help: "Say before each line of a watch what has happened.")
    var outputWatchEvents = false
    @Flag(help: "Leave out the headings.") var noHeaders = false
    @Flag(help: "Show all labels.") var showLabels = false
    @Flag(help: "Show kinds with names.") var showKind = false
    @Flag(help: "Show who manages which field.") var showManagedFields = false
    @Option(
        name: [.customShort("L", allowingJoined: true), .long],
        help: "Show this label as a column; may stand several times.")
    var labelColumns: [String] = []
    @Option(help: "Order by what this path finds, as in .metadata.name.") var sortBy: String?
    @Option(help: "How many objects to ask for at a time; 0 for all.") var chunkSize = 500
    @Flag(help: "An object that is not there is no error.") var ignoreNotFound = false
    @Option(help: "Show this part of the object, as in status.") var subresource: String?
    @Option(help: "Show what the server answers to this path.") var raw: String?
    @OptionGroup var files: FileOptions
    @OptionGroup var selectors: SelectorOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        if let raw {
            Standard.write(try session.client.bytes(ClusterClient.Request("GET", raw)))
            return
        }
        let format = try ObjectOutput(output)
        let query = try GetQuery(self, session)
        if case .table(let isWide) = format {
            try TablePrinting(command: self, isWide: isWide, session: session).run(query)
        } else {
            try ObjectPrinting(command: self, format: format, session: session).run(query)
        }
    }
}

/// What `get` asks the server for.
struct GetQuery {
    /// Paths of single objects, or of a collection, of one kind.
    struct Part {
        var kind: ResourceKind
        /// In the namespace that counts; nothing for all of them.
        var names: [String]
        var namespace: String
    }

    var parts: [Part]
    var isNamed: Bool
    /// Kinds are shown with names.
    var isOfSeveralKinds: Bool

    init(_ command: GetCommand, _ session: Session) throws {
        guard command.files.isEmpty else {
            parts = try command.files.objects(session).map {
                Part(kind: $0.place.kind, names: [$0.place.name], namespace: $0.place.namespace)
            }
            isNamed = true
            isOfSeveralKinds = Set(parts.map(\.kind)).count > 1
            return
        }
        guard !command.resources.isEmpty else {
            throw CommandFailure(
                "Required resource not specified.\nUse \"keelson api-resources\" for a complete"
                    + " list of supported resources")
        }
        let selection = try ResourceArguments.parse(command.resources, session.directory)
        if selection.isNamed {
            guard command.selectors.isEmpty else {
                throw CommandFailure("name cannot be provided when a selector is specified")
            }
            guard !command.selectors.allNamespaces else {
                throw CommandFailure(
                    "a resource cannot be retrieved by name across all namespaces")
            }
        }
        let namespace = command.selectors.allNamespaces ? "" : session.namespace
        parts = selection.parts.map { Part(kind: $0.kind, names: $0.names, namespace: namespace) }
        isNamed = selection.isNamed
        isOfSeveralKinds = selection.isOfSeveralKinds
    }

    /// One object, shown as itself and not as a list.
    var isSingle: Bool { isNamed && parts.count == 1 && parts[0].names.count == 1 }

    /// The requests of a part, each for an object or a page of a collection, handed on with
    /// their answers. What goes wrong with one object is told and does not end the command.
    static func answers(
        _ part: Part, _ command: GetCommand, _ session: Session, accept: String,
        query: [(String, String)] = [], onAnswer: (JSON) throws -> Void
    ) throws {
        var request = ClusterClient.Request("GET", part.kind.path(namespace: part.namespace))
        request.accept = accept
        guard part.names.isEmpty else {
            for name in part.names {
                request.path = ObjectPlace(part.kind, namespace: part.namespace, name: name)
                    .path(command.subresource ?? "")
                request.query = query
                session.attempt {
                    do {
                        try onAnswer(try session.client.json(request))
                    } catch let failure as APIFailure
                        where failure.reason == .notFound && command.ignoreNotFound
                    {}
                }
            }
            return
        }
        var token = ""
        repeat {
            request.query =
                [
                    ("labelSelector", command.selectors.labels),
                    ("fieldSelector", command.selectors.fields),
                    ("limit", command.chunkSize > 0 ? "\(command.chunkSize)" : ""),
                    ("continue", token),
                ] + query
            let answer = try session.client.list(
                part.kind, request, labels: command.selectors.labels,
                fields: command.selectors.fields)
            try onAnswer(answer)
            token = answer["metadata"]["continue"].stringValue ?? ""
        } while !token.isEmpty
    }
}
