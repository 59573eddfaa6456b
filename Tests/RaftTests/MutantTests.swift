import Primitives
import Raft
import Testing

#if SIMULATION

/// For each deliberate bug of this module a situation in which the claim it breaks is indeed
/// broken, next to the same situation without the bug: what the other tests look for can fail.
@Suite struct `Deliberate bugs are noticed` {
    private func blames(_ cluster: RaftCluster, _ words: String) -> Bool {
        cluster.faults.contains { $0.contains(words) }
    }

    // RELIABILITY B1: figure 8.
    @Test(arguments: [nil, Mutation.commitsPriorTermByCount])
    func `committing an earlier term by count loses a committed entry`(_ mutation: Mutation?) {
        var cluster = Stories.figure8ThroughC(mutation: mutation)
        cluster.toleratesFaults = true
        cluster.crash(1)
        cluster.elect(5)
        #expect(blames(cluster, "lacks committed entry 2") == (mutation != nil))
        #expect(cluster.faults.isEmpty == (mutation == nil))
    }

    // RELIABILITY B2.
    @Test(arguments: [nil, Mutation.votesBeforePersisting])
    func `a vote sent before it is durable may be given twice`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        cluster.holdDisk(1)
        let first = cluster.grants(1, to: 2, term: 5)
        cluster.crash(1)
        cluster.restart(1)
        let second = cluster.grants(1, to: 3, term: 5)
        #expect((first == true && second == true) == (mutation != nil))
        #expect(blames(cluster, "not durable") == (mutation != nil))
    }

    // RELIABILITY B3.
    @Test(arguments: [nil, Mutation.acknowledgesAppendBeforeSync])
    func `an append acknowledged before it is durable is lost by a crash`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        cluster.elect(1)
        cluster.crash(3)
        cluster.holdDisk(2)
        cluster.propose(1, "x")
        cluster.stabilize()
        #expect(cluster.applied(1).contains("x") == (mutation != nil))
        #expect(blames(cluster, "without a majority's disks") == (mutation != nil))
    }

    // RELIABILITY B5.
    @Test(arguments: [nil, Mutation.acceptsStalePersistence])
    func `a stale write vouches for an entry that the disk is about to lose`(
        _ mutation: Mutation?
    ) {
        var cluster = Stories.appendABA(mutation: mutation)
        cluster.toleratesFaults = true
        // The entry is committed: it may be applied as soon as it is durable for good.
        cluster.append(to: 1, from: 2, term: 4, after: at(1, 1), [], commit: 1)
        cluster.persist(1, count: 1)
        #expect(cluster.applied(1).isEmpty == (mutation == nil))
        #expect(blames(cluster, "hands out 1@1") == (mutation != nil))
        cluster.persist(1)
        #expect(cluster.applied(1) == ["1.1"])
    }

    // RELIABILITY B6.
    @Test(arguments: [nil, Mutation.truncatesOnEveryAppend])
    func `an old append cuts away committed entries`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        cluster.elect(1)
        cluster.propose(1, "a")
        let early = cluster.messages(1, 2)
        cluster.propose(1, "b")
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        #expect(cluster.applied(1) == ["a", "b"])
        for message in early { cluster.hand(over: message) }
        #expect((cluster.log(2).count < 3) == (mutation != nil))
        #expect(blames(cluster, "throws away committed entry 3") == (mutation != nil))
    }

    // RELIABILITY B7.
    @Test(arguments: [nil, Mutation.commitsUnverifiedEntries])
    func `a follower commits what its leader never had`(_ mutation: Mutation?) {
        var cluster = RaftCluster(
            logs: [1: [1, 1], 2: [1, 1], 3: [1, 2, 2]], term: 2
        ) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        cluster.partition([3], from: [1, 2])
        cluster.elect(1)
        cluster.commit(1, "x", "y")
        cluster.tickAll(1)
        // An append without news about the first entry, and the commit index of today.
        let commit = cluster.commitIndex(1)
        cluster.append(to: 3, from: 1, term: 3, after: at(1, 1), [], commit: commit)
        #expect((cluster.commitIndex(3) > 1) == (mutation != nil))
        #expect(blames(cluster, "was committed") == (mutation != nil))
    }

    // RELIABILITY B8.
    @Test(arguments: [nil, Mutation.quorumOfHalf])
    func `halves of a cluster elect two leaders`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 4) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        cluster.partition([1, 2], from: [3, 4])
        cluster.campaign(1)
        cluster.campaign(3)
        cluster.stabilize()
        #expect((cluster.leaders == [1, 3]) == (mutation != nil))
        #expect(blames(cluster, "both became leader") == (mutation != nil))
    }

    // RELIABILITY B10.
    @Test(arguments: [nil, Mutation.comparesIndexBeforeTerm])
    func `a long old log is elected over committed entries`(_ mutation: Mutation?) {
        var cluster = Stories.longOldLog(mutation: mutation)
        cluster.toleratesFaults = true
        cluster.crash(2)
        cluster.heal()
        cluster.elect(1)
        // Its term was behind: the second try has a term that nobody has voted in.
        cluster.elect(1)
        #expect((cluster.leaders == [1]) == (mutation != nil))
        #expect(blames(cluster, "lacks committed entry") == (mutation != nil))
    }

    // RELIABILITY B11.
    @Test(arguments: [nil, Mutation.keepsVoteAcrossTerms])
    func `a vote kept across terms is not the new term's`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        #expect(cluster.grants(1, to: 2, term: 5) == true)
        // Term 6 begins with somebody's append or refusal; the vote of term 5 must be gone.
        cluster.answer(
            of: 1, to: 3, term: 6,
            .voteResponse(VoteResponse(isGranted: false, isPreVote: false)))
        let vote = cluster.machine(1).disk.hardState
        #expect(vote.term == Term(6))
        #expect((vote.votedFor != .zero) == (mutation != nil))
    }

    // RELIABILITY B20.
    @Test(arguments: [nil, Mutation.changesMembershipBeforeOwnTermCommit])
    func `a change before the term's first commit makes disjoint majorities`(
        _ mutation: Mutation?
    ) {
        var cluster = Stories.singleServerChange(mutation: mutation)
        cluster.toleratesFaults = true
        cluster.change(2, .remove(PeerID(1)))
        for _ in 0..<6 {
            cluster.tick(2, 1)
            cluster.deliver(2, 3)
            cluster.deliver(3, 2)
        }
        cluster.drop()
        cluster.crash(2)
        cluster.crash(3)
        cluster.crash(1)
        cluster.restart(1)
        cluster.heal()
        cluster.elect(1)
        #expect(cluster.leaders == [1])
        #expect(blames(cluster, "lacks committed entry") == (mutation != nil))
        if mutation == nil { #expect(cluster.faults.isEmpty) }
    }

    // RELIABILITY B21.
    @Test(arguments: [nil, Mutation.allowsTwoMembershipChanges])
    func `two changes are under way at once`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        cluster.elect(1)
        cluster.commit(1, "a")
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.change(1, .addLearner(PeerID(5)))
        #expect(cluster.refusedChanges.isEmpty == (mutation != nil))
        #expect(blames(cluster, "2 membership changes under way") == (mutation != nil))
    }

    // RELIABILITY B22.
    @Test(arguments: [nil, Mutation.keepsMembershipAfterTruncation])
    func `a truncated membership stays in force`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        cluster.elect(1)
        cluster.commit(1, "a")
        cluster.isolate(1)
        cluster.change(1, .remove(PeerID(3)))
        cluster.elect(2)
        cluster.heal()
        cluster.tickAll(10)
        #expect(cluster.log(1) == cluster.log(2))
        #expect((cluster.node(1).membership != cluster.node(2).membership) == (mutation != nil))
    }

    // RELIABILITY B26.
    @Test(arguments: [nil, Mutation.readsWithoutReadIndex])
    func `a deposed leader answers from its own state`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        cluster.elect(1)
        cluster.isolate(1)
        cluster.elect(2)
        cluster.commit(2, "new")
        cluster.read(1, 1)
        #expect(blames(cluster, "misses committed") == (mutation != nil))
    }

    // RELIABILITY B27.
    @Test(arguments: [nil, Mutation.readIndexBeforeOwnTermCommit])
    func `a new leader's commit index is too old to read at`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.toleratesFaults = true
        cluster.elect(1)
        cluster.propose(1, "x")
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        #expect(cluster.applied(1) == ["x"])
        cluster.crash(1)
        cluster.drop()
        for id in [2, 3] as [UInt64] {
            cluster.tick(id, 10)
            cluster.drop()
        }
        cluster.campaign(2)
        cluster.deliverElection()
        cluster.read(2, 1)
        for _ in 0..<4 {
            cluster.drop { !$0.entries.isEmpty }
            cluster.deliver()
            cluster.tick(2, 1)
        }
        #expect(blames(cluster, "misses committed") == (mutation != nil))
        #expect((cluster.permitted(2, 1) != nil) == (mutation != nil))
    }

    // RELIABILITY B12.
    @Test(arguments: [nil, Mutation.noCheckQuorum])
    func `a deaf leader holds on for ever`(_ mutation: Mutation?) {
        var cluster = Stories.deafLeader(mutation: mutation)
        cluster.tickAll(300)
        #expect((cluster.leaders == [1]) == (mutation != nil))
        #expect(cluster.leaders.filter { $0 != 1 }.isEmpty == (mutation != nil))
    }

    // RELIABILITY B13.
    @Test(arguments: [nil, Mutation.noPreVote])
    func `a member that was cut off comes back with a high term`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.elect(1)
        cluster.isolate(3)
        cluster.tickAll(100)
        #expect((cluster.term(3) > 2) == (mutation != nil))
        cluster.heal()
        cluster.tickAll(60)
        #expect((cluster.term(1) > 1) == (mutation != nil), "the leader was disturbed")
    }

    @Test(arguments: [nil, Mutation.snapshotNeverRetried])
    func `a lost image is never sent again`(_ mutation: Mutation?) {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.elect(1)
        cluster.crash(3)
        cluster.commit(1, "a", "b")
        cluster.tickAll(1)
        cluster.compact(1)
        cluster.restart(3)
        var lost = 0
        for _ in 0..<5 where lost == 0 {
            cluster.tickAllLosing { message in
                if message.chunk != nil { lost += 1 }
                return message.chunk != nil
            }
        }
        #expect(lost > 0)
        cluster.tickAll(200)
        #expect((cluster.applied(3) == ["a", "b"]) == (mutation == nil))
    }
}

#endif
