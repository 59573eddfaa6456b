import Primitives
import Testing

@testable import Raft

/// The majority rule against a computation by brute force (`BruteForce`), on random memberships.
@Suite struct `Quorums` {
    /// A membership of up to seven voters, joint in half of the cases, with a few learners.
    private func randomMembership(_ random: inout SplitMix64) -> Membership {
        func draw(atLeast least: Int, of peers: ClosedRange<UInt64>) -> [PeerID] {
            var pool = peers.map { PeerID($0) }
            pool.shuffle(using: &random)
            return Array(pool.prefix(least + random.below(pool.count - least + 1)))
        }
        let isJoint = random.chance(0.5)
        return Membership(
            voters: draw(atLeast: 1, of: 1...7),
            outgoingVoters: isJoint ? draw(atLeast: 1, of: 1...9) : [],
            learners: draw(atLeast: 0, of: 10...12))
    }

    /// The highest index that a quorum has reached, by trying each.
    private func committed(_ membership: Membership, _ match: [PeerID: LogIndex]) -> LogIndex {
        match.values.filter { index in
            BruteForce.isQuorum(of: membership) { match[$0]! >= index }
        }.max() ?? .zero
    }

    // RELIABILITY B8: openraft #1802, a commit index without a real quorum.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the index that a quorum has reached is what brute force finds`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<250 {
            let membership = randomMembership(&random)
            // Few different indexes, so that equal ones are common.
            let spread = 1 + random.below(9)
            var match: [PeerID: LogIndex] = [:]
            for peer in membership.everyone {
                match[peer] = LogIndex(UInt64(random.below(spread)))
            }
            let found = Quorum(of: membership, mutation: nil)
                .highest({ match[$0]! }, none: .zero)
            #expect(found == committed(membership, match), "\(membership.line) \(match)")
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a quorum is reached or lost when brute force says so`(_ seed: UInt64) {
        var random = SplitMix64(seed: 1_000 + seed)
        for _ in 0..<250 {
            let membership = randomMembership(&random)
            let chosen = Set(membership.everyone.filter { _ in random.chance(0.6) })
            let quorum = Quorum(of: membership, mutation: nil)
            let expected = BruteForce.isQuorum(of: membership, chosen.contains)
            #expect(quorum.isReached(chosen.contains) == expected, "\(membership.line) \(chosen)")
            #expect(quorum.isLost { !chosen.contains($0) } == !expected)
        }
    }

    @Test func `nobody decides for a membership without voters`() {
        let quorum = Quorum(of: Membership(voters: []), mutation: nil)
        #expect(!quorum.isReached { _ in true })
        #expect(quorum.highest({ _ in LogIndex(5) }, none: .zero) == .zero)
    }

    // Any two quorums of one membership share a member: the ground on which all else stands.
    @Test(arguments: 1...7)
    func `two quorums always share a member`(_ count: Int) {
        let voters = (1...UInt64(count)).map { PeerID($0) }
        let quorum = Quorum(of: Membership(voters: voters), mutation: nil)
        func isIn(_ subset: Int) -> (PeerID) -> Bool {
            { subset >> (Int($0.rawValue) - 1) & 1 == 1 }
        }
        let subsets = 0..<(1 << count)
        let deciding = subsets.filter { quorum.isReached(isIn($0)) }
        #expect(deciding.allSatisfy { one in deciding.allSatisfy { one & $0 != 0 } })
        // And no smaller set would do: taking away one member of a minimal quorum loses it.
        #expect(deciding.map(\.nonzeroBitCount).min() == count / 2 + 1)
    }

    // RELIABILITY B8: the deliberate bug, to show that the comparison tells.
    @Test func `half of an even number of voters is not accepted for a majority`() {
        let membership = Membership(voters: (1...4).map { PeerID($0) })
        let half: (PeerID) -> Bool = { $0 <= PeerID(2) }
        #expect(!Quorum(of: membership, mutation: nil).isReached(half))
        #if SIMULATION
        #expect(Quorum(of: membership, mutation: .quorumOfHalf).isReached(half))
        #endif
    }
}
