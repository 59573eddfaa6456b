import Primitives
import Raft
import Testing

/// The consistency check and what a follower does with its log, Raft §5.3.
@Suite struct `Log matching` {
    struct Case: Sendable {
        var log: [UInt64]
        var previous: EntryID
        var terms: [UInt64]
        /// The match acknowledged; nil where the append must be rejected.
        var match: UInt64?
        var result: [UInt64]
    }

    // Raft figure 2, AppendEntries receiver implementation 2–4.
    static let cases: [Case] = [
        // No entry where the leader's begin.
        Case(log: [1, 1], previous: at(3, 1), terms: [2], match: nil, result: [1, 1]),
        Case(log: [], previous: at(1, 1), terms: [], match: nil, result: []),
        // An entry of another term there.
        Case(log: [1, 1], previous: at(2, 2), terms: [2], match: nil, result: [1, 1]),
        Case(log: [1, 2], previous: at(2, 1), terms: [2], match: nil, result: [1, 2]),
        // It fits at the end.
        Case(log: [1, 1], previous: at(2, 1), terms: [2, 2], match: 4, result: [1, 1, 2, 2]),
        Case(log: [], previous: .zero, terms: [1, 1], match: 2, result: [1, 1]),
        // A conflict takes everything behind it along.
        Case(log: [1, 1, 2, 2, 2], previous: at(2, 1), terms: [3], match: 3, result: [1, 1, 3]),
        Case(log: [1, 1, 1], previous: .zero, terms: [1, 2], match: 2, result: [1, 2]),
        Case(
            log: [1, 2, 2], previous: at(1, 1), terms: [2, 3, 3], match: 4,
            result: [1, 2, 3, 3]),
        // What is there already stays, and so does what is behind it.
        Case(log: [1, 1, 1], previous: at(1, 1), terms: [1], match: 2, result: [1, 1, 1]),
        Case(log: [1, 1, 1], previous: .zero, terms: [1, 1, 1], match: 3, result: [1, 1, 1]),
        Case(log: [1, 1, 1], previous: .zero, terms: [], match: 0, result: [1, 1, 1]),
        Case(log: [1, 1, 1], previous: at(2, 1), terms: [], match: 2, result: [1, 1, 1]),
        Case(log: [1, 1], previous: at(1, 1), terms: [1, 3], match: 3, result: [1, 1, 3]),
    ]

    // RELIABILITY B6: an old append must not cut what matches.
    @Test(arguments: cases)
    func `a follower checks, keeps what matches and replaces what conflicts`(_ example: Case) {
        var cluster = RaftCluster(logs: [1: example.log], term: 5, voters: [1, 2, 3])
        let answers = cluster.append(
            to: 1, from: 2, term: 5, after: example.previous, example.terms)
        #expect(cluster.terms(1) == example.result)
        #expect(answers.count == 1)
        #expect(answers.last?.match == example.match)
        #expect(answers.last?.isRejection == (example.match == nil))
        #expect(cluster.leader(1) == 2)
    }

