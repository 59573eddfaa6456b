internal import ArgumentParser
internal import ClusterAccess
internal import Describing
internal import ResourceModel

/// `keelson rollout`.
struct RolloutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout", abstract: "Follow, undo and repeat roll-outs.",
        subcommands: [
            RolloutStatusCommand.self, RolloutHistoryCommand.self, RolloutUndoCommand.self,
            RolloutRestartCommand.self, RolloutPauseCommand.self, RolloutResumeCommand.self,
        ])
}

/// `keelson rollout status`.
struct RolloutStatusCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Follow a roll-out to its end.")
    @Argument(
        help: "TYPE NAME or TYPE/NAME.",
        completion: Completion.resources(behind: 2, of: Completion.rolledOut))
    var resources: [String] = []
    @Flag(inversion: .prefixedNo, help: "Follow it to its end.") var watch = true
    @Option(help: "How long, as in 60s; 0 for ever.") var timeout = "0s"
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        let places = try Rollout.places(resources, session, verb: "view the status of")
        let waiting = Waiting(session, timeout: try ShortDuration.parse(timeout, flag: "timeout"))
        for place in places {
            session.attempt {
                _ = try session.get(place)
                try follow(place, waiting)
            }
        }
    }

    private func follow(_ place: ObjectPlace, _ waiting: Waiting) throws {
        let line = LiveLine(isSaidOnPipes: true)
        defer { line.end() }
        var problem: String?
        let isOver = try waiting.follow(place) { object in
            guard let object else { throw CommandFailure("object has been deleted") }
            switch Readiness.progress(place.kind.naming(object)) {
            case .none: problem = "no status viewer has been implemented for \(place.kind.kind)"
            case .failed(let why): problem = why
            case .done(let text): line.end(text)
            case .waiting(let text):
                if watch { line.show(text) } else { Standard.say(text) }
                return !watch
            }
            return true
        }
        if let problem { throw CommandFailure(problem) }
        guard isOver else { throw CommandFailure("timed out waiting for the condition") }
    }
}

/// `keelson rollout history`.
struct RolloutHistoryCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show the revisions of a deployment.")
    @Argument(
        help: "TYPE NAME or TYPE/NAME.",
        completion: Completion.resources(behind: 2, of: Completion.rolledOut))
    var resources: [String] = []
    @Option(help: "What the pods of this revision were made of.") var revision = 0
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        guard revision >= 0 else {
            throw CommandFailure("revision must be a positive integer: \(revision)")
        }
        for place in try Rollout.places(resources, session, verb: "view the history of") {
            let revisions = try Rollout.revisions(of: try session.get(place), place, session)
            guard revision == 0 else {
                try show(revisions.first { $0.number == revision }, place)
                continue
            }
            Standard.say(place.printed + " ")
            guard !revisions.isEmpty else {
                Standard.say("No rollout history found.")
                continue
            }
            let width = max(8, revisions.map { "\($0.number)".count }.max() ?? 0) + 2
            func line(_ first: String, _ second: String) -> String {
                first + String(repeating: " ", count: width - first.count) + second
            }
            Standard.say(
                [line("REVISION", "CHANGE-CAUSE")]
                    + revisions.map { line("\($0.number)", $0.cause ?? "<none>") } + [""])
        }
    }

    private func show(_ revision: Rollout.Revision?, _ place: ObjectPlace) throws {
        guard let revision else {
            throw CommandFailure("unable to find the specified revision")
        }
        Standard.say([
            "\(place.printed) with revision #\(revision.number)",
            ObjectDescription.text(ofPodTemplate: revision.ownTemplate),
        ])
    }
}

/// `keelson rollout undo`.
struct RolloutUndoCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Go back to an earlier revision of a deployment.")
    @Argument(
        help: "TYPE NAME or TYPE/NAME.",
        completion: Completion.resources(behind: 2, of: Completion.rolledOut))
    var resources: [String] = []
    @Option(help: "The revision; 0 for the one before.") var toRevision = 0
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        for place in try Rollout.places(resources, session, verb: "undo") {
            session.attempt { try undo(place, session) }
        }
    }

    private func undo(_ place: ObjectPlace, _ session: Session) throws {
        let object = try session.get(place)
        guard object["spec"]["paused"] != true else {
            throw CommandFailure(
                "you cannot rollback a paused deployment; resume it first with 'keelson rollout"
                    + " resume' and try again")
        }
        let revisions = try Rollout.revisions(of: object, place, session)
        guard toRevision >= 0, revisions.count > (toRevision == 0 ? 1 : 0) else {
            throw CommandFailure(
                "no rollout history found for deployment \(GoText.quoted(place.name))")
        }
        let wanted = toRevision == 0
            ? revisions[revisions.count - 2] : revisions.first { $0.number == toRevision }
        guard let wanted else {
            throw CommandFailure("unable to find specified revision \(toRevision) in history")
        }
        guard wanted.template != Rollout.bare(object["spec"]["template"]) else {
            return Standard.say(
                "\(place.printed) skipped rollback (current template already matches revision"
                    + " \(wanted.number))")
        }
        let patch: JSON = [
            ["op": "replace", "path": "/spec/template", "value": wanted.template]
        ]
        var outcome: JSON?
        if change.dryRun != .client {
            outcome = try session.patch(
                place, patch, type: .json, manager: change.manager("rollout"),
                isDryRun: change.dryRun == .server)
        }
        try change.say("rolled back", place, outcome)
    }
}

/// `keelson rollout restart`.
struct RolloutRestartCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Replace all pods by new ones, step by step.")
    @Argument(
        help: "TYPE NAME or TYPE/NAME.",
        completion: Completion.resources(behind: 2, of: Completion.rolledOut))
    var resources: [String] = []
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        for place in try Rollout.places(resources, session, verb: "restart") {
            session.attempt {
                guard try session.get(place)["spec"]["paused"] != true else {
                    throw CommandFailure(
                        "can't restart paused deployment (run rollout resume first)")
                }
                let time = JSON.string(Timestamp.text(seconds: Standard.nowSeconds))
                try Rollout.change(
                    place, [
                        "template": [
                            "metadata": [
                                "annotations": ["kubectl.kubernetes.io/restartedAt": time]
                            ]
                        ]
                    ], said: "restarted", change, session)
            }
        }
    }
}

/// `keelson rollout pause`.
struct RolloutPauseCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Roll nothing out until told to.")
    @Argument(
        help: "TYPE NAME or TYPE/NAME.",
        completion: Completion.resources(behind: 2, of: Completion.rolledOut))
    var resources: [String] = []
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        for place in try Rollout.places(resources, session, verb: "pause") {
            session.attempt {
                guard try session.get(place)["spec"]["paused"] != true else {
                    throw CommandFailure("\(place.printedQuoted) is already paused")
                }
                try Rollout.change(place, ["paused": true], said: "paused", change, session)
            }
        }
    }
}

/// `keelson rollout resume`.
struct RolloutResumeCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Roll out again.")
    @Argument(
        help: "TYPE NAME or TYPE/NAME.",
        completion: Completion.resources(behind: 2, of: Completion.rolledOut))
    var resources: [String] = []
    @OptionGroup var change: ChangeOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        for place in try Rollout.places(resources, session, verb: "resume") {
            session.attempt {
                guard try session.get(place)["spec"]["paused"] == true else {
                    throw CommandFailure("\(place.printedQuoted) is not paused")
                }
                try Rollout.change(place, ["paused": .null], said: "resumed", change, session)
            }
        }
    }
}
