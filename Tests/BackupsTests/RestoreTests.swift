import Environment
import Logging
import MVCC
import Primitives
import ReplicatedStore
import Storage
import StoreModel
import Testing

@testable import EtcdServer

/// Making data folders from backups.
@Suite struct `Restoring a backup` {
    let folder = TestFolder()
    private var backup: String { folder / "backup" }
    private let hash: UInt32
    private let revision: Revision

    init() throws {
        var source = try TestSource()
        try source.apply(.leaseGrant(LeaseID(7), ttlSeconds: 1_000))
        for number in 0..<300 { try source.put("k\(number)", "value \(number)") }
        for number in 0..<100 { try source.delete("k\(number)") }
        try source.put("leased", "x", lease: LeaseID(7))
        try source.apply(.activateAlarm(Alarm(member: PeerID(9), kind: .noSpace)))
        try source.apply(.setMember(PeerID(9), MemberAttributes(name: "old", peerURLs: ["u"])))
        try source.save(folder / "backup", chunkBytes: 4_000)
        hash = try source.hash()
        revision = source.revision
    }

    private func settings(_ name: String = "data") -> StoreSettings {
        .embedded(dataDirectory: folder / name, segmentBytes: 1 << 20)
    }

    private func restore(
        _ settings: StoreSettings, disk: any Disk = PosixDisk(),
        _ change: (inout Restoration) -> Void = { _ in }
    ) throws(RestoreError) -> StoreRestore.Report {
        var restoration = Restoration(path: backup)
        change(&restoration)
        return try StoreRestore(restoration, settings: settings, disk: disk) { error in
            fatalError("\(error)")
        }.run()
    }

