import Primitives
import Raft
import Testing

/// Changes of several members at once, Raft §6 and thesis §4.3.
@Suite struct `Joint consensus` {
    private func peers(_ numbers: UInt64...) -> [PeerID] { numbers.map { PeerID($0) } }

    /// 1, 2, 3 vote, 1 leads; 4 and 5 are learners that have caught up.
    private func prepared() -> RaftCluster {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        for id in [4, 5] as [UInt64] {
            cluster.add(PeerID(id))
            cluster.change(1, .addLearner(PeerID(id)))
            cluster.tickAll(3)
        }
        return cluster
    }

    private static let exchange: [MembershipStep] = [
        .addVoter(PeerID(4)), .addVoter(PeerID(5)), .remove(PeerID(2)), .remove(PeerID(3)),
    ]

    private func exchanging() -> RaftCluster {
        var cluster = prepared()
        cluster.step(1, .proposeMembership(MembershipChange(steps: Self.exchange)))
        return cluster
    }

    @Test func `several steps go through a joint membership, which the leader leaves by itself`() {
        var cluster = exchanging()
        let joint = cluster.node(1).membership
        #expect(joint.isJoint)
        #expect(joint.voters == peers(1, 4, 5) && joint.outgoingVoters == peers(1, 2, 3))
        cluster.tickAll(3)
        #expect(cluster.refusedChanges.isEmpty)
        for id in [1, 4, 5] as [UInt64] {
            #expect(cluster.node(id).membership == Membership(voters: peers(1, 4, 5)))
        }
        cluster.crash(2)
        cluster.crash(3)
        cluster.commit(1, "x")
        #expect(cluster.applied(1) == ["x"])
    }

    // Raft §6: "Agreement (for elections and entry commitment) requires separate majorities from
    // both the old and new configurations."
    @Test(arguments: [([2, 3], false), ([4, 5], false), ([2, 4], true), ([3, 5], true)]
        as [([UInt64], Bool)])
    func `a joint entry needs majorities of both lists`(
        _ reachable: [UInt64], _ isCommitted: Bool
    ) {
        var cluster = exchanging()
        let joint = cluster.log(1).last!.index.rawValue
        cluster.partition([1], from: [2, 3, 4, 5].filter { !reachable.contains($0) })
        cluster.stabilize()
        #expect((cluster.commitIndex(1) >= joint) == isCommitted)
    }

    @Test(arguments: [([2, 3], false), ([4, 5], false), ([2, 5], true), ([3, 4], true)]
        as [([UInt64], Bool)])
    func `a joint election needs majorities of both lists`(
        _ reachable: [UInt64], _ isElected: Bool
    ) {
        var cluster = exchanging()
        for id in 2...5 as ClosedRange<UInt64> { cluster.deliver(1, id) }
        cluster.drop()
        cluster.crash(1)
        cluster.restart(1)
        cluster.partition([1], from: [2, 3, 4, 5].filter { !reachable.contains($0) })
        cluster.elect(1)
        #expect(cluster.leaders == (isElected ? [1] : []))
    }

    // Raft §6: a leader elected meanwhile finishes what the old one began.
    @Test func `a new leader completes the change`() {
        var cluster = exchanging()
        for id in 2...5 as ClosedRange<UInt64> { cluster.deliver(1, id) }
        cluster.crash(1)
        cluster.drop()
        let leader = cluster.settle()
        #expect([2, 3, 4, 5].contains(leader) || leader == 0)
        cluster.restart(1)
        _ = cluster.settle()
        cluster.tickAll(60)
        for id in [1, 4, 5] as [UInt64] {
            #expect(cluster.node(id).membership == Membership(voters: peers(1, 4, 5)))
        }
    }

    // RELIABILITY B22: one that knew nothing of it takes it back.
    @Test func `a joint membership that nobody else has is taken back`() {
        var cluster = prepared()
        cluster.isolate(1)
        let before = cluster.node(2).membership
        cluster.step(1, .proposeMembership(MembershipChange(steps: Self.exchange)))
        #expect(cluster.node(1).membership.isJoint)
        cluster.elect(2)
        cluster.heal()
        cluster.tickAll(15)
        #expect(cluster.node(1).membership == before)
    }

