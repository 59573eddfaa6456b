import Primitives
import Raft
import Testing

/// Log replication as clients see it, Raft §5.3.
@Suite struct `Replication` {
    private func ledCluster(
        _ voters: Int = 3, configure: (inout RaftConfiguration) -> Void = { _ in }
    ) -> RaftCluster {
        var cluster = RaftCluster(voters: voters, configure: configure)
        cluster.elect(1)
        return cluster
    }

    // Raft §5.3: "The leader appends the command to its log as a new entry, then issues
    // AppendEntries RPCs in parallel to each of the other servers".
    @Test func `a command goes to all followers in parallel and a majority commits it`() {
        var cluster = ledCluster(5)
        cluster.propose(1, "x")
        #expect(cluster.log(1).last?.payload == .command(Bytes("x".utf8)))
        for other in 2...5 as ClosedRange<UInt64> {
            #expect(cluster.messages(1, other).contains { $0.entries == [cluster.log(1).last!] })
        }
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        #expect(cluster.applied(1).isEmpty)
        cluster.deliver(1, 3)
        cluster.deliver(3, 1)
        #expect(cluster.applied(1) == ["x"])
        #expect(cluster.applied(2).isEmpty, "a follower cannot know yet")
        cluster.tickAll(2)
        for id in 1...5 as ClosedRange<UInt64> { #expect(cluster.applied(id) == ["x"]) }
    }

    @Test func `commands are applied in the order in which they were proposed`() {
        var cluster = ledCluster()
        cluster.propose(1, "a", "b")
        cluster.propose(1, "c")
        cluster.propose(1, "d", "e")
        cluster.tickAll(2)
        for id in 1...3 as ClosedRange<UInt64> {
            #expect(cluster.applied(id) == ["a", "b", "c", "d", "e"])
        }
    }

    @Test func `a minority commits nothing`() {
        var cluster = ledCluster(5)
        cluster.partition([1, 2], from: [3, 4, 5])
        let before = cluster.commitIndex(1)
        cluster.propose(1, "x")
        cluster.tickAll(5)
        #expect(cluster.commitIndex(1) == before && cluster.commitIndex(2) == before)
    }

    // Raft §5.3: followers learn of commits from later AppendEntries, heartbeats included.
    @Test func `a heartbeat tells followers what is committed`() {
        var cluster = ledCluster()
        cluster.propose(1, "x")
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        cluster.drop()
        #expect(cluster.commitIndex(2) == 1)
        cluster.tick(1, 1)
        cluster.deliver(1, 2)
        #expect(cluster.commitIndex(2) == 2)
        #expect(cluster.applied(2) == ["x"])
    }

    // Raft §5.3: the leader "retries AppendEntries RPCs indefinitely … until all followers
    // eventually store all log entries".
    @Test(arguments: [true, false])
    func `lost appends are repaired`(_ isToldOfTheBreak: Bool) {
        var cluster = ledCluster()
        cluster.network.blocked = [Link(1, 3)]
        cluster.commit(1, "a", "b", "c")
        cluster.heal()
        if isToldOfTheBreak { cluster.step(1, .peerUnreachable(PeerID(3))) }
        cluster.tickAll(10)
        #expect(cluster.applied(3) == ["a", "b", "c"])
    }

    @Test func `lost answers are repaired`() {
        var cluster = ledCluster()
        cluster.crash(2)
        cluster.network.blocked = [Link(3, 1)]
        cluster.propose(1, "a")
        cluster.stabilize()
        #expect(cluster.applied(1).isEmpty)
        cluster.heal()
        cluster.tickAll(5)
        #expect(cluster.applied(1) == ["a"])
    }

    // Raft §5.5: a crashed follower is retried; its requests are idempotent.
    @Test func `a crashed follower catches up when it comes back`() {
        var cluster = ledCluster()
        cluster.commit(1, "a")
        cluster.crash(3)
        cluster.commit(1, "b", "c")
        cluster.tickAll(20)
        cluster.restart(3)
        cluster.tickAll(5)
        #expect(cluster.applied(3) == ["a", "b", "c"])
        #expect(cluster.leaders == [1])
    }

    @Test func `a slow follower does not hold up the others`() {
        var cluster = ledCluster()
        cluster.network.held = [Link(1, 3)]
        cluster.commit(1, "a", "b", "c")
        #expect(cluster.applied(1) == ["a", "b", "c"])
        cluster.heal()
        cluster.tickAll(2)
        #expect(cluster.applied(3) == ["a", "b", "c"])
    }

    // What a client was told must be true for ever (Raft §5.4, §8).
    @Test func `a committed command survives the loss of any minority`() {
        var cluster = ledCluster(5)
        cluster.network.blocked = [Link(1, 4), Link(1, 5)]
        cluster.propose(1, "x")
        cluster.deliver(1, 2)
        cluster.deliver(1, 3)
        cluster.deliver(2, 1)
        cluster.deliver(3, 1)
        #expect(cluster.applied(1) == ["x"])
        cluster.drop()
        cluster.heal()
        for one in 1...5 as ClosedRange<UInt64> {
            for other in one...5 {
                var copy = cluster
                copy.crash(one)
                if other != one { copy.crash(other) }
                let leader = copy.settle()
                #expect(leader != 0)
                #expect(copy.applied(leader) == ["x"], "without \(one) and \(other)")
            }
        }
    }

    @Test func `a follower passes commands on to its leader, in order`() {
        var cluster = ledCluster()
        cluster.propose(2, "a", "b")
        cluster.propose(2, "c")
        cluster.stabilize()
        #expect(cluster.applied(1) == ["a", "b", "c"])
        #expect(cluster.log(1).count == 4)
    }

    @Test func `without a leader a command is refused and forgotten`() {
        var cluster = RaftCluster(voters: 3)
        cluster.propose(1, "x")
        #expect(cluster.refusedProposals.count == 1)
        #expect(cluster.refusedProposals[0].0 == Bytes("x".utf8))
        #expect(cluster.refusedProposals[0].1 == .noLeader)
        cluster.elect(1)
        cluster.stabilize()
        #expect(cluster.applied(1).isEmpty)
    }

    @Test func `a command for one's own term is never forwarded`() {
        var cluster = ledCluster()
        cluster.step(2, .proposeAsLeader(Bytes("x".utf8)))
        cluster.stabilize()
        #expect(cluster.applied(1).isEmpty && cluster.log(1).count == 1)
        cluster.step(1, .proposeAsLeader(Bytes("y".utf8)))
        cluster.stabilize()
        #expect(cluster.applied(1) == ["y"])
    }

    // RELIABILITY B3: etcd #14370, a single member acknowledged before its own fsync.
    @Test func `a single member commits only what is durable`() {
        var cluster = RaftCluster(voters: 1)
        cluster.elect(1)
        cluster.holdDisk(1)
        cluster.propose(1, "x")
        #expect(cluster.commitIndex(1) == 1)
        var crashed = cluster
        cluster.releaseDisk(1)
        #expect(cluster.applied(1) == ["x"])
        crashed.crash(1)
        crashed.restart(1)
        crashed.releaseDisk(1)
        #expect(crashed.log(1).count == 1)
    }

    @Test func `committed entries are handed out again after a restart, from the image on`() {
        var cluster = ledCluster()
        cluster.commit(1, "a", "b")
        cluster.tickAll(1)
        cluster.compact(2)
        cluster.commit(1, "c")
        cluster.tickAll(1)
        for id in [2, 3] as [UInt64] {
            cluster.crash(id)
            cluster.restart(id)
            cluster.tickAll(3)
            #expect(cluster.applied(id) == ["a", "b", "c"])
        }
    }
}
