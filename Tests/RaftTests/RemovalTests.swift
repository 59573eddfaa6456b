import Primitives
import Raft
import Testing

/// Removing members: the leader itself (thesis §4.2.2) and disruptive servers (§4.2.3).
@Suite struct `Removed members` {
    private func ledCluster(_ voters: Int = 3) -> RaftCluster {
        var cluster = RaftCluster(voters: voters)
        cluster.elect(1)
        cluster.commit(1, "a")
        cluster.tickAll(2)
        return cluster
    }

    // RELIABILITY B24: thesis §4.2.2: "a leader that is removed … manages a cluster that does not
    // include itself; it replicates log entries but does not count itself in majorities".
    @Test func `a leader being removed does not count itself`() {
        var cluster = ledCluster()
        cluster.network.held = [Link(1, 3)]
        cluster.change(1, .remove(PeerID(1)))
        cluster.stabilize()
        #expect(cluster.commitIndex(1) == 2, "its own copy and one of two are no majority")
        #expect(cluster.leaders == [1])
        cluster.deliver(1, 3)
        cluster.stabilize()
        #expect(cluster.commitIndex(1) == 3)
    }

    // RELIABILITY B24: it steps down "once C_new is committed".
    @Test func `a removed leader steps down once its removal is committed`() {
        var cluster = ledCluster()
        cluster.change(1, .remove(PeerID(1)))
        #expect(cluster.leaders == [1])
        cluster.stabilize()
        #expect(!cluster.node(1).isLeader)
        #expect(cluster.events(of: 1).contains(.removedFromMembership))
        let leader = cluster.settle()
        #expect(leader == 2 || leader == 3)
        cluster.commit(leader, "b")
        #expect(cluster.applied(leader) == ["a", "b"])
        #expect(cluster.node(leader).membership.voters == [PeerID(2), PeerID(3)])
        // It never leads again, and disturbs nobody.
        let term = cluster.term(leader)
        cluster.tickAll(100)
        #expect(cluster.leaders == [leader] && cluster.term(leader) == term)
    }

    // RELIABILITY B24: also when the vote alone is taken away.
    @Test func `a leader that is demoted steps down and goes on as a learner`() {
        var cluster = ledCluster()
        cluster.change(1, .demote(PeerID(1)))
        cluster.stabilize()
        #expect(!cluster.node(1).isLeader)
        let leader = cluster.settle()
        #expect(leader == 2 || leader == 3)
        cluster.commit(leader, "b")
        cluster.tickAll(2)
        #expect(cluster.applied(1) == ["a", "b"])
        #expect(cluster.node(1).membership.learners == [PeerID(1)])
    }

    // Thesis §4.2.2 and figure 4.6: "a server that is not part of its own latest configuration
    // should still start new elections, as it might still be needed until the C_new entry is
    // committed. It does not count its own vote". Here 2 cannot win without 1, whose log is longer.
    @Test(arguments: [MembershipStep.remove(PeerID(1)), .demote(PeerID(1))])
    func `a leader whose own removal is not committed may be needed once more`(
        _ step: MembershipStep
    ) {
        var cluster = RaftCluster(voters: 2)
        cluster.elect(1)
        cluster.commit(1, "a")
        cluster.tickAll(2)
        cluster.isolate(1)
        cluster.change(1, step)
        cluster.crash(1)
        cluster.restart(1)
        // Alone it gets nowhere: its own vote does not count.
        cluster.tick(1, 100)
        #expect(cluster.leaders.isEmpty)
        cluster.heal()
        let leader = cluster.settle()
        cluster.tickAll(60)
        #expect(leader != 0 && cluster.leaders == [2])
        #expect(cluster.node(2).membership.voters == [PeerID(2)])
        cluster.commit(2, "b")
        #expect(cluster.applied(2) == ["a", "b"])
    }