    // RELIABILITY B21: the joint phase counts as a change under way.
    @Test func `no other change begins before the joint membership is left`() {
        var cluster = exchanging()
        cluster.change(1, .addLearner(PeerID(9)))
        #expect(cluster.refusedChanges.map(\.1) == [.membershipChangePending])
        // The joint entry is committed, but not the one that leaves it.
        cluster.deliver(1, 2)
        cluster.deliver(1, 4)
        cluster.deliver(2, 1)
        cluster.deliver(4, 1)
        #expect(!cluster.node(1).membership.isJoint)
        cluster.change(1, .addLearner(PeerID(9)))
        #expect(cluster.refusedChanges.count == 2)
        cluster.tickAll(3)
        cluster.change(1, .addLearner(PeerID(9)))
        #expect(cluster.refusedChanges.count == 2)
    }

    // Thesis §4.3: the same path may be taken for a single step.
    @Test func `a single step goes through a joint membership when asked to`() {
        var cluster = prepared()
        cluster.change(1, .addVoter(PeerID(4)), alwaysJoint: true)
        #expect(cluster.node(1).membership.isJoint)
        #expect(cluster.node(1).membership.outgoingVoters == peers(1, 2, 3))
        cluster.tickAll(3)
        #expect(cluster.node(1).membership.voters == peers(1, 2, 3, 4))
        #expect(!cluster.node(1).membership.isJoint)
    }

    // A voter that is demoted keeps its vote until the joint phase is over.
    @Test func `a demoted voter becomes a learner when the joint phase ends`() {
        var cluster = prepared()
        cluster.change(1, .addVoter(PeerID(4)), .demote(PeerID(3)))
        let joint = cluster.node(1).membership
        #expect(joint.nextLearners == peers(3) && !joint.learners.contains(PeerID(3)))
        #expect(joint.isVoter(PeerID(3)))
        cluster.tickAll(3)
        let final = cluster.node(1).membership
        #expect(final.voters == peers(1, 2, 4) && final.learners == peers(3, 5))
        cluster.commit(1, "x")
        cluster.tickAll(2)
        #expect(cluster.applied(3) == ["x"])
    }

    // RELIABILITY B24: Raft §6: "the leader steps down … once it has committed the C_new log
    // entry".
    @Test func `a leader that is not in the new membership leads until it is committed`() {
        var cluster = prepared()
        cluster.change(1, .addVoter(PeerID(4)), .addVoter(PeerID(5)), .remove(PeerID(1)))
        #expect(cluster.leaders == [1])
        cluster.tickAll(3)
        #expect(!cluster.node(1).isLeader)
        let leader = cluster.settle()
        #expect([2, 3, 4, 5].contains(leader))
        #expect(cluster.node(leader).membership == Membership(voters: peers(2, 3, 4, 5)))
    }

    @Test func `a joint membership survives a crash of everybody`() {
        var cluster = exchanging()
        for id in 2...5 as ClosedRange<UInt64> { cluster.deliver(1, id) }
        for id in 1...5 as ClosedRange<UInt64> {
            cluster.crash(id)
            cluster.restart(id)
            #expect(cluster.node(id).membership.isJoint)
        }
        let leader = cluster.settle()
        #expect(leader != 0)
        cluster.tickAll(60)
        #expect(cluster.node(1).membership == Membership(voters: peers(1, 4, 5)))
    }

    @Test func `reads in a joint phase ask both majorities`() {
        var cluster = exchanging()
        for id in [2, 4] as [UInt64] {
            cluster.deliver(1, id)
            cluster.deliver(id, 1)
        }
        // The joint membership has been left in 1's log, so the new list decides.
        cluster.drop()
        cluster.partition([1], from: [2, 3, 5])
        cluster.read(1, 1)
        cluster.stabilize()
        #expect(cluster.permitted(1, 1) != nil)

        var joint = exchanging()
        joint.partition([1], from: [2, 3])
        joint.read(1, 1)
        joint.stabilize()
        #expect(joint.permitted(1, 1) == nil)
        joint.heal()
        joint.tickAll(3)
        #expect(joint.permitted(1, 1) != nil || joint.refusedReads.count == 1)
    }
}
