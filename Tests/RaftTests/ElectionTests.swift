import Primitives
import Raft
import Testing

/// Leader election, Raft §5.1 and §5.2.
@Suite struct `Elections` {
    // Raft §5.2: "When servers start up, they begin as followers."
    @Test func `a server starts as a follower and says nothing`() {
        var cluster = RaftCluster(voters: 3)
        cluster.tick(1, 5)
        #expect(cluster.role(1) == .follower)
        #expect(cluster.term(1) == 0)
        #expect(cluster.leader(1) == 0)
        #expect(cluster.network.inFlight.isEmpty)
    }

    // Raft §5.2: "election timeouts are chosen randomly from a fixed interval".
    @Test func `without a leader an election begins between one and two election timeouts`() {
        var waits: Set<Int> = []
        for seed in 1...60 as ClosedRange<UInt64> {
            var cluster = RaftCluster(voters: 3) {
                $0.seed = seed
                $0.electionTicks = 20
            }
            var ticks = 0
            while cluster.network.inFlight.isEmpty, ticks < 100 {
                cluster.tick(1)
                ticks += 1
            }
            #expect((20..<40).contains(ticks), "seed \(seed): \(ticks) ticks")
            waits.insert(ticks)
        }
        #expect(waits.count > 8, "the timeouts are hardly random: \(waits.sorted())")
    }

    // Raft §5.2: "each candidate restarts its randomized election timeout at the start of an
    // election".
    @Test func `each new wait is drawn anew`() {
        var cluster = RaftCluster(voters: 3) { $0.electionTicks = 20 }
        var waits: Set<Int> = []
        for _ in 0..<20 {
            var ticks = 0
            repeat {
                cluster.tick(1)
                ticks += 1
            } while cluster.network.inFlight.isEmpty && ticks < 100
            cluster.drop()
            waits.insert(ticks)
        }
        #expect(waits.count > 4, "\(waits.sorted())")
    }

    @Test(arguments: [1, 2, 3, 5, 7])
    func `a cluster left alone elects one leader that all follow`(_ voters: Int) {
        var cluster = RaftCluster(voters: voters)
        let leader = cluster.settle()
        #expect(leader != 0)
        for id in cluster.ids { #expect(cluster.term(id.rawValue) == cluster.term(leader)) }
    }

    // Raft §5.2: "A server remains in follower state as long as it receives valid RPCs from a
    // leader".
    @Test func `heartbeats keep followers from campaigning`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(2)
        let term = cluster.term(2)
        cluster.tickAll(200)
        #expect(cluster.leaders == [2])
        #expect(cluster.term(2) == term)
    }

    // Raft §5.2: "a follower increments its current term and transitions to candidate state. It
    // then votes for itself and issues RequestVote RPCs in parallel".
    @Test func `a candidate begins a term, votes for itself and asks all others`() {
        var cluster = RaftCluster(voters: 5)
        cluster.stand(3)
        #expect(cluster.role(3) == .candidate)
        #expect(cluster.term(3) == 1)
        #expect(cluster.machine(3).disk.hardState.term == Term(1))
        #expect(cluster.machine(3).disk.hardState.votedFor == PeerID(3))
        #expect(Set(cluster.messages(3).map(\.to.rawValue)) == [1, 2, 4, 5])
        for message in cluster.messages(3) {
            #expect(message.term == Term(1))
            #expect(message.isVote && !message.isPreVote)
        }
    }

    // Raft §5.2: "Once a candidate wins an election … it then sends heartbeat messages to all of
    // the other servers". Thesis §6.4, Raft §8: its first entry is a no-op of its term.
    @Test func `a majority of votes makes a leader, which tells everyone at once`() throws {
        var cluster = RaftCluster(voters: 5)
        cluster.stand(1)
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        #expect(cluster.role(1) == .candidate)
        cluster.deliver(1, 3)
        cluster.deliver(3, 1)
        #expect(cluster.leaders == [1])
        #expect(cluster.leader(1) == 1)
        let opening = try #require(cluster.log(1).last)
        #expect(opening.payload == .noOp && opening.term == Term(1))
        for other in 2...5 as ClosedRange<UInt64> {
            #expect(cluster.messages(1, other).contains { $0.entries.contains(opening) })
        }
    }

