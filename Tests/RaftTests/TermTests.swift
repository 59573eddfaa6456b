import Primitives
import Raft
import Testing

/// Terms as a logical clock, Raft §5.1: "if one server's current term is smaller than the
/// other's, then it updates its current term to the larger value. If a candidate or leader
/// discovers that its term is out of date, it immediately reverts to follower state."
@Suite struct `Terms` {
    static let last = at(1, 1)
    static let description = SnapshotDescription(
        lastIncluded: at(9, 8), membership: Membership(voters: [PeerID(1), PeerID(2), PeerID(3)]))

    static let bodies: [Message.Body] = [
        .voteRequest(VoteRequest(lastEntry: last, isPreVote: false, isTransfer: true)),
        .voteResponse(VoteResponse(isGranted: false, isPreVote: false)),
        .append(AppendRequest(previous: .zero, entries: [], commitIndex: .zero)),
        .appendResponse(.rejected(previousIndex: LogIndex(1), hint: .zero)),
        .heartbeat(Heartbeat(commitIndex: .zero, readRound: 0)),
        .heartbeatResponse(HeartbeatResponse(readRound: 0)),
        .snapshotChunk(
            SnapshotChunk(description: description, offset: 0, bytes: [1], isLast: false)),
    ]

    @Test(arguments: bodies)
    func `a leader that hears of a higher term follows`(_ body: Message.Body) {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.answer(of: 1, to: 2, term: 9, body)
        #expect(cluster.term(1) == 9)
        #expect(!cluster.node(1).isLeader)
        #expect(cluster.role(1) == .follower)
        #expect(cluster.machine(1).disk.hardState.term == Term(9))
    }

    @Test(arguments: bodies)
    func `a candidate that hears of a higher term follows`(_ body: Message.Body) {
        var cluster = RaftCluster(voters: 3)
        cluster.stand(1)
        cluster.answer(of: 1, to: 2, term: 9, body)
        #expect(cluster.term(1) == 9)
        #expect(cluster.role(1) == .follower)
    }

    @Test(arguments: bodies)
    func `a follower adopts a higher term`(_ body: Message.Body) {
        var cluster = RaftCluster(voters: 3)
        cluster.answer(of: 1, to: 2, term: 9, body)
        #expect(cluster.term(1) == 9)
    }

    // Thesis §9.6: a pre-vote asks for a term that nobody has begun.
    @Test(arguments: [true, false])
    func `a pre-vote changes nobody's term`(_ isGranted: Bool) {
        var cluster = RaftCluster(voters: 3)
        _ = cluster.grants(1, to: 2, term: 9, isPreVote: true)
        #expect(cluster.term(1) == 0)
        // Nor does the leader that is asked.
        cluster.elect(1)
        let term = cluster.term(1)
        _ = cluster.grants(1, to: 2, term: 9, last: at(9, 8), isPreVote: true)
        #expect(cluster.term(1) == term && cluster.leaders == [1])
        // And a granted answer carries the term asked for, not one that exists.
        cluster.answer(
            of: 3, to: 2, term: 9,
            .voteResponse(VoteResponse(isGranted: true, isPreVote: true)))
        #expect(cluster.term(3) == term)
    }

    // Raft §5.1: "If a server receives a request with a stale term number, it rejects the
    // request." The answer's term is what lets the sender find out.
    @Test(arguments: bodies)
    func `a message of a past term changes nothing`(_ body: Message.Body) {
        var cluster = RaftCluster(logs: [1: [1], 2: [1], 3: [1]], term: 5)
        cluster.elect(1)
        cluster.commit(1, "x")
        let before = (cluster.log(1), cluster.log(2), cluster.machine(2).disk.hardState)
        for id in [1, 2] as [UInt64] {
            for message in cluster.answer(of: id, to: 3, term: 4, body) {
                #expect(message.term == Term(6))
            }
        }
        #expect(cluster.leaders == [1] && cluster.term(2) == 6)
        #expect(cluster.leader(2) == 1)
        #expect(cluster.log(1) == before.0 && cluster.log(2) == before.1)
        #expect(cluster.machine(2).disk.hardState == before.2)
    }

    @Test func `an old leader learns of the new term when it asks`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.isolate(1)
        cluster.elect(2)
        cluster.heal()
        #expect(Set(cluster.leaders) == [1, 2])
        cluster.tick(1, 2)
        cluster.stabilize()
        #expect(cluster.leaders == [2])
        #expect(cluster.term(1) == cluster.term(2))
    }

    // Raft figure 2: the current term "increases monotonically", over crashes too.
    @Test func `a term survives a crash`() {
        var cluster = RaftCluster(voters: 3)
        cluster.answer(
            of: 1, to: 2, term: 7, .heartbeat(Heartbeat(commitIndex: .zero, readRound: 0)))
        cluster.crash(1)
        cluster.restart(1)
        #expect(cluster.term(1) == 7)
        #expect(cluster.leader(1) == 0)
    }
}
