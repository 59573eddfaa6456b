import Primitives
import Raft
import Testing

/// One change at a time, learners, and what may be refused: thesis §4.1 and §4.2.1.
@Suite struct `Membership changes` {
    private func ledCluster(_ voters: Int = 3) -> RaftCluster {
        var cluster = RaftCluster(voters: voters)
        cluster.elect(1)
        cluster.commit(1, "a")
        cluster.tickAll(2)
        return cluster
    }

    private func peers(_ numbers: UInt64...) -> [PeerID] { numbers.map { PeerID($0) } }

    // Thesis §4.1: "the new configuration takes effect on each server as soon as it is added to
    // that server's log".
    @Test func `a membership is in force from the moment it stands in a log`() {
        var cluster = ledCluster()
        cluster.change(1, .addLearner(PeerID(4)))
        #expect(cluster.node(1).membership.learners == peers(4))
        #expect(cluster.node(2).membership.learners.isEmpty)
        cluster.deliver(1, 2)
        #expect(cluster.node(2).membership.learners == peers(4))
        #expect(cluster.events(of: 2).contains { event in
            if case .membershipChanged(let membership, let index) = event {
                return membership.learners == peers(4) && index == LogIndex(3)
            }
            return false
        })
        #expect(cluster.node(1).membership(asOf: LogIndex(2)).learners.isEmpty)
        #expect(cluster.node(1).membership(asOf: LogIndex(3)).learners == peers(4))
    }

    @Test func `the change's command is applied with its entry`() {
        var cluster = ledCluster()
        cluster.change(1, .addLearner(PeerID(4)), context: "four")
        cluster.tickAll(2)
        #expect(cluster.applied(2) == ["a", "four"])
    }

    // Thesis §4.2.1: new servers join "as non-voting members".
    // RELIABILITY B23: a learner counts in no quorum.
    @Test func `a learner gets the log and has no say`() {
        var cluster = ledCluster()
        cluster.add(PeerID(4))
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.tickAll(3)
        #expect(cluster.applied(4) == ["a"])
        // With the learner there would be two of four; without it one of three.
        cluster.crash(2)
        cluster.crash(3)
        let before = cluster.commitIndex(1)
        cluster.propose(1, "x")
        cluster.tickAll(3)
        #expect(cluster.commitIndex(1) == before)
        // And it does not stand for election, not even when told to.
        cluster.crash(1)
        cluster.tick(4, 60)
        cluster.campaign(4)
        cluster.step(4, .message(Message(
            from: PeerID(1), to: PeerID(4), term: Term(1), body: .timeoutNow)))
        #expect(cluster.role(4) == .follower && cluster.term(4) == 1)
    }

    // RELIABILITY B23: etcd's ErrLearnerNotReady.
    @Test func `a learner that lags is not promoted`() {
        var cluster = ledCluster()
        for number in 0..<150 { cluster.commit(1, "\(number)") }
        cluster.add(PeerID(4))
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.network.blocked = [Link(1, 4)]
        cluster.tickAll(2)
        cluster.change(1, .addVoter(PeerID(4)))
        #expect(cluster.refusedChanges.map(\.1) == [.learnerNotReady(PeerID(4))])
        #expect(cluster.node(1).membership.voters == peers(1, 2, 3))
        cluster.heal()
        cluster.tickAll(10)
        cluster.change(1, .addVoter(PeerID(4)))
        #expect(cluster.refusedChanges.count == 1)
        #expect(cluster.node(1).membership.voters == peers(1, 2, 3, 4))
        #expect(cluster.node(1).membership.learners.isEmpty)
    }

    // RELIABILITY B8: the majority is of the new membership at once.
    @Test func `a promoted learner counts from the append on`() {
        var cluster = ledCluster()
        cluster.add(PeerID(4))
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.tickAll(3)
        cluster.network.held = [Link(1, 3), Link(1, 4)]
        cluster.change(1, .addVoter(PeerID(4)))
        cluster.stabilize()
        #expect(cluster.commitIndex(1) == 3, "two of four are no majority")
        cluster.deliver(1, 4)
        cluster.stabilize()
        #expect(cluster.commitIndex(1) == 4)
    }

    // RELIABILITY B21: raft's pendingConfIndex.
    @Test func `there is one change at a time`() {
        var cluster = ledCluster()
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.change(1, .addLearner(PeerID(5)))
        #expect(cluster.refusedChanges.map(\.1) == [.membershipChangePending])
        cluster.stabilize()
        #expect(cluster.node(1).membership.learners == peers(4))
        cluster.change(1, .addLearner(PeerID(5)))
        cluster.stabilize()
        #expect(cluster.node(1).membership.learners == peers(4, 5))
        #expect(cluster.refusedChanges.count == 1)
    }

    // RELIABILITY B20: Ongaro's correction of single-server changes.
    @Test func `a leader changes nothing before it has committed an entry of its term`() {
        var cluster = RaftCluster(voters: 3)
        cluster.stand(1)
        cluster.deliverElection()
        #expect(cluster.leaders == [1] && !cluster.node(1).hasCommittedInTerm)
        cluster.change(1, .addLearner(PeerID(4)))
        #expect(cluster.refusedChanges.map(\.1) == [.membershipChangePending])
        cluster.stabilize()
        cluster.change(1, .addLearner(PeerID(4)))
        #expect(cluster.refusedChanges.count == 1)
        #expect(cluster.node(1).membership.learners == peers(4))
    }

    // RELIABILITY B20: the whole story, in which two disjoint majorities would decide.
    @Test func `two leaders cannot change the membership past each other`() {
        var cluster = Stories.singleServerChange()
        cluster.change(2, .remove(PeerID(1)))
        #expect(cluster.refusedChanges.map(\.1) == [.membershipChangePending])
        cluster.deliver(2, 3)
        cluster.deliver(3, 2)
        #expect(cluster.commitIndex(2) == 2, "nothing of term 2 is on three of four")
        cluster.crash(2)
        cluster.crash(3)
        cluster.crash(1)
        cluster.restart(1)
        cluster.heal()
        cluster.elect(1)
        #expect(cluster.leaders == [1], "nothing was committed, so nothing is lost")
    }

    // RELIABILITY B22: thesis §4.1: "a server must be prepared to fall back to the previous
    // configuration in its log".
    @Test func `a membership that is truncated away is taken back`() {
        var cluster = ledCluster()
        cluster.change(1, .addLearner(PeerID(8)))
        cluster.stabilize()
        let committed = cluster.node(1).membership
        cluster.isolate(1)
        cluster.change(1, .remove(PeerID(3)))
        cluster.propose(1, "lost")
        #expect(cluster.node(1).membership.voters == peers(1, 2))
        cluster.elect(2)
        cluster.heal()
        cluster.tickAll(15)
        #expect(cluster.leaders == [2])
        #expect(cluster.node(1).membership == committed)
        #expect(cluster.events(of: 1).contains(.membershipChanged(committed, at: LogIndex(3))))
        // A restart finds the same.
        cluster.crash(1)
        cluster.restart(1)
        #expect(cluster.node(1).membership == committed)
    }

    // RELIABILITY B22: also where the one before stands in the image, not in the log.
    @Test func `a membership is taken back to that of the image`() {
        var cluster = ledCluster()
        cluster.compact(1)
        cluster.isolate(1)
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.crash(1)
        cluster.restart(1)
        #expect(cluster.node(1).membership.learners == peers(4))
        cluster.elect(2)
        cluster.heal()
        cluster.tickAll(15)
        #expect(cluster.node(1).membership == Membership(voters: peers(1, 2, 3)))
    }

    struct Refusal: Sendable {
        var steps: [MembershipStep]
    }

    static let refusals: [Refusal] = [
        Refusal(steps: []),
        Refusal(steps: [.addVoter(PeerID(2))]),
        Refusal(steps: [.addLearner(PeerID(2))]),
        Refusal(steps: [.addLearner(PeerID(4))]),
        Refusal(steps: [.remove(PeerID(9))]),
        Refusal(steps: [.demote(PeerID(9))]),
        Refusal(steps: [.demote(PeerID(4))]),
        Refusal(steps: [.remove(PeerID(1)), .remove(PeerID(2)), .remove(PeerID(3))]),
        Refusal(steps: [.demote(PeerID(1)), .demote(PeerID(2)), .demote(PeerID(3))]),
    ]

    @Test(arguments: refusals)
    func `a change that contradicts the membership is refused`(_ refusal: Refusal) {
        var cluster = ledCluster()
        cluster.add(PeerID(4))
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.tickAll(3)
        let (membership, length) = (cluster.node(1).membership, cluster.log(1).count)
        cluster.step(1, .proposeMembership(MembershipChange(steps: refusal.steps)))
        #expect(cluster.refusedChanges.map(\.1) == [.invalidMembership])
        #expect(cluster.node(1).membership == membership && cluster.log(1).count == length)
        // Nothing remains pending.
        cluster.change(1, .addLearner(PeerID(5)))
        #expect(cluster.node(1).membership.learners == peers(4, 5))
    }

    @Test func `a follower passes a change on to the leader`() {
        var cluster = ledCluster()
        cluster.change(3, .addLearner(PeerID(4)), context: "four")
        cluster.stabilize()
        #expect(cluster.node(1).membership.learners == peers(4))
        #expect(cluster.applied(1).last == "four")
    }

    @Test func `without a leader a change is refused`() {
        var cluster = RaftCluster(voters: 3)
        cluster.change(3, .addLearner(PeerID(4)))
        #expect(cluster.refusedChanges.map(\.1) == [.noLeader])
    }

    // Thesis §4.1: a cluster grows and shrinks one server at a time, up and down again.
    @Test func `a cluster grows to five and shrinks to one`() {
        var cluster = RaftCluster(voters: 1)
        cluster.elect(1)
        cluster.commit(1, "a")
        for id in 2...5 as ClosedRange<UInt64> {
            cluster.add(PeerID(id))
            cluster.change(1, .addLearner(PeerID(id)))
            cluster.tickAll(5)
            cluster.change(1, .addVoter(PeerID(id)))
            cluster.tickAll(5)
            #expect(cluster.applied(id) == ["a"])
        }
        #expect(cluster.node(3).membership == Membership(voters: peers(1, 2, 3, 4, 5)))
        for id in 2...5 as ClosedRange<UInt64> {
            cluster.change(1, .remove(PeerID(id)))
            cluster.tickAll(5)
            cluster.crash(id)
        }
        #expect(cluster.refusedChanges.isEmpty)
        cluster.commit(1, "b")
        #expect(cluster.applied(1) == ["a", "b"])
    }

    // Thesis §4.2.1: a learner too far behind for the log is brought up by an image.
    @Test func `a new member is brought up by an image and then counts`() {
        var cluster = ledCluster()
        for number in 0..<20 { cluster.commit(1, "\(number)") }
        cluster.compact(1)
        cluster.add(PeerID(4))
        cluster.change(1, .addLearner(PeerID(4)))
        cluster.tickAll(10)
        #expect(cluster.events(of: 1).contains(.startedSnapshot(to: PeerID(4))))
        #expect(cluster.applied(4).count == 21)
        cluster.change(1, .addVoter(PeerID(4)))
        cluster.tickAll(3)
        cluster.crash(2)
        cluster.commit(1, "x")
        cluster.tickAll(2)
        #expect(cluster.applied(4).last == "x")
    }

    // Thesis §4.1: a server without a configuration, or outside it, starts no election.
    @Test func `a server that waits to join says nothing`() {
        var cluster = RaftCluster()
        cluster.add(PeerID(7))
        cluster.tick(7, 100)
        cluster.campaign(7)
        #expect(cluster.network.inFlight.isEmpty && cluster.term(7) == 0)
    }

    // Thesis §4.1: "a server grants its vote to a candidate that is not part of the server's
    // current latest configuration", or a cluster growing from one could not elect anybody.
    @Test func `a vote is given, and a log taken, across different memberships`() {
        var cluster = RaftCluster()
        cluster.add(PeerID(4))
        #expect(cluster.grants(4, to: 1, term: 3, last: at(5, 2)) == true)
        cluster.append(to: 4, from: 9, term: 4, after: .zero, [1, 4])
        #expect(cluster.terms(4) == [1, 4])
        #expect(cluster.leader(4) == 9)
    }
}
