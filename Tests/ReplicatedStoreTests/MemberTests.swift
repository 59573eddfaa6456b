import Environment
import Primitives
import Raft
import ReplicatedStore
import StoreModel
import Testing

/// What a member does with requests, restarts, images and changes of membership.
@Suite struct MemberTests {
    @Test func `a single member answers puts and reads`() throws {
        let cluster = try TestCluster(voters: 1)
        let leader = cluster.elect()
        #expect(cluster.put(leader, "a", "1"))
        #expect(cluster.get(leader, "a") == "1")
        #expect(cluster.get(leader, "b") == nil)
    }

    @Test func `requests may go to any of three members`() throws {
        let cluster = try TestCluster(voters: 3)
        _ = cluster.elect()
        for id in cluster.ids {
            #expect(cluster.put(id, "k\(id)", "v\(id)"))
        }
        for reader in cluster.ids {
            for id in cluster.ids {
                #expect(cluster.get(reader, "k\(id)") == "v\(id)")
            }
        }
        let hashes = Set(cluster.ids.map { cluster.member($0)!.store.stateHash() })
        #expect(hashes.count == 1)
    }

    @Test func `an acknowledged put survives the loss of everything unsynced`() throws {
        let cluster = try TestCluster(voters: 1)
        for round in 0..<5 {
            let leader = cluster.elect()
            #expect(cluster.put(leader, "k\(round)", "v"))
            cluster.kill(leader)
            try cluster.start(leader)
        }
        let leader = cluster.elect()
        for round in 0..<5 {
            #expect(cluster.get(leader, "k\(round)") == "v")
        }
    }