    @Test func `without a majority nobody leads, whatever the time`() {
        var cluster = RaftCluster(voters: 5)
        cluster.partition([1, 2], from: [3, 4, 5])
        cluster.crash(3)
        cluster.tickAll(300)
        #expect(cluster.leaders.isEmpty)
    }

    // RELIABILITY B8: half of an even number of voters is no majority.
    @Test(arguments: [(2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 4)] as [(Int, Int)])
    func `a candidate needs more than half of all votes, its own included`(
        _ voters: Int, _ majority: Int
    ) {
        for votes in 1...voters {
            var cluster = RaftCluster(voters: voters)
            cluster.stand(1)
            for other in 2..<(UInt64(votes) + 1) {
                cluster.deliver(1, other)
                cluster.deliver(other, 1)
            }
            #expect(cluster.leaders.isEmpty == (votes < majority), "\(votes) of \(voters)")
        }
    }

    // Raft §5.2: split votes end in a new election.
    @Test func `a split vote ends in another election`() {
        var cluster = RaftCluster(voters: 4)
        cluster.campaign(1)
        cluster.campaign(2)
        cluster.deliverPreVotes()
        #expect(cluster.role(1) == .candidate && cluster.role(2) == .candidate)
        cluster.deliver(1, 3)
        cluster.deliver(2, 4)
        cluster.stabilize()
        #expect(cluster.leaders.isEmpty)
        let leader = cluster.settle()
        #expect(leader != 0 && cluster.term(leader) > 1)
    }

    // Raft §5.2: "While waiting for votes, a candidate may receive an AppendEntries RPC …".
    @Test(arguments: [true, false])
    func `a candidate yields to a leader of its own term`(_ isHeartbeat: Bool) {
        var cluster = RaftCluster(voters: 3)
        cluster.stand(1)
        if isHeartbeat {
            cluster.answer(
                of: 1, to: 2, term: 1, .heartbeat(Heartbeat(commitIndex: .zero, readRound: 0)))
        } else {
            cluster.append(to: 1, from: 2, term: 1, after: .zero, [1])
        }
        #expect(cluster.role(1) == .follower)
        #expect(cluster.leader(1) == 2)
        #expect(cluster.term(1) == 1)
    }

    @Test func `a candidate rejects an older leader and goes on`() {
        var cluster = RaftCluster(logs: [1: [1], 2: [1], 3: [1]], term: 4)
        cluster.stand(1)
        let answers = cluster.append(to: 1, from: 2, term: 4, after: at(1, 1), [4])
        #expect(cluster.role(1) == .candidate)
        #expect(cluster.terms(1) == [1])
        #expect(answers.contains { $0.to == PeerID(2) && $0.term == Term(5) })
        cluster.stabilize()
        #expect(cluster.leaders == [1])
    }

    @Test func `a leader outlives the messages of its predecessors`() {
        var cluster = RaftCluster(logs: [1: [1], 2: [1], 3: [1]], term: 4)
        cluster.elect(1)
        cluster.append(to: 1, from: 2, term: 4, after: at(1, 1), [4, 4], commit: 3)
        cluster.stabilize()
        #expect(cluster.leaders == [1])
        #expect(cluster.terms(1) == [1, 5])
    }

    @Test func `a crashed leader is replaced, and follows when it comes back`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.commit(1, "a")
        cluster.crash(1)
        let next = cluster.settle()
        #expect(next == 2 || next == 3)
        cluster.commit(next, "b")
        cluster.restart(1)
        cluster.tickAll(30)
        #expect(cluster.leaders == [next])
        #expect(cluster.applied(1) == ["a", "b"])
    }

    @Test func `campaigning while leading changes nothing`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        let term = cluster.term(1)
        cluster.campaign(1)
        cluster.stabilize()
        #expect(cluster.leaders == [1] && cluster.term(1) == term)
    }

    // A one-member cluster is its own majority, but its vote must be durable all the same.
    @Test func `a single member leads once its own vote is durable`() {
        var cluster = RaftCluster(voters: 1)
        cluster.holdDisk(1)
        cluster.campaign(1)
        #expect(cluster.leaders.isEmpty)
        cluster.releaseDisk(1)
        #expect(cluster.leaders == [1])
        #expect(cluster.commitIndex(1) == 1)
    }
}
