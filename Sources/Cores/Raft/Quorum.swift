internal import Primitives

/// Majorities of a membership; while it is joint both voter lists must agree (Raft §6).
struct Quorum {
    private let membership: Membership
    private let mutation: Mutation?

    init(of membership: Membership, mutation: Mutation?) {
        self.membership = membership
        self.mutation = mutation
    }

    /// How many of `count` voters are enough.
    private func size(_ count: Int) -> Int {
        if mutation.isActive(.quorumOfHalf), count % 2 == 0 { return max(1, count / 2) }
        return count / 2 + 1
    }

    /// Whether the members for which `has` holds are enough to decide.
    func isReached(_ has: (PeerID) -> Bool) -> Bool {
        guard !membership.voters.isEmpty else { return false }
        return isReached(membership.voters, has)
            && (membership.outgoingVoters.isEmpty || isReached(membership.outgoingVoters, has))
    }

    private func isReached(_ voters: [PeerID], _ has: (PeerID) -> Bool) -> Bool {
        var count = 0
        for voter in voters where has(voter) { count += 1 }
        return count >= size(voters.count)
    }

    /// Whether so many have refused that the others are not enough.
    func isLost(_ refused: (PeerID) -> Bool) -> Bool {
        !isReached { !refused($0) }
    }

    /// The highest value that enough voters have reached.
    func highest<Value: Comparable>(_ value: (PeerID) -> Value, none: Value) -> Value {
        guard !membership.voters.isEmpty else { return none }
        let incoming = highest(membership.voters, value)
        guard !membership.outgoingVoters.isEmpty else { return incoming }
        return min(incoming, highest(membership.outgoingVoters, value))
    }

    private func highest<Value: Comparable>(
        _ voters: [PeerID], _ value: (PeerID) -> Value
    ) -> Value {
        if voters.count == 1 { return value(voters[0]) }
        let sorted = voters.map(value).sorted()
        return sorted[voters.count - size(voters.count)]
    }
}
