import Primitives
import Raft
import Testing

/// Leadership transfer, thesis §3.10.
@Suite struct `Leadership transfer` {
    private func ledCluster(_ voters: Int = 3) -> RaftCluster {
        var cluster = RaftCluster(voters: voters)
        cluster.elect(1)
        cluster.commit(1, "a")
        cluster.tickAll(2)
        return cluster
    }

    private func transfer(_ cluster: inout RaftCluster, via id: UInt64 = 1, to target: UInt64) {
        cluster.step(id, .transferLeadership(to: PeerID(target)))
    }

    private func asks(_ cluster: RaftCluster, _ target: UInt64) -> Bool {
        cluster.messages(nil, target).contains { $0.body == .timeoutNow }
    }

    // Thesis §3.10: the target "starts a new election … the RequestVote requests … will cause the
    // prior leader to step down". Everybody hears the leader, and votes all the same.
    @Test(arguments: [3, 5])
    func `the target leads without anybody waiting`(_ voters: Int) {
        var cluster = ledCluster(voters)
        transfer(&cluster, to: 2)
        cluster.stabilize()
        #expect(cluster.leaders == [2])
        #expect(cluster.term(1) == 2)
        #expect(cluster.events(of: 1).contains(.transferStarted(to: PeerID(2))))
        #expect(cluster.events(of: 1).contains(.transferEnded(to: PeerID(2), succeeded: true)))
        cluster.commit(2, "b")
        cluster.tickAll(2)
        #expect(cluster.applied(1) == ["a", "b"])
    }

    // Thesis §3.10, steps 1 and 2.
    @Test func `the target is brought up to date first, and nothing is accepted meanwhile`() {
        var cluster = ledCluster()
        cluster.network.held = [Link(1, 2)]
        cluster.commit(1, "b", "c")
        transfer(&cluster, to: 2)
        #expect(!asks(cluster, 2))
        cluster.propose(1, "refused")
        #expect(cluster.refusedProposals.map(\.1) == [.transferring])
        cluster.change(1, .remove(PeerID(3)))
        #expect(cluster.refusedChanges.count == 1)
        cluster.heal()
        cluster.stabilize()
        #expect(cluster.leaders == [2])
        #expect(cluster.applied(2) == ["a", "b", "c"])
    }

    // Thesis §3.10: "If leadership transfer does not complete after about an election timeout,
    // the prior leader aborts the transfer and resumes accepting client requests."
    @Test func `a transfer that comes to nothing is given up`() {
        var cluster = ledCluster()
        cluster.crash(2)
        transfer(&cluster, to: 2)
        cluster.tickAll(5)
        cluster.propose(1, "refused")
        #expect(cluster.refusedProposals.count == 1)
        cluster.tickAll(15)
        #expect(cluster.leaders == [1])
        #expect(cluster.events(of: 1).contains(.transferEnded(to: PeerID(2), succeeded: false)))
        cluster.commit(1, "b")
        #expect(cluster.applied(1) == ["a", "b"])
        cluster.restart(2)
        cluster.tickAll(30)
        #expect(cluster.leaders == [1], "an abandoned transfer does not come back")
    }

    @Test(arguments: [1, 4, 9] as [UInt64])
    func `nothing is transferred to the leader, a learner or a stranger`(_ target: UInt64) {
        var cluster = ledCluster()
        cluster.add(PeerID(4))
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.tickAll(3)
        transfer(&cluster, to: target)
        #expect(!asks(cluster, target))
        cluster.stabilize()
        #expect(cluster.leaders == [1])
        cluster.commit(1, "b")
        #expect(cluster.applied(1).last == "b")
    }