    /// Serves a data folder for the time of `body`.
    private func withNode(
        _ settings: StoreSettings, _ body: (StoreNode) async throws -> Void
    ) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let node = StoreNode(settings: settings, disk: PosixDisk(), log: quiet) {
            Issue.record("the node ended: \($0)")
        }
        try await node.start()
        do {
            try await body(node)
        } catch {
            Issue.record(error)
        }
        await node.stop()
    }

    /// RELIABILITY B52: revisions go on far above, and history before is compacted, so that
    /// nobody goes on from what another past had.
    @Test func `a restored store has all keys, a higher revision and no history`() async throws {
        let report = try restore(settings())
        let stepped = Revision(revision.rawValue + 1_000_000_000)
        #expect(report.content.revision == stepped && report.content.compactRevision == stepped)
        #expect(report.content.keyCount == 201)
        try await withNode(settings()) { node in
            let all = try await node.client.range(
                RangeRequest(KeyRange(key: [0], end: [0])), isSerializable: false)
            #expect(all.revision >= stepped)
            #expect(all.answer.count == 201)
            let first = try #require(all.answer.keyValues.first { $0.key == Bytes("k250".utf8) })
            #expect(first.value == Bytes("value 250".utf8) && first.modRevision < revision)
            await #expect(throws: KeyValueFailure.self) {
                _ = try await node.client.range(
                    RangeRequest(KeyRange(key: [1]), revision: revision), isSerializable: false)
            }
            let watch = node.client.watch(
                WatchRequest(KeyRange(key: [0], end: [0]), startRevision: revision.next))
            await #expect(throws: KeyValueFailure.watchCompacted(floor: stepped)) {
                while try await watch.next() != nil {}
            }
            #expect(try await node.client.keepAlive(LeaseID(7)) == 1_000)
            let written = try await node.client.transaction(
                TransactionRequest(
                    success: [.put(PutRequest(key: Bytes("new".utf8), value: []))]))
            #expect(written.revision == stepped.next)
        }
        // And again, from what that run has left.
        try await withNode(settings()) { node in
            let all = try await node.client.range(
                RangeRequest(KeyRange(key: [0], end: [0]), isCountOnly: true),
                isSerializable: false)
            #expect(all.answer.count == 202)
        }
    }

    @Test func `without a step the history is the same to the bit`() throws {
        let report = try restore(settings()) {
            $0.revisionStep = 0
            $0.compacts = false
        }
        #expect(report.content.revision == revision)
        #expect(report.content.compactRevision == .zero)
        let backend = try LMDBBackendProvider(
            directory: folder / "data/member/backend", disk: PosixDisk()
        ).open()
        let machine = try StateMachine(limits: StoreLimits(), backend: backend)
        #expect(try machine.hashKV(through: .zero).hash == hash)
        #expect(machine.alarms.isEmpty, "alarms tell of the old cluster's members")
        #expect(machine.roster.map(\.1.name) == ["default"], "and so does what is known of them")
    }

    @Test func `members of one backup are of one cluster, of another backup of another`() throws {
        func member(_ name: String, _ folder: String, _ step: Int64 = 1_000) throws
            -> StoreRestore.Report
        {
            var settings = settings(folder)
            settings.name = name
            settings.initialCluster = try InitialMember.list("a=http://a:1,b=http://b:1")
            settings.advertisePeerURLs = [try ServerURL("http://\(name):1")]
            return try restore(settings) { $0.revisionStep = step }
        }
        let reports = [
            try member("a", "m1"), try member("b", "m2"), try member("a", "m3", 2_000),
        ]
        #expect(reports[0].clusterID == reports[1].clusterID)
        #expect(reports[0].memberID != reports[1].memberID)
        #expect(reports[0].memberID == reports[2].memberID)
        #expect(reports[0].clusterID != reports[2].clusterID)
        var source = try TestSource()
        try source.put("a", "b")
        try source.save(backup)
        #expect(try member("a", "m4").clusterID != reports[0].clusterID)
    }

    @Test func `nothing that is there is restored over`() throws {
        let disk = PosixDisk()
        _ = try restore(settings())
        let before = folder.content
        #expect(throws: RestoreError.notEmpty(path: folder / "data")) { try restore(settings()) }
        try disk.createDirectory(folder / "other/sub")
        #expect(throws: RestoreError.notEmpty(path: folder / "other")) {
            try restore(settings("other"))
        }
        #expect(throws: RestoreError.noFolder(path: backup)) { try restore(settings("backup")) }
        try disk.removeDirectory(folder / "other")
        #expect(folder.content == before)
    }

    @Test func `what a server keeps beside its store may be there, and an empty folder`() throws {
        let disk = PosixDisk()
        try disk.createDirectory(folder / "data/pki")
        try disk.createDirectory(folder / "data/node")
        try disk.createDirectory(folder / "data/.restoring/member/backend")
        _ = try restore(settings())
        #expect(try disk.list(folder / "data") == ["member", "node", "pki"])
        try disk.createDirectory(folder / "empty")
        _ = try restore(settings("empty"))
        #expect(try disk.list(folder / "empty") == ["member"])
    }

    @Test func `a damaged backup and contradicting settings change nothing`() throws {
        let disk = PosixDisk()
        let before = folder.content
        var other = settings()
        other.name = "elsewhere"
        other.initialCluster = try InitialMember.list("a=http://a:1")
        #expect(throws: RestoreError.self) { try restore(other) }
        #expect(throws: RestoreError.self) { try restore(settings()) { $0.path = "/nowhere" } }
        for step in [-1, Int64.max] {
            #expect(throws: RestoreError.self) {
                try restore(settings()) { $0.revisionStep = step }
            }
        }
        let file = try disk.open(backup, .existing)
        let size = try file.size()
        let bytes = try file.read(at: 0, count: size)
        for place in stride(from: 0, to: size, by: size / 40) {
            try file.write([bytes[place] ^ 1], at: place)
            let error = #expect(throws: RestoreError.self) { try restore(settings()) }
            #expect("\(error!)".hasPrefix(backup), "it names the file")
            try file.write([bytes[place]], at: place)
        }
        try file.truncate(to: size - 512)
        #expect(throws: RestoreError.self) { try restore(settings()) }
        #expect(folder.content == before)
    }

    @Test func `a second restore to the same place has to wait`() throws {
        let disk = PosixDisk()
        try disk.createDirectory(folder / "data/.restoring")
        let lock = try disk.open(folder / "data/.restoring/lock", .new)
        try lock.lock()
        #expect(throws: RestoreError.underWay(path: folder / "data")) { try restore(settings()) }
        lock.close()
        _ = try restore(settings())
    }

    /// The disk fails at each operation in turn, once and for good, as if the process had died.
    @Test(arguments: [true, false])
    func `a restore that ends anywhere leaves nothing or the whole`(diesThere: Bool) throws {
        var number = 0
        while true {
            let disk = FailingDisk(at: number, forGood: diesThere)
            let isDone = (try? restore(settings(), disk: disk)) != nil  // It fails on purpose.
            if PosixDisk().exists(folder / "data/member") {
                // It is complete: a member opens it.
                #expect(PosixDisk().exists(folder / "data/member/identity"))
                #expect(diesThere || isDone)
                try PosixDisk().removeDirectory(folder / "data")
            } else if !diesThere {
                #expect(!PosixDisk().exists(folder / "data"))
            }
            if isDone { break }
            _ = try restore(settings())
            try PosixDisk().removeDirectory(folder / "data")
            number += 1
        }
        #expect(number > 20, "so many operations were made to fail")
    }
}

/// A disk on which one operation fails, or all from it on.
private final class FailingDisk: Disk {
    private let disk = PosixDisk()
    private var left: Int
    private let failsForGood: Bool

    init(at number: Int, forGood: Bool) {
        left = number
        failsForGood = forGood
    }

    private func count(_ path: String) throws(DiskError) {
        left -= 1
        if left == -1 || (left < 0 && failsForGood) {
            throw .failed(operation: "test", path: path, code: 5)
        }
    }

    func createDirectory(_ path: String) throws(DiskError) {
        try count(path)
        try disk.createDirectory(path)
    }

    func list(_ path: String) throws(DiskError) -> [String] {
        try count(path)
        return try disk.list(path)
    }

    func exists(_ path: String) -> Bool { disk.exists(path) }

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        try count(path)
        return try disk.open(path, mode)
    }

    func rename(_ path: String, to newPath: String) throws(DiskError) {
        try count(path)
        try disk.rename(path, to: newPath)
    }

    func remove(_ path: String) throws(DiskError) {
        try count(path)
        try disk.remove(path)
    }

    func removeDirectory(_ path: String) throws(DiskError) {
        try count(path)
        try disk.removeDirectory(path)
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        // The backend ends the process if this one fails.
        if !path.hasSuffix("/backend") { try count(path) }
        try disk.syncDirectory(path)
    }
}
