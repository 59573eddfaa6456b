import Environment
import Primitives
import Raft
import ReplicatedStore
import StoreModel
import Testing

/// What the simulator found in members, as small as it can be told; docs/BUGS.md has the seeds.
@Suite struct MemberRegressionTests {
    private let everything = KeyRange(key: [0], end: [0])

    // Seed 9: the time of the next try was reckoned back from a tick that was too early for it.
    @Test func `a read without a leader is asked again, also in a member's first ticks`() throws {
        let cluster = try TestCluster(voters: 3)
        let name = RequestID(9_000)
        let read = ClientRequest.range(RangeRequest(everything), isSerializable: false)
        cluster.step(PeerID(1), .request(name, read))
        cluster.tick(2)
        #expect(cluster.answers[name] == nil)
        _ = cluster.elect()
        cluster.tick(5)
        guard case .success(let response) = cluster.answers[name],
            case .range = response.body
        else {
            Issue.record("\(String(describing: cluster.answers[name]))")
            return
        }
    }

    // Seed 75: the second copy was refused, and the client told that nothing had changed.
    @Test func `a change of membership that arrives twice is made once and answered`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        let follower = cluster.ids.first { $0 != leader }!
        cluster.copies = { message in
            guard case .raft(let raft) = message, case .forwardMembershipChange = raft.body else {
                return 1
            }
            return 2
        }
        let answer = cluster.ask(
            follower,
            .changeMembership(
                [.addLearner(PeerID(4))], attributes: [(PeerID(4), MemberAttributes(name: "m4"))]))
        guard case .success(.members(let members)) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(members.count { $0.id == PeerID(4) } == 1)
    }

    // Seed 46: what a renewal of another member waits for came to nothing, and nobody was asked.
    @Test func `a renewal whose checkpoint cannot be taken back is given up by whoever asked`()
        throws
    {
        let cluster = try TestCluster(voters: 3) { configuration in
            configuration.leaseCheckpointSeconds = 1
            configuration.requestTimeoutTicks = 20
        }
        let leader = cluster.elect()
        let follower = cluster.ids.first { $0 != leader }!
        let lease = LeaseID(5)
        guard case .success = cluster.ask(leader, .command(.leaseGrant(lease, ttlSeconds: 60)))
        else {
            Issue.record("not granted")
            return
        }
        cluster.tick(15)
        // From now on leadership is confirmed, but nothing is committed.
        cluster.copies = { message in
            guard case .raft(let raft) = message, case .appendResponse = raft.body else { return 1 }
            return 0
        }
        let answer = cluster.ask(follower, .leaseKeepAlive(lease))
        guard case .failure(let error) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(error == .timedOut || error == .noLeader)
        cluster.tick(60)
        #expect(cluster.answers.keys.allSatisfy { $0.rawValue > 0 })
    }

    // The simulator's damaged images: the same file would have been sent for ever.
    @Test func `an image that a follower refuses is written anew`() throws {
        let cluster = try TestCluster(voters: 3) { configuration in
            configuration.entriesKept = 5
            configuration.commitTicks = 1
            configuration.raft.snapshotChunkBytes = 200
        }
        let leader = cluster.elect()
        let lagging = cluster.ids.first { $0 != leader }!
        cluster.isolated = [lagging]
        for number in 0..<50 { cluster.put(leader, "k\(number)", "v\(number)") }
        cluster.tick(5)
        var hasDamaged = false
        cluster.copies = { message in
            guard case .raft(let raft) = message, case .snapshotChunk = raft.body, !hasDamaged
            else { return 1 }
            hasDamaged = true
            let disk = cluster.machines[leader]!.disk
            for path in disk.files where path.hasSuffix(".snapshot") {
                let size = disk.contents(of: path)?.count ?? 0
                disk.flipBit(in: path, offset: size - 20, bit: 3)
            }
            return 1
        }
        cluster.isolated = []
        cluster.tick(60)
        #expect(hasDamaged)
        #expect(cluster.get(lagging, "k49", isSerializable: true) == "v49")
    }

    // Its numbers began below those remembered of its process before: until the next term all that
    // it forwarded was taken for a repetition.
    @Test func `a member that starts again may forward proposals with lower numbers`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        let follower = cluster.ids.first { $0 != leader }!
        let term = cluster.member(leader)!.raft.term
        func forward(_ numbers: ClosedRange<UInt64>, _ run: UInt64, _ key: String) {
            let proposals = numbers.map { number in
                let put = PutRequest(key: Bytes(key.utf8), value: Bytes("\(number)".utf8))
                return Proposal(
                    origin: follower, requestNumber: run << 40 | number, command: .put(put)
                ).encoded()
            }
            let message = Message(
                from: follower, to: leader, term: term, body: .forwardProposals(proposals))
            cluster.step(leader, .peer(.raft(message)))
        }
        // More than are remembered, so that the oldest are forgotten.
        for first in stride(from: UInt64(1), to: 10_000, by: 500) {
            forward(first...first + 499, 9, "before")
        }
        forward(1...1, 5, "after")
        #expect(cluster.get(leader, "after") == "1")
        // What comes late of the process before has no effect.
        forward(20_000...20_000, 9, "before")
        #expect(cluster.get(leader, "before") == "10000")
        forward(1...1, 5, "after")
        forward(2...2, 5, "after")
        #expect(cluster.get(leader, "after") == "2")
        #expect(cluster.member(leader)!.store.revision == Revision(1 + 10_000 + 2))
    }

    @Test func `questions about leases that wait for a leader are bounded and forgotten`() throws {
        let cluster = try TestCluster(voters: 3) { $0.requestsMax = 4 }
        let leader = cluster.elect()
        let follower = cluster.ids.first { $0 != leader }!
        cluster.isolated = [follower]
        for number in 1...6 as ClosedRange<UInt64> {
            cluster.step(
                follower,
                .request(RequestID(9_000 + number), .leaseTimeToLive(LeaseID(1), wantsKeys: true)))
        }
        let refused = cluster.answers.keys.filter { $0.rawValue > 9_000 }.sorted()
        #expect(refused == [RequestID(9_005), RequestID(9_006)])
        cluster.step(follower, .forget(RequestID(9_001)))
        cluster.tick(100)
        // Three were given up, and nobody hears of the one that was forgotten.
        #expect(cluster.answers.keys.count { $0.rawValue > 9_000 } == 5)
        #expect(cluster.answers[RequestID(9_001)] == nil)
    }

    @Test func `a member that fails answers those who ask about leases`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        let follower = cluster.ids.first { $0 != leader }!
        cluster.isolated = [follower]
        cluster.step(follower, .request(RequestID(9_000), .leaseKeepAlive(LeaseID(1))))
        #expect(cluster.answers[RequestID(9_000)] == nil)
        let disk = cluster.machines[follower]!.disk
        disk.failOperation(number: disk.operationCount + 1, with: .ioError)
        cluster.tick(30)
        guard case .failure(.stopped) = cluster.answers[RequestID(9_000)] else {
            Issue.record("\(String(describing: cluster.answers[RequestID(9_000)]))")
            return
        }
    }

    // With its log a member would forget its vote.
    @Test func `a member whose log is gone does not start`() throws {
        let cluster = try TestCluster(voters: 1)
        let leader = cluster.elect()
        cluster.put(leader, "a", "1")
        cluster.tick(5)
        cluster.kill(leader)
        try cluster.machines[leader]?.disk.removeDirectory("/data/log")
        #expect(throws: MemberFailure.self) { try cluster.start(leader) }
    }
}
