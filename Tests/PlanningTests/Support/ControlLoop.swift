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
    /// How much of the cluster's history the cache of each kind has seen.
    private var seen: [GroupVersionKind: Int] = [:]
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
            let before = cluster.version
            let isUpToDate = seen.values.allSatisfy { $0 == cluster.history.count }
            let (isSettled, requeueAfter) = performAll()
            let isAlive = cluster.live()
            if isSettled, !isAlive, isUpToDate, before == cluster.version {
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
        seen = [:]
        observed = Observed()
        catchUp()
        return planners.flatMap { planner in
            keys(of: planner).map { ($0, planner.plan($0, in: observed, at: cluster.now)) }
        }
    }

    /// Lets the cache of each kind see more of what happened, or everything; each lags for itself.
    private mutating func catchUp() {
        let history = cluster.history
        let kinds = Set(history.map { Resource($0.object).kind } + planners.flatMap {
            type(of: $0).reads
        })
        for kind in kinds.sorted(by: { $0.kind < $1.kind }) {
            let from = seen[kind, default: 0]
            let kept = lag.map { _ in lag!.chance(0.5) ? 0 : lag!.below(history.count - from + 1) }
            let end = history.count - (kept ?? 0)
            for change in history[from..<end] where Resource(change.object).kind == kind {
                if change.isDeletion {
                    _ = observed[kind].applyDeletion(of: change.object)
                } else {
                    _ = observed[kind].apply(change.object)
                }
            }
            observed[kind].advance(to: Int64(end))
            seen[kind] = end
        }
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
                let answer = try cluster.perform(action)
                if let sign = action.sign(answer: answer) {
                    expectations.expect(sign, for: key, now: monotonicNow)
                }
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
        seen = [:]
    }
}
