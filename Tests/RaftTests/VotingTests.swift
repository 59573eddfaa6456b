import Primitives
import Raft
import Testing

/// Who gets a vote: Raft §5.2 (one vote a term) and §5.4.1 (only up-to-date candidates), and
/// how votes are counted.
@Suite struct `Votes` {
    // Raft §5.2: "Each server will vote for at most one candidate in a given term, on a
    // first-come-first-served basis".
    // RELIABILITY B11: a higher term frees the vote.
    @Test func `a voter gives one vote for each term, to the first that asks`() {
        var cluster = RaftCluster(voters: 3)
        #expect(cluster.grants(1, to: 2, term: 5) == true)
        #expect(cluster.grants(1, to: 3, term: 5) == false)
        #expect(cluster.grants(1, to: 2, term: 5) == true, "a lost answer may be asked for again")
        #expect(cluster.grants(1, to: 3, term: 6) == true)
        #expect(cluster.grants(1, to: 2, term: 6) == false)
        #expect(cluster.term(1) == 6)
    }

    // Raft §5.1: "If a server receives a request with a stale term number, it rejects".
    @Test func `a vote for a past term is refused`() {
        var cluster = RaftCluster(voters: 3)
        #expect(cluster.grants(1, to: 2, term: 5) == true)
        #expect(cluster.grants(1, to: 3, term: 4) != true)
        #expect(cluster.term(1) == 5)
        #expect(cluster.machine(1).disk.hardState.votedFor == PeerID(2))
    }

    // RELIABILITY B2: a vote forgotten in a crash would be given twice.
    @Test func `a vote survives a crash`() {
        var cluster = RaftCluster(voters: 3)
        #expect(cluster.grants(1, to: 2, term: 5) == true)
        cluster.crash(1)
        cluster.restart(1)
        #expect(cluster.term(1) == 5)
        #expect(cluster.grants(1, to: 3, term: 5) == false)
        #expect(cluster.grants(1, to: 2, term: 5) == true)
    }

    // RELIABILITY B2: Raft figure 2, "updated on stable storage before responding to RPCs".
    @Test func `a vote leaves only once it is durable`() {
        var cluster = RaftCluster(voters: 3)
        cluster.holdDisk(1)
        #expect(cluster.grants(1, to: 2, term: 5) == nil)
        #expect(cluster.messages(1, 2).isEmpty)
        var crashed = cluster
        cluster.releaseDisk(1)
        #expect(cluster.messages(1, 2).count == 1)

        // Where the crash came first nobody knows of the vote, so it may go elsewhere.
        crashed.crash(1)
        crashed.restart(1)
        #expect(crashed.term(1) == 0)
        crashed.releaseDisk(1)
        #expect(crashed.grants(1, to: 3, term: 5) == true)
    }

    // RELIABILITY B2: the candidate's own vote is no exception.
    @Test func `a candidate counts its own vote only once it is durable`() {
        var cluster = RaftCluster(voters: 3)
        cluster.holdDisk(1)
        cluster.campaign(1)
        cluster.stabilize()
        #expect(cluster.leaders.isEmpty)
        cluster.releaseDisk(1)
        cluster.stabilize()
        #expect(cluster.leaders == [1])
    }

    struct UpToDate: Sendable {
        var voter: [UInt64]
        var candidate: EntryID
        var isGranted: Bool
    }

    // Raft §5.4.1: "If the logs have last entries with different terms, then the log with the
    // later term is more up-to-date. If the logs end with the same term, then whichever log is
    // longer is more up-to-date."
    static let upToDate: [UpToDate] = [
        UpToDate(voter: [], candidate: .zero, isGranted: true),
        UpToDate(voter: [], candidate: at(3, 2), isGranted: true),
        UpToDate(voter: [1], candidate: .zero, isGranted: false),
        UpToDate(voter: [1, 1], candidate: at(1, 1), isGranted: false),
        UpToDate(voter: [1, 1], candidate: at(2, 1), isGranted: true),
        UpToDate(voter: [1, 1], candidate: at(3, 1), isGranted: true),
        // The later term wins, however short the log …
        UpToDate(voter: [1, 1, 1], candidate: at(1, 2), isGranted: true),
        UpToDate(voter: [1, 1, 1], candidate: at(2, 3), isGranted: true),
        // … and the earlier one loses, however long.
        UpToDate(voter: [1, 2], candidate: at(9, 1), isGranted: false),
        UpToDate(voter: [1, 2], candidate: at(2, 2), isGranted: true),
        UpToDate(voter: [3], candidate: at(9, 2), isGranted: false),
    ]