    // Raft §6: the leader's removal must not leave its followers without the news of its commit.
    @Test func `the last two part in peace`() {
        var cluster = RaftCluster(voters: 2)
        cluster.elect(1)
        cluster.change(1, .remove(PeerID(1)))
        cluster.stabilize()
        let leader = cluster.settle()
        #expect(leader == 2)
        cluster.commit(2, "alone")
        #expect(cluster.applied(2) == ["alone"])
    }

    @Test func `of two members one can be removed although it is gone`() {
        var cluster = RaftCluster(voters: 2)
        cluster.elect(1)
        cluster.tickAll(1)
        cluster.crash(2)
        cluster.change(1, .remove(PeerID(2)))
        cluster.stabilize()
        // Thesis §4.1: the new membership's majority decides, and that is 1 alone.
        #expect(cluster.commitIndex(1) == 2)
        cluster.tickAll(100)
        #expect(cluster.leaders == [1])
    }

    @Test func `a removed follower is told and falls silent`() {
        var cluster = ledCluster()
        cluster.change(1, .remove(PeerID(3)))
        // At the latest when it misses the leader and asks the others.
        cluster.tickAll(60)
        #expect(cluster.events(of: 3).contains(.removedFromMembership))
        cluster.tick(3, 100)
        #expect(cluster.messages(3).allSatisfy { !$0.isVote })
        #expect(cluster.term(3) == cluster.term(1))
    }

    // RELIABILITY B17: thesis §4.2.3, a server that does not know of its removal.
    @Test func `a removed member that does not know it disrupts nobody`() {
        var cluster = ledCluster()
        cluster.network.blocked = [Link(1, 3), Link(2, 3)]
        cluster.change(1, .remove(PeerID(3)))
        cluster.tickAll(300)
        #expect(cluster.leaders == [1])
        #expect(cluster.term(1) == cluster.term(2) && cluster.term(1) == 1)
        // Even one that has begun a term of its own, as a version without pre-votes would.
        let last = cluster.node(1).lastEntry
        for voter in [1, 2] as [UInt64] {
            #expect(cluster.grants(voter, to: 3, term: 9, last: last) != true)
            #expect(cluster.term(voter) == 1)
        }
        // Whom nobody told before, it is told when it asks.
        cluster.heal()
        cluster.tickAll(60)
        #expect(cluster.leaders == [1] && cluster.term(1) == 1)
    }

    @Test func `a removed member's answers count for nothing`() {
        var cluster = ledCluster(4)
        cluster.change(1, .remove(PeerID(4)))
        cluster.tickAll(2)
        cluster.crash(2)
        cluster.network.blocked = [Link(3, 1)]
        let before = cluster.commitIndex(1)
        cluster.propose(1, "x")
        let end = cluster.log(1).last!.index
        cluster.stabilize()
        cluster.answer(of: 1, to: 4, term: 1, .appendResponse(.accepted(matchIndex: end)))
        #expect(cluster.commitIndex(1) == before)
        // Nor does it get any more of the log.
        cluster.tick(1, 3)
        #expect(cluster.messages(1, 4).flatMap(\.entries).isEmpty)
    }

    // RELIABILITY B25: whoever lost its disk comes back under a new name: its old one may have
    // voted. Under the new one it starts without a vote.
    @Test func `a replacement joins under its own name and without a vote`() {
        var cluster = ledCluster()
        cluster.crash(3)
        cluster.change(1, .remove(PeerID(3)))
        cluster.tickAll(2)
        cluster.add(PeerID(4))
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.tickAll(5)
        cluster.crash(1)
        cluster.tick(4, 100)
        #expect(cluster.role(4) == .follower)
        cluster.restart(1)
        cluster.heal()
        let leader = cluster.settle()
        cluster.change(leader, .addVoter(PeerID(4)))
        cluster.tickAll(5)
        #expect(cluster.node(4).membership.voters == [PeerID(1), PeerID(2), PeerID(4)])
    }
}
