internal import ClusterAccess

/// What the arguments of a command name: `TYPE[,TYPE] [NAME…]` or `TYPE/NAME…`.
enum ResourceArguments {
    /// All objects of some kinds, or some objects.
    struct Selection {
        /// In the order in which they were named.
        var parts: [(kind: ResourceKind, names: [String])]
        /// Whether objects are named.
        var isNamed: Bool
        /// Whether more than one kind may be shown.
        var isOfSeveralKinds: Bool
    }

    static func parse(_ arguments: [String], _ directory: ResourceDirectory) throws -> Selection {
        if arguments.contains(where: { $0.contains("/") }) {
            return try slashed(arguments, directory)
        }
        guard let types = arguments.first else {
            throw CommandFailure("you must specify the type of resource")
        }
        let names = Array(arguments.dropFirst())
        guard !names.contains("") else { throw CommandFailure("resource name may not be empty") }
        var kinds: [ResourceKind] = []
        let words = types.split(separator: ",", omittingEmptySubsequences: false)
        var isCategory = false
        for word in words {
            guard !word.isEmpty else {
                throw CommandFailure(
                    "arguments in resource/name form may not have more than one slash"
                        + " and types must not be empty")
            }
            let found = try directory.kinds(inCategory: String(word))
            isCategory = isCategory || !found.isEmpty
            for kind in found.isEmpty ? [try directory.kind(named: String(word))] : found
            where !kinds.contains(kind) {
                kinds.append(kind)
            }
        }
        return Selection(
            parts: kinds.map { ($0, names) }, isNamed: !names.isEmpty,
            isOfSeveralKinds: words.count > 1 || isCategory)
    }

    private static func slashed(
        _ arguments: [String], _ directory: ResourceDirectory
    ) throws -> Selection {
        var parts: [(kind: ResourceKind, names: [String])] = []
        for argument in arguments {
            let pieces = argument.split(separator: "/", omittingEmptySubsequences: false)
            guard pieces.count > 1 else {
                throw CommandFailure(
                    "there is no need to specify a resource type as a separate argument when"
                        + " passing arguments in resource/name form (e.g. 'keelson get"
                        + " resource/<resource_name>' instead of 'keelson get resource"
                        + " resource/<resource_name>'")
            }
            guard pieces.count == 2 else {
                throw CommandFailure(
                    "arguments in resource/name form may not have more than one slash")
            }
            guard !pieces[0].isEmpty, !pieces[1].isEmpty else {
                throw CommandFailure(
                    "arguments in resource/name form must have a single resource and name")
            }
            let kind = try directory.kind(named: String(pieces[0]))
            if parts.last?.kind == kind {
                parts[parts.count - 1].names.append(String(pieces[1]))
            } else {
                parts.append((kind, [String(pieces[1])]))
            }
        }
        return Selection(
            parts: parts, isNamed: true,
            isOfSeveralKinds: Set(parts.map(\.kind)).count > 1)
    }

    /// The objects that are named; at least one must be.
    static func places(_ arguments: [String], _ session: Session) throws -> [ObjectPlace] {
        let selection = try parse(arguments, session.directory)
        guard selection.isNamed else {
            throw CommandFailure("resource(s) were provided, but no name was specified")
        }
        return selection.parts.flatMap { part in
            part.names.map { ObjectPlace(part.kind, namespace: session.namespace, name: $0) }
        }
    }
}
