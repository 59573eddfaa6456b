import Primitives
import Raft
import Testing

/// Every order of deliveries, crashes and finished writes in worlds of three members: one leader
/// a term, matching logs, complete leaders, and nothing promised that a crash may take back.
@Suite struct `Small worlds` {
    private func expectSafe(
        _ result: SmallWorld.Result, atLeast states: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let history = result.failure.map { failure in
            (failure.history.map(\.description) + failure.faults).joined(separator: "\n")
        }
        #expect(result.failure == nil, "\(history ?? "")", sourceLocation: sourceLocation)
        #expect(result.isComplete, "\(result.states) states", sourceLocation: sourceLocation)
        #expect(result.states >= states, sourceLocation: sourceLocation)
    }

    /// 1 and 2 are candidates of one term; their requests are under way.
    private func rivals(mutation: Mutation? = nil) -> RaftCluster {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.campaign(1)
        cluster.campaign(2)
        cluster.deliverPreVotes()
        return cluster
    }

    // RELIABILITY B2: two rivals, a voter that crashes between any two deliveries.
    @Test func `two candidates of one term never both win`() {
        expectSafe(
            SmallWorld.search(rivals(), .init(depth: 9, mayCrash: [3], crashesMax: 2)),
            atLeast: 400)
    }

    // RELIABILITY B2: the same with a disk whose writes finish whenever they like.
    @Test func `a voter with a slow disk votes once`() {
        var cluster = rivals()
        cluster.holdDisk(3)
        expectSafe(
            SmallWorld.search(cluster, .init(depth: 9, mayCrash: [3], crashesMax: 2)),
            atLeast: 400)
    }

    /// 1 has just won and opened its term; 3, which has heard nothing, stands for the next.
    private func successor(mutation: Mutation? = nil) -> RaftCluster {
        var cluster = RaftCluster(voters: 3) { $0.mutation = mutation }
        cluster.network.blocked = [Link(1, 3), Link(3, 1)]
        cluster.campaign(1)
        cluster.deliverElection()
        cluster.propose(1, "x")
        cluster.tick(2, 10)
        cluster.drop { $0.isVote }
        cluster.heal()
        cluster.campaign(3)
        return cluster
    }

    // Raft §5.4.3 in the small: either the old leader's entries are complete at 2 before it votes,
    // or they were not committed.
    @Test func `an old and a new leader never commit different entries`() {
        expectSafe(
            SmallWorld.search(
                successor(), .init(depth: 8, mayCrash: [1, 2], crashesMax: 2, mayCampaign: [2])),
            atLeast: 2_000)
    }

    // RELIABILITY B1: figure 8 shrunk to three members: 1 and 3 have different entries of old
    // terms and take turns.
    @Test func `leaders taking turns never lose a committed entry`() {
        var cluster = RaftCluster(logs: [1: [1, 2], 2: [1], 3: [1, 3]], term: 3) {
            $0.appendBytesMax = 1
        }
        cluster.campaign(1)
        cluster.deliverElection()
        cluster.drop(1, 3)
        expectSafe(
            SmallWorld.search(
                cluster, .init(depth: 9, mayCrash: [1], crashesMax: 1, mayCampaign: [2, 3])),
            atLeast: 2_000)
    }

    // RELIABILITY B3, B5: a follower whose writes finish late is overwritten by another leader.
    @Test func `a follower with a slow disk acknowledges only what it keeps`() {
        var cluster = RaftCluster(voters: 3)
        cluster.campaign(1)
        cluster.deliverElection()
        cluster.holdDisk(2)
        cluster.propose(1, "x")
        cluster.drop(1, 3)
        expectSafe(
            SmallWorld.search(
                cluster, .init(depth: 11, mayCrash: [2], crashesMax: 1, mayCampaign: [3])),
            atLeast: 1_000)
    }

    // RELIABILITY B20–B22: a change of membership and a leader that knows nothing of it.
    @Test func `a change of membership survives any order of events`() {
        var cluster = RaftCluster(voters: 3)
        cluster.elect(1)
        cluster.change(1, .remove(PeerID(2)))
        cluster.tick(2, 10)
        cluster.tick(3, 10)
        cluster.drop { $0.isVote }
        expectSafe(
            SmallWorld.search(
                cluster, .init(depth: 9, mayCrash: [1], crashesMax: 1, mayCampaign: [2, 3])),
            atLeast: 2_000)
    }

    #if SIMULATION
    // The search itself must be able to fail: it finds these bugs without being told where.
    @Test(arguments: [Mutation.votesBeforePersisting, .quorumOfHalf])
    func `the search finds a bug of voting`(_ mutation: Mutation) {
        let result: SmallWorld.Result
        if mutation == .quorumOfHalf {
            var cluster = RaftCluster(voters: 4) { $0.mutation = mutation }
            cluster.campaign(1)
            cluster.campaign(2)
            cluster.deliverPreVotes()
            result = SmallWorld.search(cluster, .init(depth: 6))
        } else {
            var cluster = rivals(mutation: mutation)
            cluster.holdDisk(3)
            result = SmallWorld.search(cluster, .init(depth: 7, mayCrash: [3], crashesMax: 2))
        }
        #expect(result.failure != nil, "\(mutation) after \(result.states) states")
    }

    @Test func `the search finds an acknowledgement that comes before the sync`() {
        var cluster = RaftCluster(voters: 3) { $0.mutation = .acknowledgesAppendBeforeSync }
        cluster.campaign(1)
        cluster.deliverElection()
        cluster.holdDisk(2)
        cluster.propose(1, "x")
        let result = SmallWorld.search(cluster, .init(depth: 5))
        #expect(result.failure != nil, "\(result.states) states")
    }
    #endif
}
