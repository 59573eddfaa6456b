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
struct CreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create objects, from files or from flags.",
        discussion: """
            keelson create -f web.yaml
            keelson create deployment web --image=web:1 --replicas=2
            """,
        subcommands: [
            CreateFilesCommand.self, CreateNamespaceCommand.self, CreateConfigMapCommand.self,
            CreateSecretCommand.self, CreateServiceAccountCommand.self,
            CreateDeploymentCommand.self, CreateJobCommand.self, CreateCronJobCommand.self,
            CreateServiceCommand.self, CreateRoleCommand.self, CreateRoleBindingCommand.self,
            CreateClusterRoleCommand.self, CreateClusterRoleBindingCommand.self,
        ],
        defaultSubcommand: CreateFilesCommand.self)

    /// The kinds, by all their names.
    static var kinds: [String] {
        configuration.subcommands.dropFirst().flatMap {
            [$0.configuration.commandName ?? ""] + $0.configuration.aliases
        }
    }
}

/// `keelson create -f`.
struct CreateFilesCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "files", abstract: "Create the objects of files; need not be named.")
    @Argument(help: .hidden) var others: [String] = []
    @OptionGroup var files: FileOptions
    @Option(help: "strict, warn or ignore: what becomes of fields that nobody knows.")
    var validate: FieldValidation = .strict
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        guard others.isEmpty else {
            let meant = files.isEmpty
                ? Suggestion.nearest(to: others[0], among: CreateCommand.kinds) : nil
            throw CommandFailure(
                "Unexpected args: [\(others.joined(separator: " "))]"
                    + (meant.map { "; did you mean \(GoText.quoted($0))?" } ?? "")
                    + "\nSee 'keelson create -h' for help and examples")
        }
        guard !files.isEmpty else { throw CommandFailure("must specify -f, or a kind") }
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
        do {
            return try object.sending(session) {
                try create(
                    object.value, object.place, manager: manager, validation: validation,
                    dryRun: dryRun, session)
            }
        } catch let failure as APIFailure {
            guard failure.reason != .invalid else { throw object.withPlaces(failure) }
            let what = "error when creating \(GoText.quoted(object.source))"
            throw object.located(failure, as: failure.adding(what), session)
        }
    }

    /// Creates an object and answers with it as it is stored.
    static func create(
        _ object: JSON, _ place: ObjectPlace, manager: String, validation: FieldValidation,
        dryRun: DryRun, _ session: Session
    ) throws -> JSON {
        var request = ClusterClient.Request("POST", place.kind.path(namespace: place.namespace))
        request.query = [
            ("fieldManager", manager), ("fieldValidation", validation.parameter),
            ("dryRun", dryRun.parameter),
        ]
        request.body = object.encoded
        return try session.client.json(request)
    }
}
