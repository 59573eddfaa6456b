import Primitives
import Raft
import Testing

/// Writing to disk in parallel to everything else, thesis §10.2.1, and what may then be promised.
@Suite struct `Storage that takes its time` {
    // Thesis §10.2.1: "The leader can write to its disk in parallel with replicating to the
    // followers". Its own disk counts once it has the entry, no earlier.
    @Test func `a leader sends an entry before it is durable at home`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.holdDisk(1)
        cluster.propose(1, "x")
        #expect(cluster.messages(1, 2).contains { !$0.entries.isEmpty })
        #expect(cluster.machine(1).disk.lastIndex == LogIndex(1))
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        #expect(cluster.commitIndex(1) == 1, "one durable copy of three is no majority")
        cluster.persist(1)
        #expect(cluster.commitIndex(1) == 2)
    }

    // Thesis §10.2.1: "The leader may even commit an entry before it has been written to its own
    // disk, if a majority of followers have written it".
    @Test func `a majority of others commits, but the leader applies only what it has durable`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.holdDisk(1)
        cluster.propose(1, "x")
        cluster.stabilize()
        #expect(cluster.commitIndex(1) == 2)
        #expect(cluster.applied(1).isEmpty)
        cluster.tick(1, 2)
        cluster.stabilize()
        #expect(cluster.applied(2) == ["x"])
        // The leader's crash loses its copy, not the entry.
        var crashed = cluster
        cluster.releaseDisk(1)
        #expect(cluster.applied(1) == ["x"])
        crashed.crash(1)
        crashed.elect(2)
        crashed.restart(1)
        crashed.releaseDisk(1)
        crashed.tickAll(5)
        #expect(crashed.applied(1) == ["x"])
    }

    // RELIABILITY B3: Raft figure 2, answers come after stable storage.
    @Test func `a follower acknowledges an entry only once it is durable`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.crash(3)
        cluster.holdDisk(2)
        cluster.propose(1, "x")
        cluster.stabilize()
        cluster.tick(1, 2)
        cluster.stabilize()
        #expect(cluster.applied(1).isEmpty)
        var crashed = cluster
        cluster.persist(2)
        cluster.stabilize()
        #expect(cluster.applied(1) == ["x"])

        crashed.crash(2)
        crashed.restart(2)
        #expect(crashed.log(2).count == 1)
        crashed.releaseDisk(2)
        crashed.tickAll(5)
        #expect(crashed.applied(2) == ["x"])
    }

    @Test func `each finished write is acknowledged by itself, in order`() {
        var cluster = RaftCluster(voters: 3)
        cluster.append(to: 1, from: 2, term: 1, after: .zero, [1])
        cluster.drop()
        cluster.holdDisk(1)
        cluster.append(to: 1, from: 2, term: 1, after: at(1, 1), [1])
        cluster.append(to: 1, from: 2, term: 1, after: at(2, 1), [1])
        #expect(cluster.messages(1).isEmpty)
        cluster.persist(1, count: 1)
        #expect(cluster.messages(1).compactMap(\.match) == [2])
        cluster.persist(1, count: 1)
        #expect(cluster.messages(1).compactMap(\.match) == [2, 3])
    }

    @Test func `a duplicate of an append under way is not acknowledged early`() {
        var cluster = RaftCluster(voters: 3)
        cluster.append(to: 1, from: 2, term: 1, after: .zero, [1])
        cluster.drop()
        cluster.holdDisk(1)
        cluster.append(to: 1, from: 2, term: 1, after: at(1, 1), [1, 1])
        cluster.append(to: 1, from: 2, term: 1, after: at(1, 1), [1, 1])
        cluster.append(to: 1, from: 2, term: 1, after: at(3, 1), [])
        #expect(cluster.messages(1).compactMap(\.match).allSatisfy { $0 <= 1 })
        cluster.persist(1)
        #expect(cluster.messages(1).compactMap(\.match).max() == 3)
    }

    // RELIABILITY B5: a crash after the second write would lose what the first had durable.
    @Test func `a finished write does not vouch for an equal entry written later`() {
        var cluster = Stories.appendABA()
        #expect(cluster.terms(1) == [1])
        #expect(cluster.messages(1).compactMap(\.match).isEmpty)
        // What is said of the past terms' appends in their terms is no more than old news.
        for _ in 0..<2 {
            cluster.persist(1, count: 1)
            #expect(!cluster.messages(1).contains { $0.match != nil && $0.term == Term(4) })
        }
        cluster.persist(1)
        let acknowledged = cluster.messages(1).filter { $0.match != nil && $0.term == Term(4) }
        #expect(acknowledged.map(\.to) == [PeerID(2)])
        #expect(acknowledged.map(\.match) == [1])
        #expect(cluster.terms(1) == [1])
    }

    // RELIABILITY B4: raft's TestLeaderMsgAppSelfAckAfterTermChange.
    @Test func `a leader's own write counts only for the term in which it was made`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.holdDisk(1)
        cluster.propose(1, "x")
        cluster.drop()
        // 2 leads term 2 and overwrites; 1 learns of it while its write is still under way.
        cluster.tick(3, 10)
        cluster.drop()
        cluster.network.blocked = [Link(1, 2), Link(1, 3)]
        cluster.elect(2)
        #expect(cluster.leaders == [2])
        cluster.tick(2, 2)
        cluster.stabilize()
        #expect(cluster.terms(1) == [1, 2])
        // The old write finishes: nobody may take 2@2 for durable at 1.
        cluster.heal()
        cluster.persist(1, count: 1)
        #expect(cluster.messages(1).compactMap(\.match).allSatisfy { $0 < 2 })
        cluster.stabilize()
        cluster.releaseDisk(1)
        cluster.tickAll(3)
        #expect(cluster.terms(1) == [1, 2])
    }

    @Test func `one that leads again does not take an old write for a new one`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.holdDisk(1)
        cluster.propose(1, "x")
        cluster.drop()
        cluster.elect(2)
        cluster.elect(1)
        for _ in 0..<10 {
            cluster.persist(1, count: 1)
            cluster.stabilize()
        }
        cluster.releaseDisk(1)
        let leader = cluster.settle()
        cluster.commit(leader, "y")
        cluster.tickAll(2)
        #expect(cluster.applied(1).last == "y")
        #expect(cluster.log(1) == cluster.log(2) && cluster.log(2) == cluster.log(3))
    }

    // RELIABILITY B2: Raft §5.2, one leader a term. Had the candidate led with the votes of others
    // alone, it could, after a crash that loses its term, win the same term again with other
    // entries: its voters may repeat their votes.
    @Test func `nobody leads a term that its own disk may forget`() {
        var cluster = RaftCluster(voters: 3)
        cluster.holdDisk(1)
        cluster.campaign(1)
        cluster.deliverElection()
        #expect(cluster.leaders.isEmpty)
        cluster.propose(1, "x")
        cluster.stabilize()
        cluster.crash(1)
        cluster.restart(1)
        cluster.releaseDisk(1)
        cluster.elect(1)
        cluster.commit(1, "y")
        #expect(cluster.applied(1).last == "y")
    }

    // Raft figure 2: commitIndex is volatile; writing it may wait for company.
    @Test func `a changed commit index alone asks for no sync`() throws {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.propose(1, "x")
        cluster.deliver(1, 2)
        let message = try #require(cluster.network.take { $0.to == PeerID(1) }.first)
        let output = cluster.step(1, .message(message))
        #expect(cluster.commitIndex(1) == 2)
        if let write = output.write { #expect(!write.mustSync && write.entries.isEmpty) }
    }

    // A crash may come between any two of the operations under way, and the node may have been
    // told of the last ones or not.
    @Test(arguments: 0...6, 0...2)
    func `a crash after any write leaves a disk to start from`(
        _ finished: Int, _ unreported: Int
    ) {
        var cluster = RaftCluster(voters: 3)
        cluster.holdDisk(1)
        cluster.append(to: 1, from: 2, term: 1, after: .zero, [1, 1, 1])
        cluster.append(to: 1, from: 3, term: 2, after: at(1, 1), [2, 2], commit: 1)
        _ = cluster.grants(1, to: 2, term: 5, last: at(9, 4))
        cluster.append(to: 1, from: 2, term: 5, after: at(2, 2), [5], commit: 2)
        cluster.persist(1, count: finished)
        cluster.crash(1, unreported: unreported)
        cluster.restart(1)
        let (terms, disk) = (cluster.terms(1), cluster.machine(1).disk.hardState)
        #expect([[], [1, 1, 1], [1, 2, 2], [1, 2, 5]].contains(terms), "\(terms)")
        #expect(cluster.term(1) == disk.term.rawValue)
        cluster.releaseDisk(1)
        let (final, committed) = ([1, 2, 5, 5] as [UInt64], cluster.commitIndex(1))
        let previous = committed == 0 ? .zero : at(committed, final[Int(committed) - 1])
        cluster.append(
            to: 1, from: 2, term: 5, after: previous, Array(final[Int(committed)...]), commit: 4)
        #expect(cluster.terms(1) == final)
        #expect(cluster.commitIndex(1) == 4)
    }
}
