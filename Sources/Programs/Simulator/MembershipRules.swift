internal import Primitives
internal import Raft

/// What holds for memberships that follow one another in a log (R7).
enum MembershipRules {
    /// Whether `peers` decide alone: a majority of the voters, and while joint of both lists.
    static func isQuorum(_ peers: [PeerID], of membership: Membership) -> Bool {
        func isMajority(of voters: [PeerID]) -> Bool {
            2 * voters.count { peers.contains($0) } > voters.count
        }
        if membership.isJoint && !isMajority(of: membership.outgoingVoters) { return false }
        return isMajority(of: membership.voters)
    }

    /// Whether any quorum of one has a member in common with any quorum of the other.
    static func quorumsIntersect(_ one: Membership, _ other: Membership) -> Bool {
        let everyone = one.voters + one.outgoingVoters + other.voters + other.outgoingVoters
        let peers = Set(everyone).sorted()
        guard peers.count <= 16 else { return true }
        for mask in 0..<(1 << peers.count) {
            let inside = peers.indices.filter { mask >> $0 & 1 == 1 }.map { peers[$0] }
            guard isQuorum(inside, of: one) else { continue }
            let outside = peers.indices.filter { mask >> $0 & 1 == 0 }.map { peers[$0] }
            if isQuorum(outside, of: other) { return false }
        }
        return true
    }
}
