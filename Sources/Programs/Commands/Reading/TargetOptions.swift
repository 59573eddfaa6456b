internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// The flags by which a verb finds the objects that it acts on.
struct TargetOptions: ParsableArguments {
    @OptionGroup var files: FileOptions
    @OptionGroup var selectors: SelectorOptions
    @Flag(help: "All objects of the kind in the namespace.") var all = false

    /// The objects that files, names or selectors stand for.
    func places(_ arguments: [String], _ session: Session) throws -> [ObjectPlace] {
        guard files.isEmpty else {
            guard arguments.isEmpty else {
                throw CommandFailure(
                    "when paths, URLs, or stdin is provided as input, you may not specify"
                        + " resource arguments as well")
            }
            return try files.objects(session).map(\.place)
        }
        guard !arguments.isEmpty else {
            throw CommandFailure(
                "you must provide one or more resources by argument or filename")
        }
        let selection = try ResourceArguments.parse(arguments, session.directory)
        if selection.isNamed {
            guard selectors.isEmpty else {
                throw CommandFailure("name cannot be provided when a selector is specified")
            }
            guard !all else {
                throw CommandFailure("setting 'all' parameter but found a non empty selector.")
            }
            return try ResourceArguments.places(arguments, session)
        }
        guard all || !selectors.isEmpty else {
            throw CommandFailure("resource(s) were provided, but no name was specified")
        }
        guard !all || selectors.isEmpty else {
            throw CommandFailure("cannot set --all and --selector at the same time")
        }
        let namespace = selectors.allNamespaces ? "" : session.namespace
        return try selection.parts.flatMap { part in
            try session.list(
                part.kind, namespace: namespace, labels: selectors.labels,
                fields: selectors.fields
            ).items.map {
                ObjectPlace(part.kind, namespace: $0.objectNamespace, name: $0.objectName)
            }
        }
    }
}

/// How far a change goes.
struct ChangeOptions: ParsableArguments {
    @Option(
        help: "client says what would happen; server lets the server do all but keep it.")
    var dryRun: DryRun = .none
    @Option(help: "The name under which the server notes down changes.")
    var fieldManager: String?
    @Option(
        name: [.customShort("o", allowingJoined: true), .long], help: "Show the outcome so.",
        completion: .list(ObjectOutput.names))
    var output: String?

    /// Says what has become of an object, as `-o` wants it.
    func say(_ what: String, _ place: ObjectPlace, _ object: JSON?) throws {
        guard output == nil else {
            let format = try ObjectOutput(output, allowsTable: false)
            let shown = (object ?? .emptyObject).withoutManagedFields
            Standard.write(format.text(of: shown, place.kind))
            return
        }
        Standard.say("\(place.printed) \(what)\(dryRun.suffix)")
    }

    /// Under kubectl's names, so that what one tool set is not foreign to the other.
    func manager(_ verb: String) -> String { fieldManager ?? "kubectl-" + verb }
}

enum DryRun: String, ExpressibleByArgument, CaseIterable {
    case none
    case client
    case server

    /// Behind messages.
    var suffix: String {
        switch self {
        case .none: ""
        case .client: " (dry run)"
        case .server: " (server dry run)"
        }
    }

    /// In queries.
    var parameter: String { self == .server ? "All" : "" }
}
