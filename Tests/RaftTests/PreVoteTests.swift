import Primitives
import Raft
import Testing

/// Pre-votes, thesis §9.6, and leaders that step down without a majority, §6.2 ("a leader …
/// steps down if an election timeout elapses without a successful round of heartbeats").
@Suite struct `Pre-votes and partitions` {
    // RELIABILITY B13, B18: thesis §9.6: a partitioned server must not return with a higher term.
    @Test func `a member that is cut off does not inflate its term, and disturbs nobody later`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.isolate(3)
        cluster.tickAll(300)
        #expect(cluster.term(3) == 1)
        cluster.commit(1, "x")
        cluster.heal()
        cluster.tickAll(60)
        #expect(cluster.leaders == [1])
        #expect(cluster.term(1) == 1)
        #expect(cluster.applied(3) == ["x"])
    }

    // Found by the simulator: a member that does not know yet that it has a vote went on counting
    // as one that hears a leader, and kept pre-votes from the candidate that needed it.
    @Test func `a member without a vote of its own forgets a leader that it does not hear`() {
        var cluster = RaftCluster(voters: 2)
        cluster.add(PeerID(3), membership: Membership(voters: [PeerID(1), PeerID(2)]))
        cluster.elect(1)
        _ = cluster.append(to: 3, from: 1, term: 1, after: .zero, [])
        #expect(cluster.leader(3) == 1)
        for _ in 0..<60 {
            cluster.tick(3)
            if cluster.leader(3) == 0 { break }
        }
        #expect(cluster.leader(3) == 0)
        cluster.tick(3, 100)
        #expect(cluster.grants(3, to: 2, term: 2, isPreVote: true) == true)
    }

    @Test func `a pre-vote binds nobody`() {
        var cluster = RaftCluster(voters: 3)
        #expect(cluster.grants(1, to: 2, term: 1, isPreVote: true) == true)
        #expect(cluster.grants(1, to: 3, term: 1, isPreVote: true) == true)
        #expect(cluster.machine(1).disk.hardState == HardState())
        #expect(cluster.grants(1, to: 3, term: 1) == true)
        #expect(cluster.grants(1, to: 2, term: 2, isPreVote: true) == true)
    }

    @Test func `the answer to a pre-vote carries the term asked for, a refusal one's own`() {
        var cluster = RaftCluster(logs: [1: [3]], term: 4, voters: [1, 2, 3])
        let granted = cluster.answer(
            of: 1, to: 2, term: 7,
            .voteRequest(VoteRequest(lastEntry: at(1, 3), isPreVote: true)))
        #expect(granted.map(\.term) == [Term(7)])
        let refused = cluster.answer(
            of: 1, to: 2, term: 7,
            .voteRequest(VoteRequest(lastEntry: at(1, 2), isPreVote: true)))
        #expect(refused.map(\.term) == [Term(4)])
    }

    // RELIABILITY B16: raft-rs #83, #84.
    @Test func `a pre-candidate has no leader and no votes from before`() {
        var cluster = RaftCluster(voters: 5)
        cluster.elect(2)
        cluster.isolate(1)
        while cluster.role(1) == .follower { cluster.tick(1) }
        #expect(cluster.role(1) == .preCandidate)
        #expect(cluster.leader(1) == 0)
        cluster.heal()
        cluster.drop()
        // Two of five grant, then it tries again: their answers must come again too.
        cluster.crash(2)
        for id in [3, 4] as [UInt64] {
            cluster.tick(id, 10)
            cluster.drop()
        }
        cluster.campaign(1)
        cluster.deliver(1, 3)
        cluster.deliver(3, 1)
        #expect(cluster.role(1) == .preCandidate)
        cluster.drop()
        cluster.campaign(1)
        #expect(cluster.role(1) == .preCandidate)
        cluster.deliver(1, 4)
        cluster.deliver(4, 1)
        #expect(cluster.role(1) == .preCandidate, "the grant of 3 was for another try")
    }

    @Test func `a pre-candidate follows a leader that it hears`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(2)
        cluster.isolate(1)
        while cluster.role(1) == .follower { cluster.tick(1) }
        cluster.heal()
        cluster.tick(2, 1)
        cluster.stabilize()
        #expect(cluster.role(1) == .follower && cluster.leader(1) == 2)
    }

    struct Survivors: Sendable {
        var one: (term: UInt64, log: [UInt64])
        var other: (term: UInt64, log: [UInt64])
    }

    static let survivors: [Survivors] = [
        Survivors(one: (1, [1]), other: (9, [1])),
        Survivors(one: (9, [1]), other: (1, [1])),
        Survivors(one: (2, [1, 2, 2, 2]), other: (9, [1])),
        Survivors(one: (9, [1, 1, 1, 1]), other: (2, [1, 2])),
        Survivors(one: (3, [1, 2, 3]), other: (9, [1, 2, 2, 2, 2])),
        Survivors(one: (0, []), other: (7, [1])),
    ]

    // RELIABILITY B14, B15: etcd #8243, #8501: whatever the terms, two of three find a leader.
    @Test(arguments: survivors)
    func `unequal terms and logs do not block an election`(_ survivors: Survivors) {
        var cluster = RaftCluster(
            logs: [1: survivors.one.log, 2: survivors.other.log, 3: []], term: 0)
        let terms: [(UInt64, UInt64)] = [(1, survivors.one.term), (2, survivors.other.term)]
        for (id, term) in terms {
            cluster.crash(id)
            cluster.machines[PeerID(id)]!.disk.hardState.term = Term(term)
            cluster.restart(id)
        }
        cluster.crash(3)
        let leader = cluster.settle()
        #expect(leader != 0)
        cluster.commit(leader, "x")
        #expect(cluster.applied(leader).last == "x")
    }

    // RELIABILITY B15: and also where the membership is joint.
    @Test func `unequal terms do not block an election in a joint phase`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        for id in [4, 5] as [UInt64] {
            cluster.add(PeerID(id))
            cluster.change(1, .addLearner(PeerID(id)))
            cluster.tickAll(3)
        }
        cluster.change(
            1, .addVoter(PeerID(4)), .addVoter(PeerID(5)), .remove(PeerID(2)), .remove(PeerID(3)))
        for id in 2...5 as ClosedRange<UInt64> { cluster.deliver(1, id) }
        cluster.drop()
        cluster.crash(1)
        for (id, term) in [(2, 9), (4, 5)] as [(UInt64, UInt64)] {
            cluster.crash(id)
            cluster.machines[PeerID(id)]!.disk.hardState = HardState(
                term: Term(term), commitIndex: LogIndex(1))
            cluster.restart(id)
        }
        #expect(cluster.settle() != 0)
    }

    // A refusal's higher term is news that a pre-candidate must take (thesis §9.6, Raft §5.1).
    @Test func `a refused pre-candidate learns of a higher term`() {
        var cluster = RaftCluster(logs: [1: [1], 2: [1, 5], 3: []], term: 1)
        cluster.crash(2)
        cluster.machines[PeerID(2)]!.disk.hardState.term = Term(5)
        cluster.restart(2)
        cluster.crash(3)
        cluster.campaign(1)
        cluster.stabilize()
        #expect(cluster.term(1) == 5)
        #expect(cluster.leaders.isEmpty)
    }

    // RELIABILITY B12: Cloudflare 2020: a leader that is heard but hears nobody.
    @Test func `a leader that hears no majority steps down, and another takes over`() {
        var cluster = Stories.deafLeader()
        cluster.tickAll(25)
        #expect(!cluster.node(1).isLeader)
        #expect(cluster.events(of: 1).contains(.steppedDown(term: Term(1))))
        let leader = cluster.settleAmong([2, 3])
        #expect(leader == 2 || leader == 3)
        cluster.commit(leader, "b")
        #expect(cluster.applied(leader) == ["a", "b"])
    }

    @Test func `a leader that hears a majority stays, whoever else is silent`() {
        var cluster = RaftCluster(voters: 5)
        cluster.elect(1)
        cluster.network.blocked = [Link(4, 1), Link(5, 1)]
        cluster.tickAll(100)
        #expect(cluster.leaders == [1] && cluster.term(1) == 1)
    }

    // RELIABILITY B12: the other direction: somebody hears no leader but is heard.
    @Test func `a member that does not hear the leader does not depose it`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.network.blocked = [Link(1, 3), Link(2, 3)]
        cluster.tickAll(200)
        #expect(cluster.leaders == [1] && cluster.term(1) == 1)
        cluster.network.blocked = [Link(1, 3)]
        cluster.tickAll(200)
        #expect(cluster.leaders == [1] && cluster.term(1) == 1)
    }

    // RELIABILITY B18: the Omni-Paxos blog's quorum-loss case: only 3 is connected to a majority.
    @Test func `the only member with a majority becomes leader`() {
        var cluster = RaftCluster(voters: 5)
        cluster.elect(1)
        for one in [1, 2, 4, 5] as [UInt64] {
            cluster.partition([one], from: [1, 2, 4, 5].filter { $0 != one })
        }
        for _ in 0..<300 where cluster.leaders != [3] { cluster.tickAll() }
        #expect(cluster.leaders == [3])
        cluster.commit(3, "x")
        #expect(cluster.applied(3) == ["x"])
    }

    // RELIABILITY B18: the chained case: 1 and 3 hear 2 but not each other.
    @Test func `in a chain leadership does not wander`() {
        for first in 1...3 as ClosedRange<UInt64> {
            var cluster = RaftCluster(voters: 3)
            cluster.elect(first)
            cluster.partition([1], from: [3])
            cluster.tickAll(100)
            #expect(cluster.leaders.count == 1)
            let (leader, term) = (cluster.leaders.first ?? 0, cluster.term(2))
            cluster.tickAll(300)
            #expect(cluster.leaders == [leader])
            #expect(cluster.term(2) == term)
        }
    }

    // A leader alone keeps its word but cannot know whether it still leads.
    @Test func `a leader that is cut off steps down within two election timeouts`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.isolate(1)
        cluster.tick(1, 20)
        #expect(!cluster.node(1).isLeader)
        cluster.propose(1, "x")
        #expect(cluster.refusedProposals.map(\.1) == [.noLeader])
    }
}
