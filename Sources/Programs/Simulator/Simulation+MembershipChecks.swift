internal import Primitives
internal import Raft

/// R7: memberships change one at a time, and majorities keep overlapping.
extension Simulation {
    /// A membership was appended to a member's log.
    mutating func observe(
        _ membership: Membership, at entry: Entry, _ slot: Int
    ) throws(RunFailure) {
        let known = machines[slot].shadow.memberships
        guard known.count >= 2 else { return }
        let before = known[known.count - 2].membership
        note(slot) { "membership at \(entry.index): \(describe(membership))" }
        noteKinds(of: membership, after: before)
        if !MembershipRules.quorumsIntersect(before, membership) {
            throw RunFailure(
                "R7",
                "member \(slot + 1) has \(describe(membership)) at \(entry.index) after "
                    + "\(describe(before)): they have majorities without a common member")
        }
        let raft = machines[slot].process!.member.raft
        guard raft.isLeader, entry.term == raft.term else { return }
        // Raft §6 and thesis §4.1: the one before must be committed.
        let committed = min(raft.commitIndex, entry.index.previous)
        if known[known.count - 2].index > committed {
            throw RunFailure(
                "R7",
                "leader \(slot + 1) added a membership at \(entry.index), but that at "
                    + "\(known[known.count - 2].index) is not committed")
        }
        // Ongaro, raft-dev 2015: and something of the leader's own term.
        if raft.term(at: committed) != entry.term {
            throw RunFailure(
                "R7",
                "leader \(slot + 1) added a membership at \(entry.index) before it committed "
                    + "anything in its term \(entry.term)")
        }
    }

    private mutating func noteKinds(of membership: Membership, after before: Membership) {
        for peer in membership.everyone where !before.everyone.contains(peer) {
            if membership.learners.contains(peer) { coverage.reach(.memberAdded) }
        }
        for peer in membership.voters where before.learners.contains(peer) {
            coverage.reach(.learnerPromoted)
        }
        for peer in before.voters where membership.learners.contains(peer) {
            coverage.reach(.memberDemoted)
        }
    }

    /// The membership in force is the latest in the log, also after a truncation.
    mutating func checkMembershipInForce(_ slot: Int) throws(RunFailure) {
        guard machines[slot].isRunning else { return }
        let inForce = machines[slot].process!.look { $0.raft.membership }
        let latest = machines[slot].shadow.membership
        if inForce != latest {
            throw RunFailure(
                "R7",
                "member \(slot + 1) goes by \(describe(inForce)), but its log says "
                    + describe(latest))
        }
    }
}

/// A membership in short: `{1 2 3}`, `{1 2 3 + learners 4}`, `{1 2 4 from 1 2 3}`.
func describe(_ membership: Membership) -> String {
    func list(_ peers: [PeerID]) -> String { peers.map { "\($0)" }.joined(separator: " ") }
    var text = "{" + list(membership.voters)
    if membership.isJoint { text += " from " + list(membership.outgoingVoters) }
    if !membership.learners.isEmpty { text += " + learners " + list(membership.learners) }
    if !membership.nextLearners.isEmpty { text += " + later " + list(membership.nextLearners) }
    return text + "}"
}
