import Primitives
import Raft
import Testing

/// Linearizable reads through read indexes, thesis §6.4. The ledger objects to any permit below
/// what was committed anywhere when the read was asked for.
@Suite struct `Reads` {
    private func ledCluster(_ voters: Int = 3) -> RaftCluster {
        var cluster = RaftCluster(voters: voters)
        cluster.elect(1)
        cluster.commit(1, "a", "b")
        cluster.tickAll(2)
        return cluster
    }

    // Thesis §6.4: "the leader needs to make sure it has not been superseded … it issues a new
    // round of heartbeats and waits for their acknowledgments from a majority".
    @Test func `a leader confirms a read with a majority`() {
        var cluster = ledCluster(5)
        cluster.read(1, 1)
        #expect(cluster.permitted(1, 1) == nil)
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        #expect(cluster.permitted(1, 1) == nil, "two of five are no majority")
        cluster.deliver(1, 3)
        cluster.deliver(3, 1)
        #expect(cluster.permitted(1, 1) == 3)
    }

    @Test func `a single member confirms at once`() {
        var cluster = ledCluster(1)
        cluster.read(1, 1)
        #expect(cluster.permitted(1, 1) == 3)
    }

    // RELIABILITY B26: Jepsen on etcd 0.4.1, a deposed leader answered from its own state.
    @Test func `a deposed leader confirms nothing`() {
        var cluster = ledCluster()
        cluster.isolate(1)
        cluster.elect(2)
        cluster.commit(2, "new")
        #expect(cluster.leaders.contains(2))
        cluster.read(1, 1)
        cluster.tickAll(5)
        #expect(cluster.permitted(1, 1) == nil)
        cluster.tickAll(40)
        #expect(cluster.permitted(1, 1) == nil)
        // In the end it knows that it cannot, and says so.
        #expect(cluster.refusedReads == [ReadRequestID(peer: PeerID(1), number: 1)])
    }

    // RELIABILITY B27: thesis §6.4: "If the leader has not yet marked an entry from its current
    // term committed, it waits until it has done so."
    @Test func `a new leader confirms nothing before it has committed in its term`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.network.blocked = [Link(1, 3)]
        cluster.commit(1, "x")
        #expect(cluster.applied(1) == ["x"])
        // 2 has x, but does not know that it is committed.
        #expect(cluster.commitIndex(2) <= 2)
        cluster.crash(1)
        cluster.heal()
        cluster.drop()
        cluster.tick(3, 10)
        cluster.drop()
        cluster.tick(2, 10)
        cluster.drop()
        cluster.campaign(2)
        cluster.deliverElection()
        #expect(cluster.leaders == [2] && !cluster.node(2).hasCommittedInTerm)
        cluster.read(2, 1)
        // Heartbeats come and go, the opening entry does not.
        for _ in 0..<3 {
            cluster.tick(2, 1)
            cluster.drop { !$0.entries.isEmpty }
            cluster.deliver()
            cluster.drop { !$0.entries.isEmpty }
            cluster.deliver()
        }
        #expect(cluster.permitted(2, 1) == nil)
        cluster.tickAll(5)
        if let index = cluster.permitted(2, 1) { #expect(index >= 3) }
        cluster.read(2, 2)
        cluster.tickAll(2)
        #expect(cluster.permitted(2, 2) == 3)
    }

    // RELIABILITY B28: answers to an earlier round must not confirm a later read.
    @Test func `acknowledgements sent before a read was asked for do not confirm it`() {
        var cluster = ledCluster()
        cluster.read(1, 1)
        cluster.deliver(1, 2)
        cluster.deliver(1, 3)
        // The answers stay under way while the leader is cut off and replaced.
        let answers = cluster.network.take { $0.to == PeerID(1) }
        cluster.isolate(1)
        cluster.elect(2)
        cluster.commit(2, "new")
        cluster.read(1, 2)
        for message in answers + answers { cluster.hand(over: message) }
        #expect(cluster.permitted(1, 2) == nil)
    }

    @Test func `heartbeats of other occasions do not confirm a read`() {
        var cluster = ledCluster()
        cluster.tick(1, 1)
        cluster.deliver(1, 2)
        cluster.deliver(1, 3)
        let answers = cluster.network.take { $0.to == PeerID(1) }
        #expect(!answers.isEmpty)
        cluster.read(1, 1)
        for message in answers { cluster.hand(over: message) }
        #expect(cluster.permitted(1, 1) == nil)
        cluster.stabilize()
        #expect(cluster.permitted(1, 1) == 3)
    }

