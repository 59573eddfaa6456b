import Primitives
import Raft
import ReplicatedStore
import StoreModel
import Testing

/// Leases whose identifiers are used again.
@Suite struct LeaseReuseTests {
    private let lease = LeaseID(7)

    /// The leader's appends arrive nowhere, so that what it proposes waits in its log.
    private func holdBack(_ cluster: TestCluster) {
        cluster.copies = { message in
            guard case .raft(let raft) = message, case .append = raft.body else { return 1 }
            return 0
        }
    }

    private func ask(_ cluster: TestCluster, _ leader: PeerID, _ id: UInt64, _ command: Command) {
        cluster.step(leader, .request(RequestID(id), .command(command)))
    }

    // The leader finds the lease expired while its end by a client, and a new life, stand in the
    // log before it has applied them.
    @Test func `an expiry proposed for a lease's earlier life leaves its next one alone`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        guard case .success = cluster.ask(leader, .command(.leaseGrant(lease, ttlSeconds: 2)))
        else {
            Issue.record("not granted")
            return
        }
        cluster.tick(15)
        holdBack(cluster)
        ask(cluster, leader, 9_000, .leaseRevoke(lease))
        ask(cluster, leader, 9_001, .leaseGrant(lease, ttlSeconds: 60))
        ask(cluster, leader, 9_002, .put(PutRequest(key: [1], value: [1], lease: lease)))
        cluster.tick(8)
        #expect(cluster.answers[RequestID(9_000)] == nil)
        let before = cluster.member(leader)!.raft.lastEntry.index
        cluster.copies = { _ in 1 }
        cluster.tick(10)
        // The expiry stands behind the new grant in every log, and has had no effect.
        let expiry = cluster.member(leader)!.raft.entry(at: before)
        guard case .command(let bytes) = expiry?.payload else {
            Issue.record("no expiry was proposed")
            return
        }
        let command = try Proposal(decoding: bytes).command
        guard case .leaseExpire([lease], _, _) = command else {
            Issue.record("\(command)")
            return
        }
        for id in cluster.ids {
            #expect(cluster.member(id)!.store.leaseIDs == [lease], "member \(id)")
            #expect(cluster.member(id)!.store.keyCount == 1, "member \(id)")
        }
        // The new life has its own time.
        cluster.tick(300)
        #expect(cluster.member(leader)!.store.hasLease(lease))
        cluster.tick(330)
        #expect(!cluster.member(leader)!.store.hasLease(lease))
    }

    @Test func `a checkpoint of a lease's earlier life does not shorten its next one`() throws {
        let cluster = try TestCluster(voters: 3) { $0.leaseCheckpointSeconds = 2 }
        let leader = cluster.elect()
        guard case .success = cluster.ask(leader, .command(.leaseGrant(lease, ttlSeconds: 60)))
        else {
            Issue.record("not granted")
            return
        }
        cluster.tick(15)
        holdBack(cluster)
        ask(cluster, leader, 9_000, .leaseRevoke(lease))
        ask(cluster, leader, 9_001, .leaseGrant(lease, ttlSeconds: 90))
        cluster.tick(8)
        cluster.copies = { _ in 1 }
        cluster.tick(5)
        for id in cluster.ids {
            let terms = cluster.member(id)!.store.leaseTerms
            #expect(terms.map(\.ttlSeconds) == [90] && terms.map(\.remainingSeconds) == [0])
        }
    }
}
