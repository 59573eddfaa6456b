internal import MVCC
internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel

/// R4, R6, S1–S3: what members apply, and what they know after a restart.
extension Simulation {
    /// A member applied an entry.
    mutating func observe(_ applied: AppliedEntry, _ slot: Int) throws(RunFailure) {
        let index = applied.id.index
        guard let hash = machines[slot].shadow.hashes.hash(at: index) else {
            throw RunFailure("R4", "member \(slot + 1) applied \(applied.id), which it has not")
        }
        hashes.add(applied.outcomeHash)
        let isFirst = try truth.record(
            applied.id, prefixHash: hash, outcomeHash: applied.outcomeHash,
            revision: applied.revision, applied.outcome?.events ?? [], by: machines[slot].peer)
        if isFirst { try observeFirst(applied) }
        if let command = applied.command { noteCommand(command, applied, slot) }
    }

    private mutating func noteCommand(_ command: Command, _ applied: AppliedEntry, _ slot: Int) {
        guard trace.isOn else { return }
        note(slot) { "applies \(applied.id): \(describe(command)) → revision \(applied.revision)" }
    }

    /// The end of a turn: the state is where it should be.
    mutating func observeState(_ slot: Int, _ output: MemberOutput) throws(RunFailure) {
        let machine = machines[slot]
        guard machine.isRunning else { return }
        let old = machine.earlier
        let new = machine.position
        if new.term < old.term || new.appliedEntry.index < old.appliedEntry.index
            || new.revision < old.revision
        {
            throw RunFailure(
                "R6",
                "member \(slot + 1) went back: term \(old.term) to \(new.term), applied "
                    + "\(old.appliedEntry.index) to \(new.appliedEntry.index), "
                    + "revision \(old.revision) to \(new.revision)")
        }
        if new.appliedEntry.index > old.appliedEntry.index,
            let known = truth.revision(after: new.appliedEntry.index), known != new.revision
        {
            throw RunFailure(
                "S1",
                "member \(slot + 1) is at revision \(new.revision) after "
                    + "\(new.appliedEntry.index), others at \(known)")
        }
        if new.isLeader && !old.isLeader { noteOtherLeaders(slot) }
        hashes.add(new.term.rawValue << 32 ^ new.commitIndex.rawValue)
        hashes.add(new.appliedEntry.index.rawValue)
        for case .commit in output.jobs { try checkState(slot) }
        machine.turns += 1
        if machine.turns % 16 == 0, output.failure == nil {
            machine.process!.look { $0.checkInvariants() }
        }
    }

    /// Takes a hash of a member's whole state and compares it with others' at the same index.
    mutating func checkState(_ slot: Int, checker: String = "S1") throws(RunFailure) {
        guard machines[slot].isRunning else { return }
        try truth.record(
            stateHash: machines[slot].process!.look { $0.store.stateHash() },
            at: machines[slot].position.appliedEntry.index, by: machines[slot].peer,
            checker: checker)
        guard machines[slot].position.appliedEntry.index == truth.committed.last else { return }
        let found = machines[slot].process!.look { $0.store.leaseIDs }
        if found == leases.alive.keys.sorted() { return }
        throw RunFailure(
            "L1",
            "member \(slot + 1) has leases \(found), not \(leases.alive.keys.sorted()), after "
                + "\(machines[slot].position.appliedEntry)")
    }

    private mutating func noteOtherLeaders(_ slot: Int) {
        let others = machines.contains { $0.slot != slot && $0.isRunning && $0.position.isLeader }
        if others { coverage.reach(.twoLeadersAlive) }
    }

    /// A member has started: it must know what it promised, and have what was durable (R6, S2).
    mutating func observeStart(_ slot: Int) throws(RunFailure) {
        machines[slot].position = machines[slot].process!.look { $0.position }
        machines[slot].earlier = machines[slot].position
        let before = machines[slot].shadow
        let hadStarted = machines[slot].starts > 1
        let raft = machines[slot].process!.member.raft
        let promise = machines[slot].promise
        if raft.term < promise.voteTerm
            || (raft.term == promise.voteTerm && raft.votedFor != promise.votedFor)
        {
            throw RunFailure(
                "R6",
                "member \(slot + 1) voted for \(promise.votedFor) in term \(promise.voteTerm), but "
                    + "starts in term \(raft.term) with a vote for \(raft.votedFor)")
        }
        try resetShadow(slot)
        try appendToShadow(slot)
        machines[slot].shadow.isAllDurable()
        if hadStarted { try checkDurableLog(slot, before) }
        try checkDurableState(slot, promise)
    }

    /// Entries that were durable are there again.
    private mutating func checkDurableLog(
        _ slot: Int, _ before: ShadowLog
    ) throws(RunFailure) {
        let now = machines[slot].shadow
        if now.last.index < before.last.index { coverage.reach(.restartWithLostTail) }
        let durable = before.durable
        guard durable > now.hashes.first, let hash = before.hashes.hash(at: durable) else { return }
        if now.hashes.hash(at: durable) != hash {
            throw RunFailure(
                "R6",
                "member \(slot + 1) had its log durable up to \(durable), but starts with one "
                    + "that ends at \(now.last)")
        }
    }

    /// The backend is at one applied entry, with exactly the state that belongs to it.
    private mutating func checkDurableState(
        _ slot: Int, _ promise: Promise
    ) throws(RunFailure) {
        let applied = machines[slot].process!.member.store.appliedEntry
        let revision = machines[slot].process!.member.store.revision
        if applied.index < promise.durableApplied.index || revision < promise.durableRevision {
            throw RunFailure(
                "R6",
                "member \(slot + 1) had committed \(promise.durableApplied) at revision "
                    + "\(promise.durableRevision), but starts from \(applied) at \(revision)")
        }
        if applied == .zero { return }
        guard let known = truth.revision(after: applied.index) else {
            throw RunFailure("S2", "member \(slot + 1) starts from \(applied), not yet committed")
        }
        if revision != known {
            throw RunFailure(
                "S2",
                "member \(slot + 1) starts from \(applied) at revision \(revision), but that entry "
                    + "led to \(known)")
        }
        try checkState(slot, checker: "S2")
    }
}
