internal import Primitives

/// What must hold between steps; the simulator asks after each.
extension RaftNode {
    /// Stops the process if the node contradicts itself. A build with a deliberate bug is left to
    /// the checkers that look at the whole cluster.
    package func checkInvariants() {
        guard configuration.mutation == nil else { return }
        invariant(
            commitIndex <= log.lastIndex,
            "commit \(commitIndex) beyond the end \(log.lastIndex)")
        invariant(
            log.base.index <= handedOut,
            "forgotten through \(log.base.index), handed out only \(handedOut)")
        invariant(
            handedOut <= min(commitIndex, persistence.stableIndex),
            "handed out \(handedOut), committed \(commitIndex), durable \(stableIndex)")
        invariant(
            persistence.stableIndex <= log.lastIndex,
            "durable \(stableIndex) beyond the end \(log.lastIndex)")
        invariant(term >= log.lastEntry.term, "term \(term) below the log's \(log.lastEntry)")
        invariant(!memberships.isEmpty, "no membership")
        for (earlier, later) in zip(memberships, memberships.dropFirst()) {
            invariant(
                earlier.index < later.index && later.index <= log.lastIndex,
                "membership at \(later.index) after \(earlier.index) of \(log.lastIndex)")
        }
        invariant(
            membership.learners.allSatisfy { !membership.isVoter($0) },
            "a learner has a vote in \(membership)")
        checkLeadership()
    }

    private func checkLeadership() {
        guard case .leader(let leadership) = role else { return }
        invariant(leader == id, "\(id) leads term \(term), but follows \(leader)")
        let peers = leadership.progress.map(\.peer)
        invariant(
            peers == membership.everyone.filter { $0 != id },
            "progress of \(peers) for \(membership)")
        for progress in leadership.progress {
            // etcd's raft #149 had it the other way round after a snapshot.
            invariant(
                progress.nextIndex > progress.matchIndex,
                "\(progress.peer): next \(progress.nextIndex), match \(progress.matchIndex)")
            invariant(
                progress.matchIndex <= log.lastIndex
                    && progress.nextIndex <= log.lastIndex.next,
                "\(progress.peer): match \(progress.matchIndex), next \(progress.nextIndex), "
                    + "the log ends at \(log.lastIndex)")
        }
        invariant(leadership.uncommittedBytes >= 0, "\(leadership.uncommittedBytes) uncommitted")
    }
}
