import Backups
import Environment
import Foundation
import MVCC
import Primitives
import SimulatedEnvironment
import Storage
import StoreModel

/// A store in memory of which backups are made.
struct TestSource {
    private var machine: StateMachine
    private let backend: any Backend

    init() throws {
        backend = try MemoryBackendProvider().open()
        machine = try StateMachine(limits: StoreLimits(), backend: backend)
    }

    var revision: Revision { machine.revision }

    /// Applies a command, which must succeed.
    mutating func apply(_ command: Command) throws {
        _ = try machine.apply(command, at: machine.appliedIndex.next, term: Term(2)).result.get()
    }

    mutating func put(_ key: String, _ value: String, lease: LeaseID = .zero) throws {
        try apply(.put(PutRequest(key: Bytes(key.utf8), value: Bytes(value.utf8), lease: lease)))
    }

    mutating func delete(_ key: String) throws {
        try apply(.deleteRange(DeleteRangeRequest(KeyRange(key: Bytes(key.utf8)))))
    }

    mutating func compact() throws {
        try apply(.compact(machine.revision))
        while machine.compactSlice(recordsMax: 10) {}
    }

    /// Writes a backup of everything so far.
    mutating func save(_ path: String, withSum: Bool = true, chunkBytes: Int = 500) throws {
        if let batch = machine.takeBatch() {
            try backend.commit(batch)
            machine.batchCommitted()
        }
        try backend.refresh()
        // The header is the engine's, and nothing that reads backups looks at it.
        try SnapshotFile.write(
            view: backend, header: [], to: path, disk: PosixDisk(), withSum: withSum,
            chunkBytes: chunkBytes)
    }

    func hash() throws -> UInt32 { try machine.hashKV(through: .zero).hash }
}

/// A folder of a test's own, removed when the test lets go of it.
final class TestFolder: Sendable {
    let path: String

    init() {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("backup-tests-\(UUID().uuidString)")
        path = folder.path
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            fatalError("no temporary folder: \(error)")
        }
    }

    deinit {
        // Left to the system's own cleaning if it cannot be removed.
        try? FileManager.default.removeItem(atPath: path)
    }

    static func / (folder: TestFolder, name: String) -> String { folder.path + "/" + name }

    /// All paths below it.
    var content: [String] {
        (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []).sorted()
    }
}

extension BackupImage {
    init(_ path: String) throws {
        try self.init(path: path, disk: PosixDisk()) { fatalError("\($0)") }
    }
}
