internal import MVCC
internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel
internal import Verification

/// What is checked once a run has come to its end: the states, and all that clients saw.
extension Simulation {
    /// Checks what the whole run must satisfy.
    mutating func conclude() throws(RunFailure) {
        for slot in machines.indices { loseRequests(slot) }
        let reference = ReferenceStore(truth.events)
        for slot in finalMembers {
            machines[slot].process?.member.checkInvariants()
            try checkState(slot)
            try checkContents(slot, reference)
            try checkHash(slot)
        }
        if Int64(calls.completedCount) * second >= 100 * now {
            coverage.reach(.hundredOperationsASecondCompleted)
        }
        try checkHistory()
        try checkWatches()
        let leaseChecker = LeaseChecker(log: truth.events, clockRateMax: knobs.clockRateMax)
        try accept(leaseChecker.check(calls.leaseRecords + leases.records))
    }

    /// S1: the hash that operators compare is the same on all.
    private mutating func checkHash(_ slot: Int) throws(RunFailure) {
        guard let store = machines[slot].process?.member.store else { return }
        let answer: (hash: UInt32, revision: Revision, compactRevision: Revision)
        do throws(StoreError) {
            answer = try store.hashKV(through: .zero)
        } catch {
            throw RunFailure("S1", "member \(slot + 1) cannot hash its history: \(error)")
        }
        let first = finalHash ?? answer.hash
        finalHash = first
        guard first == answer.hash else {
            throw RunFailure(
                "S1",
                "member \(slot + 1) hashes its history up to \(answer.revision) to "
                    + "\(answer.hash), others to \(first)")
        }
    }

    /// The members that came right at the end.
    private var finalMembers: [Int] {
        (liveness?.core ?? []).filter { machines[$0].isRunning && !isForeign($0) }
    }

    private func accept(_ verdict: Verdict) throws(RunFailure) {
        switch verdict {
        case .ok: return
        case .violation(let violation): throw RunFailure(violation)
        case .inconclusive(let steps):
            throw RunFailure("C1", "no verdict after \(steps) steps")
        }
    }

    /// C1 and R8: some order of all requests explains all answers, and the log holds the effect
    /// of every acknowledged one.
    private mutating func checkHistory() throws(RunFailure) {
        let checker = RevisionOrderChecker(log: truth.events)
        try accept(checker.check(calls.history))
        try searchOrder()
        noteUnknownEffects()
    }

    /// C1 once more, by search and without the log of events, where that is affordable: the two
    /// checkers hold each other to account.
    private func searchOrder() throws(RunFailure) {
        // The search does not know the ends of leases.
        guard calls.history.count <= 250, !plan.ingredients.contains(.leases) else { return }
        let checker = LinearizabilityChecker(stepsMax: 50_000, scope: .wholeStore)
        let verdict = checker.check(calls.history)
        if case .inconclusive = verdict { return }
        try accept(verdict)
    }

    private mutating func noteUnknownEffects() {
        let hasUnknown = calls.history.contains { operation in
            if case .unknown = operation.outcome { return true }
            return false
        }
        guard hasUnknown else { return }
        var values: Set<Bytes> = []
        for entry in truth.events.entries {
            for event in entry.events where event.kind == .put {
                    values.insert(event.keyValue.value)
                }
        }
        for operation in calls.history {
            guard case .unknown = operation.outcome, case .put(let put) = operation.request,
                values.contains(put.value)
            else { continue }
            coverage.reach(.unknownWriteTookEffect)
            return
        }
    }

    /// W1–W9 for every watch; those that are still there must have been told everything.
    private func checkWatches() throws(RunFailure) {
        let checker = WatchChecker(log: truth.events, compactions: watchers.compactions)
        var current: Set<Int> = []
        for watcher in watchers.all where watcher.stream != nil {
            guard liveness?.core.contains(watcher.slot) == true, !isForeign(watcher.slot) else {
                continue
            }
            current.formUnion(watcher.watches.compactMap(\.observed))
        }
        for (position, watch) in watchers.observed.enumerated() {
            let mustReach = current.contains(position) ? truth.events.last : .zero
            try accept(checker.check(watch, mustReach: mustReach))
        }
    }

    /// S3 and S4: at every revision that is kept, a member's store holds what the log of events
    /// says; what is compacted is refused.
    private func checkContents(
        _ slot: Int, _ reference: ReferenceStore
    ) throws(RunFailure) {
        guard let store = machines[slot].process?.member.store else { return }
        let floor = max(store.compactRevision, Revision(1))
        let newest = store.revision
        var random = dice.generator(.liveness, 2, UInt64(slot))
        var revisions = [floor, newest]
        for _ in 0..<4 {
            revisions.append(Revision(random.between(floor.rawValue, newest.rawValue)))
        }
        let everything = KeyRange(key: [0], end: [0])
        for revision in revisions {
            let found: [KeyValue]
            do throws(StoreError) {
                found = try store.range(RangeRequest(everything, revision: revision)).keyValues
            } catch {
                throw RunFailure(
                    "S4", "member \(slot + 1) refuses to read revision \(revision): \(error)")
            }
            let expected = reference.contents(at: revision)
            if found.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) != expected {
                throw RunFailure(
                    "S4",
                    "at revision \(revision) (compacted to \(floor)) member \(slot + 1) holds "
                        + "\(found.map(describe)), not \(expected.map(describe))")
            }
        }
        guard store.compactRevision > Revision(1) else { return }
        do throws(StoreError) {
            _ = try store.range(
                RangeRequest(everything, revision: store.compactRevision.previous))
        } catch {
            return
        }
        throw RunFailure(
            "S4", "member \(slot + 1) answers below its compact revision \(store.compactRevision)")
    }
}

/// The store as the log of events makes it, at any revision.
struct ReferenceStore {
    private var keys: [Bytes: [KeyValue]] = [:]

    init(_ log: EventLog) {
        for entry in log.entries {
            for event in entry.events {
                var version = event.keyValue
                if event.kind == .delete { version.version = 0 }
                keys[version.key, default: []].append(version)
            }
        }
    }

    /// All keys at a revision, sorted.
    func contents(at revision: Revision) -> [KeyValue] {
        keys.values.compactMap { versions in
            versions.last { $0.modRevision <= revision }
        }
        .filter { $0.version > 0 }
        .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }
}
