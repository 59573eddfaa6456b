internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson apply`.
struct ApplyCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Make objects as files say.",
        discussion: """
            The server merges what the files say with what others have set. What the files say
            counts; with --server-side, only where nobody else says otherwise.

            keelson apply -f web.yaml
            keelson apply -f manifests/ -R --dry-run=server
            keelson apply -f manifests/ --prune --applyset=site -n default
            """)
    @OptionGroup var files: FileOptions
    @Flag(help: "Refuse to change fields that others manage.") var serverSide = false
    @Flag(help: "With --server-side: take over fields that others manage.")
    var forceConflicts = false
    @Option(help: "strict, warn or ignore: what becomes of fields that nobody knows.")
    var validate: FieldValidation = .strict
    @OptionGroup var prune: PruneOptions
    @Flag(help: "Wait until what was applied is ready.") var wait = false
    @Option(help: "How long to wait, as in 30s; 0 for ever.") var timeout: String?
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        guard !files.isEmpty else { throw CommandFailure("must specify -f") }
        guard !forceConflicts || serverSide else {
            throw CommandFailure("--force-conflicts only works with --server-side")
        }
        guard !serverSide || change.dryRun != .client else {
            throw CommandFailure(
                "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server"
                    + " instead?)")
        }
        let limit = try timeout.flatMap { try ShortDuration.parse($0, flag: "timeout") }
        // All files are read before anything is done.
        let (objects, pruning) = try prune.plan(try files.objects(session), session)
        try pruning.begin(objects, change.dryRun)
        var applied: [ObjectPlace] = []
        for object in objects {
            session.attempt {
                try apply(object, session)
                applied.append(object.place)
                // What it defines may stand further down.
                if object.place.kind.kind == "CustomResourceDefinition" {
                    session.directory.forget()
                }
            }
        }
        if session.failureCount == 0 { try pruning.finish(objects, change) }
        guard wait, change.dryRun == .none else { return }
        let waiting = Waiting(session, timeout: limit)
        for place in applied {
            session.attempt {
                try Readiness.wait(for: place, waiting, isSaid: change.output == nil)
            }
        }
    }

    private func apply(_ object: ManifestObject, _ session: Session) throws {
        let place = object.place
        let before = try Application.before(object, session)
        if change.dryRun == .client {
            return try change.say(before == nil ? "created" : "configured", place, object.value)
        }
        let keepsUp = change.dryRun == .none && change.fieldManager == nil
        if let before, keepsUp { try ClientSideApply.takeOver(before, place, session) }
        let after = try Application.apply(
            object, manager: change.fieldManager ?? Application.manager, validation: validate,
            isForced: forceConflicts || !serverSide, dryRun: change.dryRun, session)
        if let before, keepsUp { try ClientSideApply.keepUp(before, object, session) }
        guard !serverSide else { return try change.say("serverside-applied", place, after) }
        let isSame = before.map { Application.isSame($0, after, by: object) }
        try change.say(
            isSame.map { $0 ? "unchanged" : "configured" } ?? "created", place, after)
    }
}

/// Server-side apply.
enum Application {
    /// Who applies. kubectl's name, so that one may go on where the other left off.
    static let manager = "kubectl"

    /// The object as it is before it is applied; nil if there is none.
    static func before(_ object: ManifestObject, _ session: Session) throws -> JSON? {
        guard !object.place.name.isEmpty else {
            throw CommandFailure(
                "error when applying \(GoText.quoted(object.source)), line \(object.line): "
                    + "the object has no name")
        }
        return try session.find(object.place)
    }

    /// Applies an object of a file and answers with it as it is then.
    static func apply(
        _ object: ManifestObject, manager: String, validation: FieldValidation, isForced: Bool,
        dryRun: DryRun, _ session: Session
    ) throws -> JSON {
        do {
            let query = [
                ("force", isForced ? "true" : ""), ("fieldValidation", validation.parameter),
            ]
            return try object.sending(session) {
                try session.patch(
                    object.place, object.value, type: .apply, manager: manager,
                    isDryRun: dryRun == .server, query: query)
            }
        } catch let failure as APIFailure {
            switch failure.reason {
            case .conflict:
                throw object.located(failure, as: CommandFailure(advice(failure)), session)
            case .invalid: throw object.withPlaces(failure)
            default:
                let place = "\(GoText.quoted(object.source)), line \(object.line)"
                let words = failure.adding("error when applying \(place)")
                throw object.located(failure, as: words, session)
            }
        }
    }

    /// Whether nothing but the bookkeeping differs, and what controllers write meanwhile.
    static func isSame(_ before: JSON, _ after: JSON, by file: ManifestObject) -> Bool {
        func bare(_ object: JSON) -> JSON {
            var object = object.withoutManagedFields
            object["metadata"]["resourceVersion"] = nil
            if file.value["status"] == nil { object["status"] = nil }
            return object
        }
        return bare(before) == bare(after)
    }

    /// What to do about fields that others manage.
    private static func advice(_ failure: APIFailure) -> String {
        guard failure.details?.causes.isEmpty == false else { return failure.message }
        return """
            \(failure.message)
            Please review the fields above--they currently have other managers. Here
            are the ways you can resolve this warning:
            * If you intend to manage all of these fields, please re-run the apply
              command with the `--force-conflicts` flag.
            * If you do not intend to manage all of the fields, please edit your
              manifest to remove references to the fields that should keep their
              current managers.
            * You may co-own fields by updating your manifest to match the existing
              value; in this case, you'll become the manager if the other manager(s)
              stop managing the field (remove it from their configuration).
            See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
            """
    }
}
