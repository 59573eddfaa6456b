import Primitives
import Raft
import Testing

/// Raft §5.4: what is committed stays, whoever leads. The ledger objects at once to a second
/// leader of a term, a leader that lacks a committed entry, or two entries committed at one index.
@Suite struct `Safety` {
    // RELIABILITY B1: Raft figure 8 and §5.4.2: "Raft never commits log entries from previous
    // terms by counting replicas".
    @Test func `an earlier term's entry on a majority is not committed by counting`() {
        var cluster = Stories.figure8ThroughC()
        #expect(cluster.terms(3) == [1, 2], "the entry of term 2 is on a majority")
        #expect(cluster.commitIndex(1) == 0)
        // (d): S5 may overwrite it, and does.
        cluster.crash(1)
        cluster.elect(5)
        #expect(cluster.leaders == [5])
        #expect(cluster.terms(3) == [1, 3, 5])
        cluster.heal()
        cluster.restart(1)
        cluster.tickAll(10)
        #expect(cluster.terms(1) == [1, 3, 5])
    }

    // Figure 8 (e): "if S1 replicates an entry from its current term on a majority of the servers
    // before crashing, then this entry is committed (S5 cannot win an election)".
    @Test func `an entry of the leader's own term commits all before it`() {
        var cluster = Stories.figure8ThroughC()
        cluster.heal()
        cluster.network.blocked = [Link(1, 5), Link(5, 1)]
        cluster.tickAll(3)
        #expect(cluster.commitIndex(1) == 3)
        #expect(cluster.terms(3) == [1, 2, 4])
        cluster.crash(1)
        cluster.elect(5)
        #expect(cluster.leaders.isEmpty)
        let leader = cluster.settle()
        #expect(Array(cluster.terms(leader).prefix(3)) == [1, 2, 4])
    }

    // Raft §5.4.2, §8: a new leader learns what is committed by committing an entry of its own.
    @Test func `a new leader commits its predecessor's entries with its own first entry`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.network.blocked = [Link(2, 1), Link(3, 1)]
        cluster.propose(1, "x")
        cluster.stabilize()
        #expect(cluster.commitIndex(1) == 1)
        cluster.heal()
        cluster.crash(1)
        cluster.elect(2)
        #expect(cluster.applied(2) == ["x"])
        #expect(cluster.log(2).last?.payload == .noOp)
    }

    @Test func `an entry that reached no majority may vanish, and then vanishes everywhere`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.isolate(1)
        cluster.propose(1, "lost", "too")
        cluster.elect(2)
        cluster.commit(2, "kept")
        cluster.heal()
        cluster.tickAll(15)
        #expect(cluster.leaders == [2])
        for id in 1...3 as ClosedRange<UInt64> {
            #expect(cluster.applied(id) == ["kept"])
            #expect(cluster.log(id) == cluster.log(2))
        }
        #expect(cluster.events(of: 1).contains(.truncatedLog(from: LogIndex(2))))
    }

    // Raft §5.3, Leader Append-Only; the ledger objects to any leader that cuts its own log.
    @Test func `a leader keeps entries of its predecessors that nobody else has`() {
        var cluster = RaftCluster(logs: [1: [1, 1, 2, 2], 2: [1], 3: [1]], term: 3)
        cluster.elect(1)
        cluster.tickAll(2)
        for id in 1...3 as ClosedRange<UInt64> { #expect(cluster.terms(id) == [1, 1, 2, 2, 4]) }
    }

    // RELIABILITY B10: the length of a log says nothing when its terms are old.
    @Test func `a long old log cannot depose committed entries`() {
        var cluster = Stories.longOldLog()
        #expect(cluster.commitIndex(2) == 3)
        cluster.crash(2)
        cluster.heal()
        cluster.elect(1)
        #expect(cluster.leaders.isEmpty)
        cluster.elect(3)
        #expect(cluster.leaders == [3])
        cluster.tickAll(3)
        #expect(cluster.terms(1) == cluster.terms(3))
    }

    // Raft §5.5: "If a server crashes after completing an RPC but before responding, it will
    // receive the same RPC again". Each append may be handled any number of times.
    @Test func `every message may come three times`() {
        var cluster = RaftCluster(voters: 3)
        cluster.stand(1)
        for round in 0..<40 {
            if round % 4 == 3 { cluster.propose(1, "\(round)") }
            cluster.tick(1)
            let now = cluster.network.inFlight
            cluster.network.inFlight += now + now
            cluster.deliver()
        }
        cluster.stabilize()
        cluster.tickAll(3)
        #expect(cluster.applied(2).count == 10)
        #expect(cluster.applied(1) == cluster.applied(2))
        #expect(cluster.applied(3) == cluster.applied(2))
    }

    // RELIABILITY B36: what a member may find after a tail was lost or a hard state lagged.
    @Test(arguments: [0, 2, 3, 9] as [UInt64])
    func `a member starts whatever commit index its disk remembers`(_ commitIndex: UInt64) {
        var cluster = RaftCluster(logs: [1: [1, 1, 1], 2: [1, 1, 1], 3: [1, 1, 1]], term: 1)
        cluster.crash(1)
        cluster.machines[PeerID(1)]!.disk.hardState.commitIndex = LogIndex(commitIndex)
        cluster.restart(1)
        #expect(cluster.commitIndex(1) <= 3)
        let leader = cluster.settle()
        #expect(leader != 0)
        cluster.commit(leader, "x")
        cluster.tickAll(2)
        #expect(cluster.applied(1).last == "x" && cluster.applied(1).count == 4)
    }

    @Test(arguments: [0, 1, 2, 4] as [UInt64])
    func `a member starts from an image that is ahead of its hard state`(_ commitIndex: UInt64) {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.commit(1, "a", "b", "c")
        cluster.tickAll(1)
        cluster.compact(2)
        cluster.crash(2)
        cluster.machines[PeerID(2)]!.disk.hardState.commitIndex = LogIndex(commitIndex)
        cluster.restart(2)
        #expect(cluster.commitIndex(2) == 4)
        cluster.commit(1, "d")
        cluster.tickAll(3)
        #expect(cluster.applied(2) == ["a", "b", "c", "d"])
    }
}
