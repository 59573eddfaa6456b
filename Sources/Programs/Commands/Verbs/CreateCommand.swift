internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// What the server does about fields that it does not know.
enum FieldValidation: String, ExpressibleByArgument, CaseIterable {
    case strict
    case warn
    case ignore

    init?(argument: String) {
        switch argument.lowercased() {
        case "true", "strict": self = .strict
        case "warn": self = .warn
        case "false", "ignore": self = .ignore
        default: return nil
        }
    }

    /// In queries.
    var parameter: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

/// `keelson create`.
struct CreateCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create the objects of files.")
    @OptionGroup var files: FileOptions
    @Option(help: "strict, warn or ignore: what becomes of fields that nobody knows.")
    var validate: FieldValidation = .strict
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        guard !files.isEmpty else { throw CommandFailure("must specify -f") }
        for object in try files.objects(session) {
            session.attempt {
                var place = object.place
                var outcome: JSON = object.value
                if change.dryRun != .client {
                    outcome = try Creation.create(
                        object, manager: change.manager("create"), validation: validate,
                        dryRun: change.dryRun, session)
                    place.name = outcome.objectName
                }
                try change.say("created", place, outcome)
            }
        }
    }
}

enum Creation {
    /// Creates an object of a file and answers with it as it is stored.
    static func create(
        _ object: ManifestObject, manager: String, validation: FieldValidation, dryRun: DryRun,
        _ session: Session
    ) throws -> JSON {
        var request = ClusterClient.Request(
            "POST", object.place.kind.path(namespace: object.place.namespace))
        request.query = [
            ("fieldManager", manager), ("fieldValidation", validation.parameter),
            ("dryRun", dryRun.parameter),
        ]
        request.body = object.value.encoded
        do {
            return try object.sending(session) { try session.client.json(request) }
        } catch let failure as APIFailure {
            guard failure.reason != .invalid else { throw object.withPlaces(failure) }
            let what = "error when creating \(GoText.quoted(object.source))"
            throw object.located(failure, as: failure.adding(what), session)
        }
    }
}
