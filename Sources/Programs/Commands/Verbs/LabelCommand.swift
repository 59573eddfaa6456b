internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson label`.
struct LabelCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "label", abstract: "Set and remove labels.",
        discussion: "keelson label pod web tier=front old-")
    @Argument(
        help: "TYPE NAME… or TYPE/NAME…, then KEY=VALUE to set and KEY- to remove.",
        completion: Completion.resources(behind: 1))
    var arguments: [String] = []
    @OptionGroup var options: MetadataOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        try MetadataChange(field: "labels", word: "label", options: options)
            .run(arguments, session)
    }
}

/// `keelson annotate`.
struct AnnotateCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "annotate", abstract: "Set and remove annotations.",
        discussion: "keelson annotate deployment web note='some words' old-")
    @Argument(
        help: "TYPE NAME… or TYPE/NAME…, then KEY=VALUE to set and KEY- to remove.",
        completion: Completion.resources(behind: 1))
    var arguments: [String] = []
    @OptionGroup var options: MetadataOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        try MetadataChange(field: "annotations", word: "annotation", options: options)
            .run(arguments, session)
    }
}

/// The flags of `label` and `annotate`.
struct MetadataOptions: ParsableArguments {
    @OptionGroup var targets: TargetOptions
    @Flag(help: "Replace values that are there.") var overwrite = false
    @Flag(help: "Show what there is.") var list = false
    @Option(help: "Only if the object is of this version.") var resourceVersion: String?
    @OptionGroup var change: ChangeOptions
}

/// Sets and removes labels or annotations.
private struct MetadataChange {
    /// In the metadata.
    let field: String
    /// In messages.
    let word: String
    let options: MetadataOptions

    func run(_ arguments: [String], _ session: Session) throws {
        let first = arguments.firstIndex { $0.contains("=") || $0.hasSuffix("-") }
        let resources = Array(arguments[..<(first ?? arguments.count)])
        let (set, removed) = try Self.parse(arguments[resources.count...], word)
        guard options.list || !set.isEmpty || !removed.isEmpty else {
            throw CommandFailure("at least one \(word) update is required")
        }
        for place in try options.targets.places(resources, session) {
            session.attempt { try change(place, set, removed, session) }
        }
    }

    private static func parse(
        _ texts: ArraySlice<String>, _ word: String
    ) throws -> (set: [(String, String)], removed: [String]) {
        var set: [(String, String)] = []
        var removed: [String] = []
        for text in texts {
            if let equals = text.firstIndex(of: "=") {
                set.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
            } else if text.hasSuffix("-") {
                removed.append(String(text.dropLast()))
            } else {
                throw CommandFailure(
                    "all resources must be specified before \(word) changes: \(text)")
            }
        }
        if let both = set.first(where: { removed.contains($0.0) }) {
            throw CommandFailure(
                "can not both modify and remove a \(word) in the same command: \(both.0)")
        }
        return (set, removed)
    }

    private func change(
        _ place: ObjectPlace, _ set: [(String, String)], _ removed: [String], _ session: Session
    ) throws {
        let object = try session.get(place)
        let present = object["metadata"][field]
        if options.list {
            Standard.say((present.objectValue?.members ?? []).sorted { $0.name < $1.name }
                .map { "\($0.name)=\($0.value.stringValue ?? "")" })
            return
        }
        var values = JSON.emptyObject
        for (key, value) in set {
            if let there = present[key].stringValue, there != value, !options.overwrite {
                throw CommandFailure(
                    "'\(key)' already has a value (\(there)), and --overwrite is false")
            }
            values[key] = .string(value)
        }
        for key in removed {
            if present[key] == nil { Standard.say("\(word) \(GoText.quoted(key)) not found.") }
            values[key] = JSON.null
        }
        var metadata = JSON.emptyObject
        metadata[field] = values
        if let version = options.resourceVersion { metadata["resourceVersion"] = .string(version) }
        var outcome: JSON?
        if options.change.dryRun != .client {
            outcome = try session.patch(
                place, ["metadata": metadata], type: .merge,
                manager: options.change.manager(word == "label" ? "label" : "annotate"),
                isDryRun: options.change.dryRun == .server)
        }
        let changes = set.contains { present[$0.0].stringValue != $0.1 }
        let removes = removed.contains { present[$0] != nil }
        try options.change.say(said(changes: changes, removes: removes), place, outcome)
    }

    private func said(changes: Bool, removes: Bool) -> String {
        guard word == "label" else { return "annotated" }
        return changes ? "labeled" : removes ? "unlabeled" : "not labeled"
    }
}
