internal import ArgumentParser
internal import ClusterAccess
internal import Drafting
internal import ResourceModel

/// The flags of every `create KIND`.
struct DraftOptions: ParsableArguments {
    @Argument(help: "The name of the object.") var name: String?
    @OptionGroup var change: ChangeOptions
    @Option(help: "strict, warn or ignore: what becomes of fields that nobody knows.")
    var validate: FieldValidation = .strict
    @Flag(help: "Note down in the object what is asked for, as kubectl's apply does.")
    var saveConfig = false
    @OptionGroup var cluster: ClusterOptions
}

/// A command that creates an object from its flags.
protocol DraftCommand: ClusterCommand {
    var draft: DraftOptions { get }
    /// What stands before the command's own name.
    static var parent: String { get }
    /// What a refusal begins with; nothing for kinds of which kubectl says no more.
    static var refusal: String { get }
    /// Flags that have to be there and are not.
    var missing: [String] { get }
    func object(_ name: String, _ session: Session) throws -> JSON
}

extension DraftCommand {
    static var parent: String { "create" }
    static var refusal: String { "failed to create \(configuration.commandName ?? ""): " }
    var missing: [String] { [] }
    var cluster: ClusterOptions { draft.cluster }

    func run(_ session: Session) throws {
        guard missing.isEmpty else {
            let names = missing.map(GoText.quoted).joined(separator: ", ")
            throw CommandFailure("required flag(s) \(names) not set")
        }
        guard let name = draft.name else {
            let path = "keelson \(Self.parent) \(Self.configuration.commandName ?? "")"
            throw CommandFailure(
                "exactly one NAME is required, got 0\n"
                    + "See '\(path) -h' for help and examples")
        }
        var object = try object(name, session)
        let kind = try session.directory.kind(
            apiVersion: object["apiVersion"].stringValue ?? "",
            kind: object["kind"].stringValue ?? "")
        guard let kind else { throw CommandFailure("the server does not serve this kind") }
        if kind.isNamespaced, session.namespaceIsGiven {
            object["metadata"]["namespace"] = .string(session.namespace)
        }
        if draft.saveConfig { ClientSideApply.noteDown(&object) }
        let place = ObjectPlace(kind, namespace: session.namespace, name: name)
        if draft.change.dryRun != .client { object = try create(object, place, session) }
        try draft.change.say("created", place, object)
    }

    private func create(_ object: JSON, _ place: ObjectPlace, _ session: Session) throws -> JSON {
        do {
            return try Creation.create(
                object, place, manager: draft.change.manager("create"),
                validation: draft.validate, dryRun: draft.change.dryRun, session)
        } catch let failure as APIFailure where !Self.refusal.isEmpty {
            throw CommandFailure(Self.refusal + failure.message)
        }
    }
}

extension [String] {
    /// The values of a flag that may hold several with commas between them.
    var apart: [String] { flatMap { $0.split(separator: ",").map(String.init) } }
}