    // RELIABILITY B19: hashicorp #581, #570: writes that race with a transfer are either in the
    // log of the new leader or refused by the old one.
    @Test(arguments: 0..<12)
    func `no write is lost or doubled by a transfer`(_ start: Int) {
        var cluster = ledCluster()
        var texts = ["a"]
        for round in 0..<24 {
            if round == start { transfer(&cluster, to: 2) }
            let text = "w\(round)"
            cluster.propose(1, text)
            texts.append(text)
            // One message at a time, so that the transfer begins at every stage of replication.
            if let message = cluster.network.takeFirst() { cluster.hand(over: message) }
        }
        cluster.stabilize()
        cluster.tickAll(30)
        #expect(cluster.leaders == [2])
        let refused = cluster.refusedProposals.map { String(decoding: $0.0, as: UTF8.self) }
        let applied = cluster.applied(2)
        #expect(Set(applied).count == applied.count, "written twice")
        #expect(Set(applied).isDisjoint(with: refused), "refused and written")
        #expect(Set(applied).union(refused) == Set(texts), "neither refused nor written")
        for id in [1, 3] as [UInt64] { #expect(cluster.applied(id) == applied) }
    }

    // RELIABILITY B19: the flag of a transfer must not outlive the leader's term.
    @Test func `one that leads again accepts writes`() {
        var cluster = ledCluster()
        cluster.crash(3)
        cluster.restart(3)
        cluster.network.held = [Link(1, 3)]
        transfer(&cluster, to: 3)
        cluster.elect(2)
        cluster.heal()
        cluster.drop()
        cluster.elect(1)
        cluster.tickAll(3)
        #expect(cluster.leaders == [1])
        cluster.commit(1, "b")
        #expect(cluster.applied(1).last == "b")
    }

    @Test func `a second wish takes the place of the first`() {
        var cluster = ledCluster()
        cluster.crash(2)
        transfer(&cluster, to: 2)
        transfer(&cluster, to: 3)
        cluster.stabilize()
        #expect(cluster.leaders == [3])
        #expect(cluster.events(of: 1).contains(.transferEnded(to: PeerID(2), succeeded: false)))
    }

    @Test func `the same wish again changes nothing`() {
        var cluster = ledCluster()
        cluster.network.held = [Link(1, 2)]
        cluster.commit(1, "b")
        transfer(&cluster, to: 2)
        cluster.tick(1, 5)
        transfer(&cluster, to: 2)
        let starts = cluster.events(of: 1).count { $0 == .transferStarted(to: PeerID(2)) }
        #expect(starts == 1)
        cluster.heal()
        cluster.stabilize()
        #expect(cluster.leaders == [2])
    }

    @Test func `a follower passes the wish on`() {
        var cluster = ledCluster()
        transfer(&cluster, via: 3, to: 2)
        cluster.stabilize()
        #expect(cluster.leaders == [2])
    }

    // Thesis §3.10: the request is the leader's word; that of a past leader is worth nothing.
    @Test func `a late or foreign order to campaign is ignored`() {
        var cluster = ledCluster()
        cluster.elect(2)
        cluster.tickAll(2)
        let term = cluster.term(2)
        cluster.answer(of: 3, to: 1, term: term - 1, .timeoutNow)
        cluster.stabilize()
        #expect(cluster.leaders == [2] && cluster.term(2) == term)
        // One that has been removed does not campaign either.
        cluster.change(2, .remove(PeerID(3)))
        cluster.tickAll(60)
        cluster.answer(of: 3, to: 2, term: term, .timeoutNow)
        #expect(cluster.messages(3).allSatisfy { !$0.isVote })
        #expect(cluster.leaders == [2])
    }

    @Test func `a target that has lost its log is not elected by force`() {
        var cluster = ledCluster()
        cluster.network.held = [Link(1, 2)]
        cluster.commit(1, "b")
        // Made by hand: a leader would have waited until 2 had everything.
        cluster.answer(of: 2, to: 1, term: 1, .timeoutNow)
        cluster.network.held = [Link(1, 2)]
        cluster.stabilize()
        #expect(!cluster.leaders.contains(2))
        cluster.heal()
        let leader = cluster.settle()
        #expect(cluster.applied(leader) == ["a", "b"])
    }
}