    // RELIABILITY B10: comparing the index first elects leaders without committed entries.
    @Test(arguments: upToDate, [true, false])
    func `only a candidate whose log is at least as up-to-date gets a vote`(
        _ example: UpToDate, _ isPreVote: Bool
    ) {
        var cluster = RaftCluster(
            logs: [1: example.voter], term: 7, voters: [1, 2, 3])
        let answer = cluster.grants(
            1, to: 2, term: 8, last: example.candidate, isPreVote: isPreVote)
        #expect(answer == example.isGranted)
        #expect(cluster.term(1) == (isPreVote ? 7 : 8))
    }

    // A refusal for the log's sake leaves the vote to somebody better.
    @Test func `a refused candidate does not use up the vote`() {
        var cluster = RaftCluster(logs: [1: [1, 2]], term: 7, voters: [1, 2, 3])
        #expect(cluster.grants(1, to: 2, term: 8, last: at(2, 1)) == false)
        #expect(cluster.grants(1, to: 3, term: 8, last: at(2, 2)) == true)
    }

    // RELIABILITY B11: thesis §4.2.3: "if a server receives a RequestVote request within the
    // minimum election timeout of hearing from a current leader, it does not update its term or
    // grant its vote".
    @Test(arguments: [true, false])
    func `a follower that hears its leader grants nothing`(_ isPreVote: Bool) {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        let (term, last) = (cluster.term(1), at(99, 99))
        for voter in [1, 2] as [UInt64] {
            let answer = cluster.grants(
                voter, to: 3, term: term + 1, last: last, isPreVote: isPreVote)
            #expect(answer != true)
            #expect(cluster.term(voter) == term)
        }
        #expect(cluster.leaders == [1])
        // Once the leader has been silent for long enough it is another matter.
        cluster.drop()
        cluster.tick(2, 10)
        cluster.drop()
        #expect(
            cluster.grants(2, to: 3, term: term + 3, last: last, isPreVote: isPreVote) == true)
    }

    @Test func `a vote counts once, however often it arrives`() {
        var cluster = RaftCluster(voters: 5)
        cluster.stand(1)
        cluster.deliver(1, 2)
        cluster.duplicate(2, 1)
        cluster.duplicate(2, 1)
        cluster.deliver(2, 1)
        #expect(cluster.leaders.isEmpty)
        cluster.deliver(1, 3)
        cluster.deliver(3, 1)
        #expect(cluster.leaders == [1])
    }

    @Test func `a vote counts only in its term`() {
        var cluster = RaftCluster(voters: 5)
        cluster.stand(1)
        cluster.deliver(1, 2)
        cluster.deliver(1, 3)
        let late = cluster.network.take { $0.to == PeerID(1) && $0.isVote && !$0.isPreVote }
        #expect(late.count == 2)
        cluster.drop()
        cluster.stand(1)
        #expect(cluster.term(1) == 2)
        for message in late { cluster.hand(over: message) }
        #expect(cluster.leaders.isEmpty)
        cluster.stabilize()
        #expect(cluster.leaders == [1])
    }

    @Test func `a granted pre-vote is no vote`() {
        var cluster = RaftCluster(voters: 3)
        cluster.stand(1)
        let preVote = VoteResponse(isGranted: true, isPreVote: true)
        cluster.answer(of: 1, to: 2, term: 1, .voteResponse(preVote))
        cluster.answer(of: 1, to: 3, term: 1, .voteResponse(preVote))
        #expect(cluster.role(1) == .candidate)
    }

    @Test func `votes of strangers do not count`() {
        var cluster = RaftCluster(voters: 3)
        cluster.stand(1)
        let vote = VoteResponse(isGranted: true, isPreVote: false)
        for stranger in 7...9 as ClosedRange<UInt64> {
            cluster.answer(of: 1, to: stranger, term: 1, .voteResponse(vote))
        }
        #expect(cluster.leaders.isEmpty)
    }

    // A vote cannot be taken back: a stray refusal of the same voter changes nothing.
    @Test func `refusals of a majority do not make a leader`() {
        var cluster = RaftCluster(voters: 3)
        cluster.stand(1)
        let refusal = VoteResponse(isGranted: false, isPreVote: false)
        cluster.answer(of: 1, to: 2, term: 1, .voteResponse(refusal))
        cluster.answer(of: 1, to: 3, term: 1, .voteResponse(refusal))
        #expect(cluster.leaders.isEmpty)
        #expect(cluster.term(1) == 1)
    }
}
