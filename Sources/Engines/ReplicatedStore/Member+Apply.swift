internal import MVCC
internal import Primitives
internal import Raft
internal import StoreModel

/// Applying committed entries and answering those who wait for them.
extension Member {
    /// Applies entries that are committed and durable here, in order. After a restart Raft hands
    /// out entries again that the backend already includes: those are passed over.
    mutating func apply(_ entries: [Entry]) {
        guard !snapshots.isInstalling else {
            snapshots.committedMeanwhile += entries
            return
        }
        for entry in entries where entry.index > store.appliedIndex {
            invariant(
                entry.index == store.appliedIndex.next,
                "entry \(entry.index) applied after \(store.appliedIndex)")
            apply(entry)
        }
        isCompacting = store.isCompacting
    }

    private mutating func apply(_ entry: Entry) {
        switch entry.payload {
        case .noOp:
            store.skip(to: entry.index, term: entry.term)
            record(entry, nil, nil)
            if entry.term == raft.term, raft.isLeader { becomePrimary() }
        case .command(let bytes):
            apply(decode(bytes, entry), entry)
        case .membership(let membership, let context):
            store.membershipRecord = membership.encoded()
            if context.isEmpty {
                store.skip(to: entry.index, term: entry.term)
                record(entry, nil, nil)
            } else {
                apply(decode(context, entry), entry)
            }
        }
    }

    /// Every member must read an entry alike, so bytes that are no proposal are our bug.
    private func decode(_ bytes: Bytes, _ entry: Entry) -> Proposal {
        do {
            return try Proposal(decoding: bytes)
        } catch {
            invariantBroken("entry \(entry.index) is no proposal: \(error)")
        }
    }

    private mutating func apply(_ proposal: Proposal, _ entry: Entry) {
        store.recordsPreviousVersions = hub.wantsPreviousVersions
        let outcome = store.apply(proposal.command, at: entry.index, term: entry.term)
        record(entry, proposal.command, outcome)
        if !outcome.events.isEmpty {
            hub.publish(outcome.events, revision: outcome.revision, into: &output.deliveries)
        }
        follow(proposal.command, outcome)
        guard proposal.origin == id, proposal.requestNumber != 0,
            let request = pending.take(proposal.requestNumber)
        else { return }
        answer(request, outcome)
    }

    /// Answers the request that proposed the entry.
    private mutating func answer(_ request: PendingRequest, _ outcome: ApplyOutcome) {
        switch (request.kind, outcome.result) {
        case (.command, .success(let response)):
            respond(request.requestID, .success(.command(response)))
        case (.membershipChange, .success):
            respond(request.requestID, .success(.members(memberList())))
        case (.checkpointClear(let renewal), .success):
            renew(renewal)
        case (.checkpointClear(let renewal), .failure):
            refuse(renewal, .leaderChanged)
        case (_, .failure(let error)):
            respond(request.requestID, .failure(.store(error)))
        }
    }

    /// Tells the simulator's checkers what was applied and what came of it.
    private mutating func record(
        _ entry: Entry, _ command: Command?, _ outcome: ApplyOutcome?
    ) {
        #if SIMULATION
        var hasher = StableHasher()
        hasher.combine(entry.index.rawValue)
        hasher.combine(entry.term.rawValue)
        switch entry.payload {
        case .noOp: hasher.combine(UInt64(0))
        case .command(let bytes): hasher.combine(bytes)
        case .membership(let membership, let context):
            hasher.combine(membership.encoded())
            hasher.combine(context)
        }
        if let outcome { outcome.hash(into: &hasher) }
        output.applied.append(
            AppliedEntry(
                id: EntryID(index: entry.index, term: entry.term), command: command,
                outcome: outcome, outcomeHash: hasher.value, revision: store.revision))
        #endif
    }
}
