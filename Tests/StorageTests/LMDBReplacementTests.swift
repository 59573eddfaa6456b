import Environment
import Glibc
import Primitives
import Storage
import Testing

/// Putting a new backend in the place of the old one, and dying on the way.
@Suite struct LMDBReplacementTests {
    let folder = TemporaryFolder()

    /// What stands in the backend before and after a replacement.
    private static func batch(_ name: UInt8, entries: Int = 50) -> BackendBatch {
        var batch = BackendBatch()
        for number in 0..<entries {
            let key = BatchSource.record(UInt64(number))
            batch.put(.records, key: key, value: Bytes(repeating: name, count: 500))
        }
        batch.put(.meta, key: [name], value: [name])
        return batch
    }

    private static func content(_ batch: BackendBatch) -> Content {
        var content = Content()
        content.apply(batch)
        return content
    }

    private static func fill(_ path: String, _ batch: BackendBatch) throws {
        let backend = try LMDBBackendProvider(directory: path, disk: PosixDisk()).open()
        try backend.commit(batch)
        backend.close()
    }

    private static func openContent(_ path: String) throws -> Content {
        let backend = try LMDBBackendProvider(directory: path, disk: PosixDisk()).open()
        defer { backend.close() }
        return Content(of: backend)
    }

    @Test func `the new backend has what was committed to it and nothing of the old one`()
        throws
    {
        let disk = ObservedDisk()
        let provider = LMDBBackendProvider(directory: folder.path, disk: disk)
        let old = try provider.open()
        try old.commit(Self.batch(1))
        let view = try old.makeView()
        var fresh = try provider.replace { (backend) throws(BackendError) in
            try backend.commit(Self.batch(2, entries: 10))
            try backend.commit(Self.batch(3, entries: 5))
        }
        var expected = Self.content(Self.batch(2, entries: 10))
        expected.apply(Self.batch(3, entries: 5))
        #expect(Content(of: fresh) == expected)
        // The old one may still be looked at by those that began before.
        #expect(Content(of: view) == Self.content(Self.batch(1)))
        try fresh.commit(Self.batch(4))
        try fresh.refresh()
        expected.apply(Self.batch(4))
        #expect(Content(of: fresh) == expected)
        // RELIABILITY B43: two installed images in a row, and a defragmentation between and after
        // them, with a view of the first backend alive all the time.
        try fresh.defragment()
        fresh = try provider.replace { (backend) throws(BackendError) in
            try backend.commit(Self.batch(5))
        }
        try fresh.defragment()
        try fresh.refresh()
        #expect(Content(of: fresh) == Self.content(Self.batch(5)))
        #expect(Content(of: view) == Self.content(Self.batch(1)))
        fresh.close()
        #expect(try disk.list(folder.path) == ["backend.lock", "data-5"])
    }