    @Test func `many reads share rounds and are all confirmed`() {
        var cluster = ledCluster()
        for number in 1...50 as ClosedRange<UInt64> { cluster.read(1, number) }
        cluster.tickAll(2)
        for number in 1...50 as ClosedRange<UInt64> {
            #expect(cluster.permitted(1, number) == 3)
        }
        #expect(cluster.permits.count == 50)
    }

    @Test func `a lost round is repeated by later heartbeats`() {
        var cluster = ledCluster()
        cluster.read(1, 1)
        cluster.drop()
        cluster.tickAll(2)
        #expect(cluster.permitted(1, 1) == 3)
    }

    // Thesis §6.4: followers ask the leader for a read index.
    @Test func `a follower asks its leader`() {
        var cluster = ledCluster()
        cluster.read(3, 7)
        cluster.stabilize()
        #expect(cluster.permitted(3, 7) == 3)
    }

    // RELIABILITY B30: the index may be ahead of what the reader has applied, so it must wait.
    @Test func `a lagging follower is given an index to wait for`() {
        var cluster = ledCluster()
        cluster.network.held = [Link(1, 3)]
        cluster.commit(1, "c", "d")
        cluster.read(3, 1)
        cluster.stabilize()
        let answers = cluster.network.take {
            if case .readIndexResponse = $0.body { return true }
            return false
        }
        for message in answers { cluster.hand(over: message) }
        #expect(cluster.permitted(3, 1) == 5)
        #expect(cluster.machine(3).applied.index == LogIndex(3))
        cluster.heal()
        cluster.tickAll(2)
        #expect(cluster.machine(3).applied.index == LogIndex(5))
    }

    @Test func `without a leader a read is refused`() {
        var cluster = RaftCluster(voters: 3)
        cluster.read(2, 1)
        #expect(cluster.refusedReads == [ReadRequestID(peer: PeerID(2), number: 1)])
    }

    @Test func `one that does not lead any more refuses a follower's read`() {
        var cluster = ledCluster()
        cluster.read(3, 1)
        let question = cluster.network.take { $0.to == PeerID(1) }
        cluster.isolate(1)
        cluster.elect(2)
        cluster.heal()
        cluster.tickAll(3)
        #expect(cluster.leaders == [2])
        cluster.commit(2, "new")
        for message in question { cluster.hand(over: message) }
        cluster.tickAll(2)
        #expect(cluster.permitted(3, 1) == nil)
    }

    // RELIABILITY B28: a read that a leader had not confirmed when it lost its term.
    @Test func `a read waiting at a leader that steps down is not confirmed later`() {
        var cluster = ledCluster()
        cluster.read(1, 1)
        cluster.drop()
        cluster.isolate(1)
        cluster.elect(2)
        cluster.commit(2, "new")
        cluster.heal()
        cluster.tickAll(3)
        cluster.elect(1)
        cluster.tickAll(3)
        #expect(cluster.leaders == [1])
        #expect(cluster.permitted(1, 1) == nil)
        #expect(cluster.refusedReads == [ReadRequestID(peer: PeerID(1), number: 1)])
    }

    // RELIABILITY B23: a learner may read but confirms nothing.
    @Test func `learners do not confirm reads`() {
        var cluster = ledCluster()
        for id in [4, 5] as [UInt64] {
            cluster.add(PeerID(id))
            cluster.change(1, .addLearner(PeerID(id)))
            cluster.tickAll(3)
        }
        cluster.partition([1], from: [2, 3])
        cluster.read(1, 1)
        cluster.tickAll(3)
        #expect(cluster.permitted(1, 1) == nil)
        cluster.heal()
        cluster.tickAll(3)
        cluster.read(4, 2)
        cluster.tickAll(2)
        #expect(cluster.permitted(4, 2) == 5)
    }

    @Test func `a message about somebody else's read permits nothing`() {
        var cluster = ledCluster()
        let foreign = ReadRequestID(peer: PeerID(2), number: 9)
        cluster.answer(of: 3, to: 1, term: 1, .readIndexResponse(foreign, index: LogIndex(3)))
        // Whoever shares the network with old messages must not be confused by them either.
        cluster.answer(of: 3, to: 2, term: 0, .readIndexResponse(
            ReadRequestID(peer: PeerID(3), number: 8), index: LogIndex(1)))
        #expect(cluster.permits.filter { $0.id == foreign }.isEmpty)
    }
}
