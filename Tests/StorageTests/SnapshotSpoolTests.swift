import Environment
import Primitives
import SimulatedEnvironment
import Storage
import Testing

/// Putting a received image together.
@Suite struct SnapshotSpoolTests {
    let disk = SimulatedDisk()

    private func contents() throws -> Bytes {
        let file = try disk.open("/spool", .existing)
        return try file.read(at: 0, count: try file.size())
    }

    @Test func `pieces follow one another, and may come twice`() throws {
        let spool = try SnapshotSpool(path: "/spool", disk: disk)
        try spool.append([1, 2, 3], at: 0)
        try spool.append([4, 5], at: 3)
        try spool.append([1, 2, 3], at: 0)
        try spool.append([4, 5], at: 3)
        try spool.append([], at: 5)
        #expect(spool.receivedBytes == 5)
        // Partly known.
        try spool.append([5, 6, 7], at: 4)
        #expect(spool.receivedBytes == 7)
        #expect(try contents() == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test(arguments: [1, 5, Int.max, -1])
    func `a gap is refused and nothing is written`(offset: Int) throws {
        let spool = try SnapshotSpool(path: "/spool", disk: disk)
        #expect(throws: SnapshotError.gap(path: "/spool", offset: offset, expected: 0)) {
            try spool.append([1], at: offset)
        }
        #expect(try contents() == [])
        try spool.append([1], at: 0)
        #expect(throws: SnapshotError.gap(path: "/spool", offset: 2, expected: 1)) {
            try spool.append([1], at: 2)
        }
        #expect(try contents() == [1])
    }

    @Test func `a new spool forgets what an earlier one has left`() throws {
        try SnapshotSpool(path: "/spool", disk: disk).append([1, 2, 3], at: 0)
        let spool = try SnapshotSpool(path: "/spool", disk: disk)
        #expect(try contents() == [])
        #expect(spool.receivedBytes == 0)
        spool.discard()
        #expect(!disk.exists("/spool"))
    }

    @Test func `after a failed write the same piece may come again`() throws {
        let spool = try SnapshotSpool(path: "/spool", disk: disk)
        try spool.append([1, 2], at: 0)
        disk.failOperation(number: disk.operationCount + 1, with: .noSpace)
        #expect(throws: DiskError.noSpace(path: "/spool")) { try spool.append([3, 4], at: 2) }
        #expect(spool.receivedBytes == 2)
        try spool.append([3, 4], at: 2)
        try spool.finish()
        #expect(try contents() == [1, 2, 3, 4])
        disk.failOperation(number: disk.operationCount + 1, with: .ioError)
        #expect(throws: DiskError.self) { try spool.finish() }
    }
}
