import Backups
import Logging
import Primitives
import Storage
import StoreModel
import Testing

@testable import EtcdServer

/// A member that makes backups by itself.
@Suite struct `Backups by the clock` {
    let folder = TestFolder()

    private func settings() -> StoreSettings {
        var settings = StoreSettings.embedded(
            dataDirectory: folder / "data", segmentBytes: 1 << 20)
        settings.backups.folder = folder / "made/here"
        settings.backups.intervalNanoseconds = 1_000_000_000
        settings.backups.count = 2
        return settings
    }

    @Test(.timeLimit(.minutes(2)))
    func `a member makes backups, keeps the newest and leaves other files alone`() async throws {
        let disk = PosixDisk()
        try disk.createDirectory(folder / "made/here")
        try disk.open(folder / "made/here/notes", .new).close()
        let left = folder / "made/here/default-2026-01-01T00-00-00Z.snapshot.part"
        try disk.open(left, .new).close()
        let (lines, log) = BackupLog.make()
        let node = StoreNode(settings: settings(), disk: disk, log: log) {
            Issue.record("the node ended: \($0)")
        }
        try await node.start()
        _ = try await node.client.transaction(
            TransactionRequest(success: [.put(PutRequest(key: [1], value: [2]))]))
        var made = 0
        for await line in lines where line == "made backup" {
            made += 1
            if made == 4 { break }
        }
        await node.stop()
        let names = try disk.list(folder / "made/here")
        #expect(names.count == 3 && names.contains("notes"), "\(names)")
        for name in names where name != "notes" {
            let image = try BackupImage(folder / "made/here/\(name)")
            #expect(image.keyCount == 1)
        }
    }

    @Test func `a folder that cannot be made is told at the start`() async throws {
        try PosixDisk().open(folder / "made", .new).close()
        let (_, log) = BackupLog.make()
        let node = StoreNode(settings: settings(), disk: PosixDisk(), log: log) { _ in }
        await #expect(throws: StartError.self) { try await node.start() }
    }
}

/// Tells what a node logs.
private struct BackupLog: LogHandler {
    private let said: AsyncStream<String>.Continuation
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    static func make() -> (AsyncStream<String>, Logger) {
        let (lines, said) = AsyncStream<String>.makeStream()
        return (lines, Logger(label: "test") { _ in BackupLog(said: said) })
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { said.yield("\(event.message)") }
}