    @Test func `names become durable before and after the rename`() throws {
        // RELIABILITY B32: without the first sync the new folder might be there without its file,
        // without the second the old one might come back.
        let disk = ObservedDisk()
        let provider = LMDBBackendProvider(directory: folder.path, disk: disk)
        let old = try provider.open()
        defer { old.close() }
        let start = disk.operations.count
        _ = try provider.replace { (backend) throws(BackendError) in
            try backend.commit(Self.batch(2))
        }
        let side = folder.path + "/next.part"
        #expect(
            disk.operations[start...] == [
                "removeDirectory \(side)", "create \(side)", "open \(side)/data.mdb",
                "open \(side)/lock.mdb", "sync \(side)",
                "rename \(side) \(folder.path)/data-2", "sync \(folder.path)",
                "removeDirectory \(folder.path)/data-1",
            ])
    }

    @Test func `an error leaves the old backend in force and usable`() throws {
        var refused = ""
        let disk = ObservedDisk { (_, operation, path) throws(DiskError) in
            if operation == refused { throw .failed(operation: operation, path: path, code: EIO) }
        }
        let provider = LMDBBackendProvider(directory: folder.path, disk: disk)
        let old = try provider.open()
        try old.commit(Self.batch(1))
        for operation in ["create", "rename"] {
            refused = operation
            #expect(throws: BackendError.self) {
                try provider.replace { (backend) throws(BackendError) in
                    try backend.commit(Self.batch(2))
                }
            }
            #expect(throws: BackendError.self) { try old.defragment() }
        }
        refused = ""
        #expect(throws: BackendError.noSpace) {
            try provider.replace { (backend) throws(BackendError) in
                try backend.commit(Self.batch(2))
                throw .noSpace
            }
        }
        #expect(try disk.list(folder.path) == ["backend.lock", "data-1"])
        try old.commit(Self.batch(3))
        try old.refresh()
        var expected = Self.content(Self.batch(1))
        expected.apply(Self.batch(3))
        #expect(Content(of: old) == expected)
        old.close()
        #expect(try Self.openContent(folder.path) == expected)
    }

    @Test func `a sync that fails after the rename ends the process`() async throws {
        // RELIABILITY B33: whichever folder the disk has kept, this run must not answer from one
        // and let the next start find the other.
        try Self.fill(folder.path, Self.batch(1))
        await #expect(processExitsWith: .exitCode(9)) { [path = folder.path as String] in
            let disk = ObservedDisk { (_, operation, concerned) throws(DiskError) in
                if operation == "sync", concerned == path {
                    throw .failed(operation: operation, path: path, code: EIO)
                }
            }
            let provider = LMDBBackendProvider(
                directory: path, disk: disk, onFault: { _ in _exit(9) })
            _ = try provider.open()
            _ = try provider.replace { (backend) throws(BackendError) in
                try backend.commit(Self.batch(2))
            }
        }
        let content = try Self.openContent(folder.path)
        #expect([1, 2].map { Self.content(Self.batch($0)) }.contains(content))
    }

    @Test func `after a crash at any step of a replacement the old or the new one is there`()
        async throws
    {
        let counting = ObservedDisk()
        let first = LMDBBackendProvider(directory: folder.path + "/0", disk: counting)
        _ = try first.open()
        _ = try first.replace { (backend) throws(BackendError) in
            try backend.commit(Self.batch(2))
        }
        var found: [UInt8] = []
        for number in 1...counting.operations.count {
            let path = folder.path + "/\(number)"
            try Self.fill(path, Self.batch(1))
            await #expect(processExitsWith: .exitCode(7)) {
                [path = path as String, number = number as Int] in
                let provider = LMDBBackendProvider(
                    directory: path, disk: ObservedDisk.exiting(before: number))
                _ = try provider.open()
                _ = try provider.replace { (backend) throws(BackendError) in
                    try backend.commit(Self.batch(2))
                }
                // All steps were taken.
                _exit(7)
            }
            let content = try Self.openContent(path)
            let name = content[.meta].keys.first?.first ?? 0
            #expect(content == Self.content(Self.batch(name)), "step \(number)")
            found.append(name)
        }
        #expect(found == found.sorted() && Set(found) == [1, 2], "\(found)")
    }

    @Test func `a crash at any step of a defragmentation changes nothing`() async throws {
        // RELIABILITY B38: defragmentation writes no state of its own, so none can be half old.
        let expected = Self.content(Self.batch(1))
        for number in 1...16 {
            let path = folder.path + "/\(number)"
            try Self.fill(path, Self.batch(1))
            await #expect(processExitsWith: .exitCode(7)) {
                [path = path as String, number = number as Int] in
                let disk = ObservedDisk.exiting(before: number)
                let backend = try LMDBBackendProvider(directory: path, disk: disk).open()
                try backend.defragment()
                _exit(7)
            }
            #expect(try Self.openContent(path) == expected, "step \(number)")
        }
    }

    @Test func `after a crash at any step of the first start there is an empty backend`()
        async throws
    {
        // RELIABILITY B34: a first file that is half there must not keep a member from starting.
        for number in 1...12 {
            let path = folder.path + "/\(number)"
            await #expect(processExitsWith: .exitCode(7)) {
                [path = path as String, number = number as Int] in
                let disk = ObservedDisk.exiting(before: number)
                _ = try LMDBBackendProvider(directory: path, disk: disk).open()
                _exit(7)
            }
            #expect(try Self.openContent(path) == Content(), "step \(number)")
        }
    }

    @Test(arguments: [1, 3, 10, 40])
    func `a process that dies in the middle of commits leaves whole ones`(
        commits: Int
    ) async throws {
        // RELIABILITY B37: what is committed together is found together.
        await #expect(processExitsWith: .exitCode(7)) {
            [path = folder.path as String, commits = commits as Int] in
            try commitForEver(path, exitAfter: commits)
        }
        let content = try Self.openContent(folder.path)
        let last = content[.meta][[1]].map { Int($0[0]) } ?? 0
        #expect(last >= commits)
        #expect(content[.records].count == 20 * last)
        #expect(content[.leases].count == last)
    }
}
