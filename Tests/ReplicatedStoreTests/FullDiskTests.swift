import Environment
import Primitives
import Raft
import ReplicatedStore
import SimulatedEnvironment
import StoreModel
import Testing

/// docs/decisions/0006-full-disk.md: what a member does without room on its disk.
@Suite struct FullDiskTests {
    private func makeFull(_ cluster: TestCluster, _ id: PeerID) {
        var rates = BackendFaultRates()
        rates.noSpace = 1
        cluster.machines[id]!.backends.injectFaults(rates, seed: 1)
    }

    private func makeRoom(_ cluster: TestCluster, _ id: PeerID) {
        cluster.machines[id]!.backends.stopFaults()
    }

    private func refusal(
        _ cluster: TestCluster, _ id: PeerID, _ command: Command
    ) -> RequestError? {
        if case .failure(let error) = cluster.ask(id, .command(command)) { return error }
        return nil
    }

    private func put(_ key: String, _ value: String) -> Command {
        .put(PutRequest(key: Bytes(key.utf8), value: Bytes(value.utf8)))
    }

    @Test(arguments: [1, 3])
    func `a member whose backend finds no room raises the alarm and goes on`(
        voters: Int
    ) throws {
        let cluster = try TestCluster(voters: voters) { $0.entriesKept = 1 }
        let leader = cluster.elect()
        cluster.put(leader, "a", "1")
        cluster.put(leader, "b", "1")
        cluster.tick(5)
        let durable = cluster.member(leader)!.position
        makeFull(cluster, leader)
        // Acknowledged: it stands in the log.
        #expect(cluster.put(leader, "c", "1"))
        cluster.tick(5)
        #expect(cluster.member(leader)!.position.waitsForSpace)
        let alarm = Alarm(member: leader, kind: .noSpace)
        for id in cluster.ids { #expect(cluster.member(id)!.store.alarms == [alarm]) }
        #expect(refusal(cluster, leader, put("d", "1")) == .store(.noSpace))
        #expect(
            refusal(cluster, leader, .leaseGrant(LeaseID(1), ttlSeconds: 9)) == .store(.noSpace))
        // Reads, deletions and compactions go on.
        #expect(cluster.get(leader, "c") == "1")
        #expect(
            refusal(
                cluster, leader,
                .deleteRange(DeleteRangeRequest(KeyRange(key: Bytes("a".utf8))))) == nil)
        let revision = cluster.member(leader)!.store.revision
        #expect(refusal(cluster, leader, .compact(revision)) == nil)
        #expect(cluster.get(leader, "a") == nil)
        // However long it takes, the log keeps what the backend lacks.
        cluster.tick(50)
        #expect(cluster.member(leader)!.position.firstIndex <= durable.appliedEntry.index.next)
        makeRoom(cluster, leader)
        cluster.tick(25)
        #expect(!cluster.member(leader)!.position.waitsForSpace)
        #expect(cluster.member(leader)!.position.firstIndex > durable.appliedEntry.index)
        // The alarm stays until somebody drops it (as in etcd).
        #expect(refusal(cluster, leader, put("d", "1")) == .store(.noSpace))
        #expect(refusal(cluster, leader, .deactivateAlarm(alarm)) == nil)
        cluster.tick(15)
        #expect(cluster.put(leader, "d", "1"))
        #expect(cluster.get(leader, "d") == "1")
    }

    @Test func `a dropped alarm is raised again while there is no room`() throws {
        let cluster = try TestCluster(voters: 3)
        let leader = cluster.elect()
        let full = cluster.ids.first { $0 != leader }!
        makeFull(cluster, full)
        cluster.put(leader, "a", "1")
        cluster.tick(5)
        let alarm = Alarm(member: full, kind: .noSpace)
        #expect(cluster.member(leader)!.store.alarms == [alarm])
        #expect(refusal(cluster, leader, .deactivateAlarm(alarm)) == nil)
        cluster.tick(15)
        #expect(cluster.member(leader)!.store.alarms == [alarm])
    }

    @Test func `what no room was found for is there after a crash`() throws {
        let cluster = try TestCluster(voters: 1)
        let only = cluster.elect()
        makeFull(cluster, only)
        #expect(cluster.put(only, "a", "1"))
        cluster.tick(30)
        cluster.kill(only)
        makeRoom(cluster, only)
        try cluster.start(only)
        _ = cluster.elect()
        #expect(cluster.get(only, "a") == "1")
    }

    @Test func `a member without room still takes an image over`() throws {
        let cluster = try TestCluster(voters: 3) { configuration in
            configuration.entriesKept = 5
            configuration.raft.snapshotChunkBytes = 200
        }
        let leader = cluster.elect()
        let lagging = cluster.ids.first { $0 != leader }!
        makeFull(cluster, lagging)
        cluster.put(leader, "a", "1")
        cluster.tick(5)
        #expect(cluster.member(lagging)!.position.waitsForSpace)
        cluster.isolated = [lagging]
        #expect(
            refusal(
                cluster, leader, .deactivateAlarm(Alarm(member: lagging, kind: .noSpace))) == nil)
        for number in 0..<50 { cluster.put(leader, "k\(number)", "v\(number)") }
        cluster.tick(5)
        // The operator made room, but the commit is not tried again before the image comes.
        makeRoom(cluster, lagging)
        cluster.isolated = []
        cluster.tick(40)
        #expect(!cluster.member(lagging)!.position.waitsForSpace)
        #expect(cluster.get(lagging, "k49", isSerializable: true) == "v49")
    }

    // The log is what a member promises by: without it there is nothing to go on with.
    @Test func `a log without room ends the member, naming the file`() throws {
        let cluster = try TestCluster(voters: 1) { $0.segmentBytes = 8 << 10 }
        let only = cluster.elect()
        let disk = cluster.machines[only]!.disk
        disk.capacityBytes = disk.files.reduce(0) { $0 + (disk.contents(of: $1)?.count ?? 0) }
        var answered: [String] = []
        for number in 0..<200 where cluster.member(only)!.failure == nil {
            let key = "k\(number)"
            if cluster.put(only, key, String(repeating: "v", count: 400)) { answered.append(key) }
        }
        #expect(
            cluster.member(only)!.failure == .disk(.noSpace(path: "/data/log/spare")))
        #expect(!answered.isEmpty)
        cluster.kill(only)
        disk.capacityBytes = .max
        try cluster.start(only)
        _ = cluster.elect()
        for key in answered { #expect(cluster.get(only, key) != nil) }
    }
}
