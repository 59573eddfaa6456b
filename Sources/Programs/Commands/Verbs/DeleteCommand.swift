internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson delete`.
struct DeleteCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete objects, by files, names or selectors.")
    @Argument(
        help: "TYPE[,TYPE] [NAME…] or TYPE/NAME….",
        completion: Completion.resources(behind: 1))
    var resources: [String] = []
    @OptionGroup var targets: TargetOptions
    @Option(help: "What becomes of dependents: background, foreground or orphan.")
    var cascade: Cascade = .background
    @Option(help: "Seconds for the object to end; -1 for its own time.") var gracePeriod = -1
    @Flag(help: "As --grace-period=1.") var now = false
    @Flag(help: "Do not wait for what runs to end.") var force = false
    @Flag(inversion: .prefixedNo, help: "Wait until the objects are gone.") var wait = true
    @Option(help: "How long to wait, as in 30s; 0 for ever.") var timeout: String?
    @Flag(help: "An object that is not there is no error.") var ignoreNotFound = false
    @Option(help: "server lets the server do all but keep it.") var dryRun: DryRun = .none
    @Option(name: [.customShort("o", allowingJoined: true), .long], help: "name, for names alone.")
    var output: String?
    @OptionGroup var cluster: ClusterOptions

    enum Cascade: String, ExpressibleByArgument, CaseIterable {
        case background
        case foreground
        case orphan

        /// In requests.
        var policy: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
    }

    func run(_ session: Session) throws {
        let grace = try graceSeconds()
        let limit = try timeout.flatMap { try ShortDuration.parse($0, flag: "timeout") }
        if ![nil, "", "name"].contains(ClusterOptions.plain(output)) {
            throw CommandFailure(
                "unexpected -o output mode: \(output ?? ""). We only support '-o name'")
        }
        let ignoresMissing = ignoreNotFound || targets.all || !targets.selectors.isEmpty
        var gone: [(place: ObjectPlace, uid: String)] = []
        let places = try targets.places(resources, session)
        if places.isEmpty { Standard.say("No resources found") }
        if force {
            Standard.complain(
                "Warning: Immediate deletion does not wait for confirmation that the running"
                    + " resource has been terminated. The resource may continue to run on the"
                    + " cluster indefinitely.")
        }
        for place in places {
            session.attempt {
                do {
                    let uid = dryRun == .client
                        ? try session.get(place)["metadata"]["uid"].stringValue
                        : try delete(place, grace, session)
                    gone.append((place, uid ?? ""))
                    say(place)
                } catch let failure as APIFailure
                    where failure.reason == .notFound && ignoresMissing
                {}
            }
        }
        guard wait, dryRun == .none, !(force && grace == 0) else { return }
        let waiting = Waiting(session, timeout: limit)
        for (place, uid) in gone {
            session.attempt {
                let isGone = try waiting.follow(place) {
                    $0 == nil || $0["metadata"]["uid"].stringValue != uid
                }
                guard isGone else {
                    throw CommandFailure.timedOut(place)
                }
            }
        }
    }

    private func graceSeconds() throws -> Int? {
        guard now || force || gracePeriod >= 0 else { return nil }
        guard !now || gracePeriod < 0 else {
            throw CommandFailure("--now and --grace-period cannot be specified together")
        }
        guard !force || gracePeriod <= 0 else {
            throw CommandFailure(
                "--force and --grace-period greater than 0 cannot be specified together")
        }
        if force { return 0 }
        // Without --force nobody is left behind who may still run.
        return now ? 1 : max(gracePeriod, 1)
    }

    private func say(_ place: ObjectPlace) {
        guard output == nil else { return Standard.say(place.printed) }
        let verb = force ? "force deleted" : "deleted"
        let from = place.namespace.isEmpty ? "" : " from \(place.namespace) namespace"
        Standard.say(
            "\(place.kind.printedKind) \(GoText.quoted(place.name)) \(verb)\(from)\(dryRun.suffix)")
    }

    /// Answers with the uid of what is going.
    private func delete(_ place: ObjectPlace, _ grace: Int?, _ session: Session) throws -> String? {
        var options: JSON = [
            "apiVersion": "v1", "kind": "DeleteOptions",
            "propagationPolicy": .string(cascade.policy),
        ]
        if let grace { options["gracePeriodSeconds"] = .integer(Int64(grace)) }
        if dryRun == .server { options["dryRun"] = ["All"] }
        var request = ClusterClient.Request("DELETE", place.path())
        request.body = options.encoded
        let answer = try session.client.json(request)
        // The object that still goes, or a Status that names the one that went.
        return answer["metadata"]["uid"].stringValue ?? answer["details"]["uid"].stringValue
    }
}
