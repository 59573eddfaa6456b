internal import Primitives

/// The follower's side of replication (Raft §5.3).
extension RaftNode {
    mutating func receive(_ request: AppendRequest, from peer: PeerID) {
        let previous = request.previous
        guard previous.index >= commitIndex else {
            // Everything committed agrees with every later leader.
            sendWhenDurable(.appendResponse(.accepted(matchIndex: commitIndex)), to: peer)
            return
        }
        guard log.term(at: previous.index) == previous.term else {
            let hint = log.lastEntry(atOrBefore: previous.index, termAtMost: previous.term)
            sendWhenTermIsDurable(
                .appendResponse(.rejected(previousIndex: previous.index, hint: hint)), to: peer)
            return
        }
        store(request.entries)
        let verified = LogIndex(previous.index.rawValue + UInt64(request.entries.count))
        // Behind the verified part there may be entries that the leader does not have.
        let mayCommit =
            configuration.mutation.isActive(.commitsUnverifiedEntries) ? log.lastIndex : verified
        commit(through: min(request.commitIndex, mayCommit))
        let response = Message.Body.appendResponse(.accepted(matchIndex: verified))
        if configuration.mutation.isActive(.acknowledgesAppendBeforeSync) {
            send(response, to: peer)
        } else {
            sendWhenDurable(response, to: peer)
        }
    }

    /// Takes entries over. Those that the log has already are passed over: an append may be old,
    /// and what follows in the log acknowledged since. Only a conflict cuts the log.
    private mutating func store(_ entries: [Entry]) {
        var position = 0
        if !configuration.mutation.isActive(.truncatesOnEveryAppend) {
            while position < entries.count,
                log.term(at: entries[position].index) == entries[position].term
            {
                position += 1
            }
        }
        guard position < entries.count else { return }
        let first = entries[position].index
        if first <= log.lastIndex { truncate(from: first) }
        for entry in entries[position...] {
            log.append(entry)
            if case .membership(let membership, _) = entry.payload {
                adopt(membership, at: entry.index)
            }
        }
    }

    private mutating func truncate(from index: LogIndex) {
        guard index > commitIndex else {
            // Raft §5.4.3 forbids it; a deliberate bug elsewhere is for the checkers to find.
            let isPossible = configuration.mutation != nil
            invariant(isPossible, "entry \(index) is replaced, but \(commitIndex) is committed")
            commitIndex = min(commitIndex, max(index.previous, log.base.index))
            handedOut = min(handedOut, commitIndex)
            guard index >= log.firstIndex else { return }
            cut(from: index)
            return
        }
        cut(from: index)
    }

    private mutating func cut(from index: LogIndex) {
        log.truncate(from: index)
        persistence.truncated(
            from: index, keepsStale: configuration.mutation.isActive(.acceptsStalePersistence))
        output.events.append(.truncatedLog(from: index))
        guard !configuration.mutation.isActive(.keepsMembershipAfterTruncation) else { return }
        // Raft §6: the latest membership in the log is in force, so it goes with its entry.
        var isRolledBack = false
        while memberships.count > 1, memberships[memberships.count - 1].index >= index {
            memberships.removeLast()
            isRolledBack = true
        }
        if isRolledBack {
            output.events.append(.membershipChanged(membership, at: membershipIndex))
        }
    }
}
