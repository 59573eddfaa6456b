internal import Primitives

/// The leader's side of replication (Raft §5.3).
extension RaftNode {
    mutating func sendAppends(evenIfEmpty: Bool) {
        for position in leadership.progress.indices {
            sendAppend(position, evenIfEmpty: evenIfEmpty)
        }
    }

    /// Sends a member what it lacks, as far as the limits allow.
    mutating func sendAppend(_ position: Int, evenIfEmpty: Bool) {
        var mayBeEmpty = evenIfEmpty
        while true {
            let progress = leadership.progress[position]
            guard !progress.isPaused(configuration) else { return }
            let previousIndex = progress.nextIndex.previous
            guard let previousTerm = log.term(at: previousIndex) else {
                startSnapshot(position)
                return
            }
            let entries = log.entries(
                from: progress.nextIndex, limitBytes: configuration.appendBytesMax)
            guard !entries.isEmpty || mayBeEmpty else { return }
            mayBeEmpty = false
            note(entries, sentTo: position)
            let request = AppendRequest(
                previous: EntryID(index: previousIndex, term: previousTerm), entries: entries,
                commitIndex: commitIndex)
            send(.append(request), to: progress.peer)
            guard !entries.isEmpty, progress.state == .replicate else { return }
        }
    }

    private mutating func note(_ entries: [Entry], sentTo position: Int) {
        let bytes = entries.reduce(0) { $0 + $1.sizeBytes }
        modifyProgress(position) { progress in
            switch progress.state {
            case .probe: progress.state = .probe(isWaiting: true)
            case .replicate:
                guard let last = entries.last else { return }
                progress.nextIndex = last.index.next
                progress.sent(through: last.index, bytes: bytes)
            case .snapshot: break
            }
        }
    }

    mutating func receive(_ response: AppendResponse, from peer: PeerID) {
        guard isLeader, let position = leadership.position(of: peer) else { return }
        leadership.progress[position].isActive = true
        switch response {
        case .accepted(let matchIndex): accepted(position, matchIndex)
        case .rejected(let previousIndex, let hint): rejected(position, previousIndex, hint)
        }
    }

    private mutating func accepted(_ position: Int, _ matchIndex: LogIndex) {
        // What this leader does not have it cannot have sent in this term.
        guard matchIndex <= log.lastIndex else { return }
        let base = log.base.index
        var isNew = false
        modifyProgress(position) { progress in
            isNew = progress.acknowledge(matchIndex)
            switch progress.state {
            case .probe where isNew || progress.matchIndex == matchIndex:
                progress.becomeReplicate()
            case .snapshot where progress.matchIndex >= base: progress.becomeReplicate()
            case .probe, .replicate, .snapshot: break
            }
        }
        if isNew { advanceCommit() }
        guard isLeader, position < leadership.progress.count else { return }
        sendAppend(position, evenIfEmpty: false)
        transferIfCaughtUp(position)
    }

    private mutating func rejected(
        _ position: Int, _ previousIndex: LogIndex, _ hint: EntryID
    ) {
        guard previousIndex > .zero else { return }
        let progress = leadership.progress[position]
        switch progress.state {
        case .replicate:
            // An answer to an append of long ago says nothing about now.
            guard previousIndex > progress.matchIndex else { return }
            modifyProgress(position) { $0.becomeProbe() }
        case .probe:
            guard progress.nextIndex.previous == previousIndex else { return }
        case .snapshot: return
        }
        let agreed = log.lastEntry(
            atOrBefore: min(hint.index, previousIndex.previous), termAtMost: hint.term)
        modifyProgress(position) { progress in
            progress.state = .probe(isWaiting: false)
            // Behind the base lies what is forgotten: there only an image helps.
            let next =
                hint.index < agreed.index ? hint.index.next : agreed.index.next
            progress.nextIndex = max(progress.matchIndex.next, min(next, previousIndex))
        }
        sendAppend(position, evenIfEmpty: true)
    }

    /// Commits what enough members have (Raft §5.3), but only by an entry of this leader's own
    /// term: earlier ones are committed with it (§5.4.2, figure 8).
    mutating func advanceCommit() {
        let leadership = leadership
        let own = ownMatchIndex
        let quorum = Quorum(of: membership, mutation: configuration.mutation)
        let index: LogIndex = quorum.highest(
            { peer in
                if peer == id { return own }
                guard let position = leadership.position(of: peer) else { return .zero }
                return leadership.progress[position].matchIndex
            }, none: .zero)
        guard index > commitIndex else { return }
        guard
            log.term(at: index) == term
                || configuration.mutation.isActive(.commitsPriorTermByCount)
        else { return }
        let committed = log.entries(from: commitIndex.next, through: index)
        self.leadership.uncommittedBytes -= committed.reduce(0) { $0 + $1.sizeBytes }
        let wasEarly = !hasCommittedInTerm
        commit(through: index)
        if wasEarly { admitEarlyReads() }
        sendAppends(evenIfEmpty: true)
        continueMembershipChange()
    }

    /// What the leader itself counts for: only what is durable here.
    private var ownMatchIndex: LogIndex {
        configuration.mutation.isActive(.acknowledgesAppendBeforeSync)
            ? log.lastIndex : persistence.stableIndex
    }

    mutating func lostContact(with peer: PeerID) {
        guard isLeader, let position = leadership.position(of: peer) else { return }
        modifyProgress(position) { progress in
            if progress.state == .replicate { progress.becomeProbe() }
        }
    }
}