    @Test func `a member that lags behind the log receives an image`() throws {
        let cluster = try TestCluster(voters: 3) { configuration in
            configuration.entriesKept = 5
            configuration.raft.snapshotChunkBytes = 200
        }
        let leader = cluster.elect()
        let lagging = cluster.ids.first { $0 != leader }!
        cluster.isolated = [lagging]
        for number in 0..<100 {
            #expect(cluster.put(leader, "k\(number)", "v\(number)"))
            cluster.tick()
        }
        cluster.isolated = []
        cluster.tick(50)
        #expect(cluster.get(lagging, "k99", isSerializable: true) == "v99")
        #expect(
            cluster.member(lagging)!.store.stateHash() == cluster.member(leader)!.store.stateHash())
        // And it starts again from what it installed.
        cluster.kill(lagging)
        try cluster.start(lagging)
        cluster.tick(30)
        #expect(cluster.get(lagging, "k99") == "v99")
    }

    @Test func `a learner joins, catches up and is promoted`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        for number in 0..<20 {
            #expect(cluster.put(leader, "k\(number)", "v"))
        }
        let joiner = PeerID(4)
        let added = cluster.ask(
            leader,
            .changeMembership(
                [.addLearner(joiner)], attributes: [(joiner, MemberAttributes(name: "m4"))]))
        guard case .success(.members(let members)) = added else {
            Issue.record("adding failed: \(added)")
            return
        }
        #expect(members.first { $0.id == joiner }?.isLearner == true)
        #expect(members.first { $0.id == joiner }?.attributes.name == "m4")
        #expect(members.first { $0.id == PeerID(1) }?.attributes.name == "m1")
        try cluster.start(joiner, joins: true)
        cluster.tick(30)
        #expect(cluster.get(joiner, "k19", isSerializable: true) == "v")
        let promoted = cluster.ask(
            leader, .changeMembership([.addVoter(joiner)], attributes: []))
        guard case .success = promoted else {
            Issue.record("promotion failed: \(promoted)")
            return
        }
        #expect(cluster.member(joiner)!.raft.membership.voters.contains(joiner))
        cluster.kill(joiner)
        try cluster.start(joiner, joins: true)
        cluster.tick(30)
        #expect(cluster.get(joiner, "k19") == "v")
    }

    @Test func `a removed member leaves the roster and the cluster goes on`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        let removed = cluster.ids.first { $0 != leader }!
        let answer = cluster.ask(
            leader, .changeMembership([.remove(removed)], attributes: []))
        guard case .success(.members(let members)) = answer else {
            Issue.record("removal failed: \(answer)")
            return
        }
        #expect(members.count == 2)
        cluster.tick(30)
        #expect(cluster.put(cluster.elect(), "after", "removal"))
        #expect(cluster.member(leader)!.store.roster.count == 2)
    }

    @Test func `an asked-for leader takes over`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        let target = cluster.ids.first { $0 != leader }!
        guard case .success(.moved) = cluster.ask(leader, .moveLeader(target)) else {
            Issue.record("transfer failed")
            return
        }
        #expect(cluster.elect() == target)
        #expect(cluster.put(leader, "after", "transfer"))
    }

    @Test func `a lease expires with its keys, and renewals through a follower hold it`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        let follower = cluster.ids.first { $0 != leader }!
        let lease = LeaseID(77)
        let granted = cluster.ask(follower, .command(.leaseGrant(lease, ttlSeconds: 3)))
        guard case .success = granted else {
            Issue.record("grant failed: \(granted)")
            return
        }
        #expect(cluster.put(follower, "leased", "v", lease: lease))
        for _ in 0..<5 {
            cluster.tick(20)
            guard case .success(.leaseKeepAlive(lease, ttlSeconds: 3)) =
                cluster.ask(follower, .leaseKeepAlive(lease))
            else {
                Issue.record("renewal failed")
                return
            }
        }
        #expect(cluster.get(follower, "leased") == "v")
        cluster.tick(45)
        #expect(cluster.get(follower, "leased") == nil)
        guard case .success(.leaseKeepAlive(lease, ttlSeconds: 0)) =
            cluster.ask(follower, .leaseKeepAlive(lease))
        else {
            Issue.record("a revoked lease was renewed (RELIABILITY B50)")
            return
        }
    }

    @Test func `a watch sees each change once, also through a follower`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        let follower = cluster.ids.first { $0 != leader }!
        cluster.step(follower, .watch(WatchStreamID(1), WatchRequest(KeyRange(key: [0], end: [0]))))
        for number in 0..<10 {
            cluster.put(leader, "k", "v\(number)")
        }
        cluster.tick(3)
        let values = cluster.deliveries[follower, default: []].flatMap { delivery -> [String] in
            guard case .events(let events, _) = delivery.body else { return [] }
            return events.map { String(decoding: $0.keyValue.value, as: UTF8.self) }
        }
        #expect(values == (0..<10).map { "v\($0)" })
    }

    @Test func `without a majority a write is given up and nothing is known of it`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        cluster.isolated = Set(cluster.ids.filter { $0 != leader })
        let answer = cluster.ask(
            leader, .command(.put(PutRequest(key: [1], value: [1]))), within: 100)
        guard case .failure(let error) = answer else {
            Issue.record("a minority acknowledged a write")
            return
        }
        #expect(error == .timedOut || error == .noLeader)
    }

    @Test func `more requests than the bound are refused, and none is lost`() throws {
        let cluster = try TestCluster(voters: 3) { $0.requestsMax = 4 }
        let leader = cluster.elect()
        cluster.isolated = Set(cluster.ids)
        var names: [RequestID] = []
        for number in 0..<8 {
            let name = RequestID(10_000 + UInt64(number))
            names.append(name)
            cluster.step(
                leader, .request(name, .command(.put(PutRequest(key: [1], value: [2])))))
        }
        let refused = names.filter { name in
            if case .failure(.tooManyRequests) = cluster.answers[name] { return true }
            return false
        }
        #expect(refused.count == 4)
        cluster.tick(120)
        #expect(names.allSatisfy { cluster.answers[$0] != nil })
    }
}
