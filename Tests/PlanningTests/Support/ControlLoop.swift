import Environment
import Planning
import Primitives
import ResourceModel

/// Controllers over a tiny cluster: plans every key again and again, as the real ones do, with
/// caches that may lag behind and a process that may die.
struct ControlLoop {
    var cluster = TinyCluster()
    private let planners: [any Planner]
    private(set) var observed = Observed()
    /// How much of the cluster's history the caches have seen.
    private var seen = 0
    private var expectations = Expectations()
    /// How many writes were made.
    private(set) var writeCount = 0
    /// What the plans said, line by line.
    private(set) var log: [String] = []
    /// After so many more writes the process dies, and comes back with caches that lag.
    var writesBeforeCrash: Int?
    /// Decides how far caches lag; nil keeps them up to date.
    var lag: SplitMix64?

    init(_ planners: [any Planner]) {
        self.planners = planners
    }

    /// Goes on until there is nothing to do any more.
    /// - Returns: how many rounds it took; nil if there was no end.
    mutating func run(roundsMax: Int = 200) -> Int? {
        for round in 0..<roundsMax {
            let lagged = lag
            if round >= roundsMax / 2 { lag = nil }
            catchUp()
            let before = (cluster.version, log.count)
            let (isSettled, requeueAfter) = performAll()
            let isAlive = cluster.live()
            if isSettled, !isAlive, seen == cluster.history.count, before.0 == cluster.version {
                guard let requeueAfter, requeueAfter <= 30 else {
                    lag = lagged
                    return round
                }
                cluster.now = cluster.now.adding(seconds: requeueAfter)
            }
            cluster.now = cluster.now.adding(seconds: 1)
        }
        return nil
    }

    /// Every key's plan as of now, performed or not; one key a paragraph.
    mutating func plans() -> [(ObjectReference, Plan)] {
        seen = 0
        observed = Observed()
        catchUp()
        return planners.flatMap { planner in
            keys(of: planner).map { ($0, planner.plan($0, in: observed, at: cluster.now)) }
        }
    }

    private mutating func catchUp() {
        let unseen = cluster.history.count - seen
        let kept = lag.map { _ in lag!.chance(0.5) ? 0 : lag!.below(unseen + 1) } ?? 0
        for change in cluster.history[seen..<(cluster.history.count - kept)] {
            let kind = Resource(change.object).kind
            if change.isDeletion {
                _ = observed[kind].applyDeletion(of: change.object)
            } else {
                _ = observed[kind].apply(change.object)
            }
        }
        seen = cluster.history.count - kept
        let kinds = Set(planners.flatMap { type(of: $0).reads })
        for kind in kinds { observed[kind].advance(to: Int64(seen)) }
    }

    private func keys(of planner: any Planner) -> [ObjectReference] {
        let kinds = type(of: planner).reads.isEmpty ? observed.kinds : type(of: planner).reads
        let keys = kinds.flatMap { observed[$0].all }.flatMap {
            planner.keys(affectedBy: $0, in: observed)
        }
        return Set(keys).sorted()
    }

    private mutating func performAll() -> (isSettled: Bool, requeueAfter: Int64?) {
        var isSettled = true
        var requeueAfter: Int64?
        for planner in planners {
            for key in keys(of: planner) {
                guard expectations.areMet(for: key, in: observed, now: monotonicNow) else {
                    isSettled = false
                    continue
                }
                let plan = planner.plan(key, in: observed, at: cluster.now)
                isSettled = isSettled && plan.isSettled
                requeueAfter = [requeueAfter, plan.requeueAfterSeconds].compactMap(\.self).min()
                if !perform(plan, of: key) { return (false, nil) }
            }
        }
        return (isSettled, requeueAfter)
    }

    private var monotonicNow: MonotonicInstant {
        MonotonicInstant(nanoseconds: cluster.now.seconds * 1_000_000_000)
    }

    /// Performs a plan as far as nothing is refused.
    /// - Returns: whether the process is still alive.
    private mutating func perform(_ plan: Plan, of key: ObjectReference) -> Bool {
        observed.failures[key] = nil
        for action in plan.actions {
            if case .requeue = action { continue }
            if action.isWrite {
                if writesBeforeCrash == 0 {
                    crash()
                    return false
                }
                writesBeforeCrash = writesBeforeCrash.map { $0 - 1 }
                writeCount += 1
            }
            log.append(action.description)
            do {
                let sign = try cluster.perform(action)
                if let sign { expectations.expect(sign, for: key, now: monotonicNow) }
            } catch {
                log.append("  refused: \(error.reason.rawValue)")
                if error.reason != .conflict, error.reason != .notFound,
                    error.reason != .alreadyExists
                {
                    observed.failures[key] = error
                }
                return true
            }
        }
        return true
    }

    /// All memory is lost; the first list may be an old one.
    private mutating func crash() {
        writesBeforeCrash = nil
        log.append("-- crash --")
        expectations = Expectations()
        observed = Observed()
        seen = 0
    }
}