    // RELIABILITY B6: etcd's TestLogReplicationWithReorderedMessage.
    @Test func `duplicated and reordered appends do no harm`() {
        var cluster = RaftCluster(logs: [1: [1]], term: 2, voters: [1, 2, 3])
        cluster.append(to: 1, from: 2, term: 2, after: at(1, 1), [2, 2], commit: 1)
        cluster.append(to: 1, from: 2, term: 2, after: at(3, 2), [2], commit: 4)
        #expect(cluster.commitIndex(1) == 4)
        cluster.append(to: 1, from: 2, term: 2, after: at(1, 1), [2, 2], commit: 1)
        cluster.append(to: 1, from: 2, term: 2, after: at(1, 1), [2], commit: 0)
        cluster.append(to: 1, from: 2, term: 2, after: at(1, 1), [], commit: 0)
        #expect(cluster.terms(1) == [1, 2, 2, 2])
        #expect(cluster.commitIndex(1) == 4)
        #expect(!cluster.events(of: 1).contains { event in
            if case .truncatedLog = event { return true }
            return false
        })
    }

    // RELIABILITY B7: Raft figure 2, "commitIndex = min(leaderCommit, index of last new entry)".
    @Test func `a follower commits only what this leader has verified`() {
        var cluster = RaftCluster(logs: [1: [1, 1, 1, 1]], term: 2, voters: [1, 2, 3])
        cluster.append(to: 1, from: 2, term: 2, after: at(1, 1), [], commit: 4)
        #expect(cluster.commitIndex(1) == 1)
        cluster.append(to: 1, from: 2, term: 2, after: at(1, 1), [1], commit: 4)
        #expect(cluster.commitIndex(1) == 2)
        cluster.append(to: 1, from: 2, term: 2, after: at(2, 1), [2], commit: 9)
        #expect(cluster.commitIndex(1) == 3)
        #expect(cluster.terms(1) == [1, 1, 2])
    }

    @Test func `the commit index never goes back`() {
        var cluster = RaftCluster(logs: [1: [1, 1, 1]], term: 2, voters: [1, 2, 3])
        cluster.append(to: 1, from: 2, term: 2, after: at(3, 1), [], commit: 3)
        cluster.append(to: 1, from: 2, term: 2, after: at(1, 1), [], commit: 1)
        cluster.answer(
            of: 1, to: 2, term: 2, .heartbeat(Heartbeat(commitIndex: LogIndex(2), readRound: 0)))
        #expect(cluster.commitIndex(1) == 3)
    }

    /// Raft figure 7: the logs that a new leader may meet.
    static let figure7: [UInt64: [UInt64]] = [
        1: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
        2: [1, 1, 1, 4, 4, 5, 5, 6, 6],  // a
        3: [1, 1, 1, 4],  // b
        4: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],  // c
        5: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],  // d
        6: [1, 1, 1, 4, 4, 4, 4],  // e
        7: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],  // f
    ]

    @Test func `a new leader brings all logs of figure 7 in line with its own`() {
        var cluster = RaftCluster(logs: Self.figure7, term: 7)
        cluster.elect(1)
        #expect(cluster.leaders == [1])
        cluster.tickAll(2)
        for id in 1...7 as ClosedRange<UInt64> {
            #expect(cluster.terms(id) == Self.figure7[1]! + [8])
            #expect(cluster.commitIndex(id) == 11)
        }
    }

    // Raft §5.4.1 on the same figure: c and d are ahead, everybody else votes.
    @Test func `of figure 7 only a, c, d and the leader itself can win`() {
        for id in 1...7 as ClosedRange<UInt64> {
            var cluster = RaftCluster(logs: Self.figure7, term: 7)
            cluster.elect(id)
            #expect(cluster.leaders == ([1, 2, 4, 5].contains(id) ? [id] : []), "\(id)")
        }
    }

    struct BackOff: Sendable {
        var leader: [UInt64]
        var follower: [UInt64]
        var rejectionsMax: Int
    }

    static let backOffs: [BackOff] = [
        // A follower that lacks much says where its log ends.
        BackOff(leader: Array(repeating: 1, count: 50), follower: [1], rejectionsMax: 1),
        // One term that the leader does not have.
        BackOff(
            leader: [1] + Array(repeating: 3, count: 40),
            follower: [1] + Array(repeating: 2, count: 60), rejectionsMax: 2),
        // A long common term, in which the follower's log is longer.
        BackOff(
            leader: Array(repeating: 1, count: 20) + [4],
            follower: Array(repeating: 1, count: 50), rejectionsMax: 2),
        // Two terms each that the other lacks.
        BackOff(
            leader: [1] + Array(repeating: 3, count: 20) + Array(repeating: 5, count: 20),
            follower: [1] + Array(repeating: 2, count: 20) + Array(repeating: 4, count: 20),
            rejectionsMax: 3),
    ]

    // Raft §5.3: "one AppendEntries RPC will be required for each term with conflicting entries,
    // rather than one RPC per entry".
    @Test(arguments: backOffs)
    func `the leader backs off by terms, not by entries`(_ example: BackOff) {
        var cluster = RaftCluster(
            logs: [1: example.leader, 2: example.follower, 3: []], term: 6)
        cluster.network.blocked = [Link(1, 2), Link(2, 1)]
        cluster.elect(1)
        #expect(cluster.leaders == [1])
        cluster.network.blocked = []
        var rejections = 0
        for _ in 0..<20 {
            cluster.tick(1)
            while let message = cluster.network.takeFirst() {
                if message.from == PeerID(2), message.isRejection { rejections += 1 }
                cluster.hand(over: message)
            }
        }
        #expect(cluster.terms(2) == example.leader + [7])
        #expect(rejections <= example.rejectionsMax)
    }

    // RELIABILITY B9: nextIndex must stay above matchIndex whatever order answers arrive in; the
    // ledger objects to any append behind the match.
    @Test func `answers that come late or twice move nothing back`() {
        var cluster = RaftCluster(logs: [1: [1, 2], 2: [1, 2], 3: [1, 1, 1]], term: 2)
        cluster.network.blocked = [Link(1, 3), Link(3, 1)]
        cluster.elect(1)
        cluster.crash(2)
        cluster.heal()
        // A rejection and acceptances, all kept for later.
        var kept: [Message] = []
        for text in ["a", "b", "c"] {
            cluster.propose(1, text)
            cluster.tick(1)
            while let message = cluster.network.takeFirst() {
                if message.to == PeerID(1) { kept.append(message) }
                cluster.hand(over: message)
            }
        }
        #expect(kept.contains { $0.isRejection })
        #expect(cluster.applied(1).suffix(3) == ["a", "b", "c"])
        for message in kept.reversed() + kept {
            cluster.hand(over: message)
            cluster.stabilize()
        }
        cluster.commit(1, "d")
        #expect(cluster.log(3) == cluster.log(1))
        #expect(cluster.applied(1).last == "d")
    }
}
