internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson plan`.
struct PlanCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what `apply` would create, change and restart, and do nothing.")
    @OptionGroup var files: FileOptions
    @OptionGroup var prune: PruneOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        guard !files.isEmpty else { throw CommandFailure("must specify -f") }
        let (objects, pruning) = try prune.plan(try files.objects(session), session)
        var counts = [0, 0, 0]
        let comparison = FileComparison(objects, session)
        for object in objects {
            session.attempt {
                switch try comparison.outcome(of: object) {
                case .created:
                    counts[0] += 1
                    Standard.say(Colour.green("+ \(object.place.printed)"))
                case .unchanged:
                    counts[2] += 1
                    Standard.say("= \(object.place.printed)")
                case .changed(let changes, let restarts):
                    counts[1] += 1
                    let pods = restarts == 1 ? "pod" : "\(restarts) pods"
                    let note = restarts > 0 ? "   replaces its \(pods)" : ""
                    Standard.say(Colour.yellow("~ \(object.place.printed)\(note)"))
                    Standard.say(changes.map { "    " + FileComparison.text($0) })
                }
            }
        }
        let leftovers = try pruning.leftovers(beside: objects)
        Standard.say(leftovers.map { Colour.red("- \($0.printed)") })
        Standard.say(
            "\(counts[0]) to create, \(counts[1]) to change, \(counts[2]) unchanged"
                + (prune.prune ? ", \(leftovers.count) to prune" : ""))
    }
}

/// `keelson drift`.
struct DriftCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Show where the cluster is not as files say.",
        discussion: "Ends with exit code 1 if it is not.")
    @OptionGroup var files: FileOptions
    @OptionGroup var prune: PruneOptions
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        guard !files.isEmpty else { throw CommandFailure("must specify -f") }
        var driftCount = 0
        let (objects, pruning) = try prune.plan(try files.objects(session), session)
        let comparison = FileComparison(objects, session)
        for object in objects {
            session.attempt {
                let from = "\(object.source):\(object.line)"
                switch try comparison.outcome(of: object) {
                case .created:
                    driftCount += 1
                    Standard.say(Colour.red("\(object.place.printed) is missing (\(from))"))
                case .changed(let changes, _):
                    driftCount += 1
                    Standard.say(Colour.yellow("\(object.place.printed) differs (\(from))"))
                    Standard.say(
                        changes.map {
                            "    \($0.path): \(FileComparison.value($0.before)) in the cluster, "
                                + "\(FileComparison.value($0.after)) in the file"
                        })
                case .unchanged:
                    let live = try session.get(object.place)
                    let state = ObjectState.copies(object.place.kind.naming(live))
                    guard let state, state.ready < state.desired else { return }
                    driftCount += 1
                    Standard.say(
                        Colour.yellow(
                            "\(object.place.printed) is as the file says, but only "
                                + "\(state.ready) of \(state.desired) are ready"))
                }
            }
        }
        for place in try pruning.leftovers(beside: objects) {
            driftCount += 1
            Standard.say(Colour.red("\(place.printed) is in no file"))
        }
        guard driftCount > 0 else {
            if session.failureCount == 0 { Standard.say("no drift") }
            return
        }
        throw CommandFailure.told
    }
}

/// What becomes of objects of files if they are applied.
struct FileComparison {
    enum Outcome {
        case created
        case unchanged
        /// And how many pods are replaced by it.
        case changed([FieldChanges.Change], restarts: Int64)
    }

    private let session: Session
    /// Namespaces that the files make.
    private let namespaces: Set<String>

    init(_ objects: [ManifestObject], _ session: Session) {
        self.session = session
        namespaces = Set(objects.map(\.place).filter { $0.kind.kind == "Namespace" }.map(\.name))
    }

    /// Asks the server, which keeps nothing of it.
    func outcome(of object: ManifestObject) throws -> Outcome {
        let before = try Application.before(object, session)
        let after: JSON
        do {
            after = try Application.apply(
                object, manager: Application.manager, validation: .strict, isForced: true,
                dryRun: .server, session)
        } catch let failure as APIFailure
            where failure.reason == .notFound && namespaces.contains(object.place.namespace)
        {
            // What is in a namespace that is to come cannot be tried before it has come.
            return .created
        }
        guard let before else { return .created }
        let changes = FieldChanges.between(before, after)
        guard !changes.isEmpty else { return .unchanged }
        let replaces = changes.contains { $0.path.hasPrefix("spec.template.") }
        let copies = ObjectState.copies(object.place.kind.naming(before))
        return .changed(changes, restarts: replaces ? copies?.desired ?? 0 : 0)
    }

    static func text(_ change: FieldChanges.Change) -> String {
        "\(change.path): \(value(change.before)) → \(value(change.after))"
    }

    /// A value on one line, not too long.
    static func value(_ value: JSON?) -> String {
        guard let value else { return "nothing" }
        let text = value.encodedText
        return text.count > 60 ? text.prefix(59) + "…" : text
    }
}
