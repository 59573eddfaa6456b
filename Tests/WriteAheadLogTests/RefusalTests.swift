import Environment
import Primitives
import Raft
import SimulatedEnvironment
import Testing

@testable import WriteAheadLog

/// Files that are whole, but not to be read: another's, a newer version's, or contradictory ones.
@Suite struct RefusalTests {
    private static let path = "/data/log/00000001-0000000000000001.wal"

    private static func makeLog(_ steps: [LogStep] = []) throws -> SimulatedDisk {
        let run = LogRun(try LogRun.makeDisk())
        try run.run([.append([write([entry(1)], hardState(1, 1, 0))]), .sync] + steps)
        return run.disk
    }

    private static func error(
        _ disk: SimulatedDisk, _ options: LogOptions = LogRun.options
    ) -> WALError? {
        let before = disk.contentsHash()
        do {
            _ = try LogRun.open(disk, options)
            return nil
        } catch {
            #expect(disk.contentsHash() == before, "a refusal changes nothing")
            return error as? WALError
        }
    }

    /// Changes bytes of a file and makes the checksum of the sector good again.
    private static func forge(
        _ disk: SimulatedDisk, _ path: String, sector: Int = 0, _ change: (inout Bytes) -> Void
    ) throws {
        let file = try disk.open(path, .existing)
        var bytes = try file.read(at: sector * 512, count: 512)
        change(&bytes)
        if sector == 0 {
            bytes.setWord(CRC32C.checksum(of: bytes, in: 4..<512), at: 0)
        } else {
            let key = SectorKey(identity: LogRun.options.identity, sequence: 1)
            bytes.setWord(key.checksum(of: bytes, at: 0, number: sector), at: 0)
        }
        try file.write(bytes, at: sector * 512)
        try file.sync()
    }

    @Test func `the log of another cluster or member is refused`() throws {
        let disk = try Self.makeLog()
        for (cluster, member) in [(0xC2, 0x3), (0xC1, 0x4)] as [(UInt64, UInt64)] {
            let options = LogOptions(segmentBytes: 4_096, clusterID: cluster, memberID: member)
            let error = Self.error(disk, options)
            #expect(
                error == .foreign(path: Self.path, offset: 16, clusterID: 0xC1, memberID: 0x3))
            #expect(
                "\(error!)" == "log segment \(Self.path) at offset 16: belongs to cluster c1, "
                    + "member 3")
        }
    }

    @Test func `a newer format version is refused`() throws {
        let disk = try Self.makeLog()
        try Self.forge(disk, Self.path) { $0[12] = 2 }
        #expect(
            Self.error(disk) == .unsupportedVersion(path: Self.path, offset: 12, version: 2))
    }

    @Test func `unknown flags and impossible lengths are refused`() throws {
        for change in [(36, 2), (40, 1), (40, 0), (47, 0xFF), (95, 0xFF)] as [(Int, UInt8)] {
            let disk = try Self.makeLog([.append([write([entry(2, count: 2_500)])]), .sync])
            let path = change.0 == 95 ? LogRun.segments(disk)[1] : Self.path
            try Self.forge(disk, path) { bytes in
                if change == (40, 0) { for place in 40..<48 { bytes[place] = 0 } }
                bytes[change.0] = change.1
            }
            guard case .damaged(path, _, .header) = Self.error(disk) else {
                Issue.record("\(change): \(String(describing: Self.error(disk)))")
                continue
            }
        }
    }

    @Test func `a record of an unknown type is refused where it stands`() throws {
        let disk = try Self.makeLog()
        // Sector header, batch header, length of the first record.
        let place = 12 + 8 + 4
        try Self.forge(disk, Self.path, sector: 1) { $0[place] = 77 }
        #expect(
            Self.error(disk) == .damaged(path: Self.path, offset: 512 + 12 + 8, .record))
    }

    @Test func `a record that contradicts the log is refused where it stands`() throws {
        let disk = try Self.makeLog()
        // The entry behind the hard state (5 + 24 bytes): its index says 3.
        let record = 12 + 8 + 29
        try Self.forge(disk, Self.path, sector: 1) { $0[record + 5] = 3 }
        #expect(
            Self.error(disk)
                == .damaged(path: Self.path, offset: 512 + record, .contradiction))
    }

    @Test func `batches out of order are refused`() throws {
        let disk = try Self.makeLog()
        try Self.forge(disk, Self.path, sector: 1) { $0[4] = 2 }
        #expect(Self.error(disk) == .damaged(path: Self.path, offset: 512, .order))
        let other = try Self.makeLog()
        try Self.forge(other, Self.path, sector: 1) { $0[12] = 0xFF; $0[13] = 0xFF }
        #expect(Self.error(other) == .damaged(path: Self.path, offset: 512, .order))
    }

    @Test func `a file under another segment's name is refused`() throws {
        let disk = try Self.makeLog()
        let other = "/data/log/00000001-0000000000000002.wal"
        try disk.rename(Self.path, to: other)
        #expect(Self.error(disk) == .damaged(path: other, offset: 32, .header))
        try disk.rename(other, to: Self.path)
        try disk.open(other, .new).close()
        #expect(Self.error(disk) == .duplicateSegment(path: other, sequence: 1))
    }

    @Test func `a missing segment is refused, be it the first, one between or the last`() throws {
        let steps = (UInt64(2)...8).flatMap { index -> [LogStep] in
            [.append([write([entry(index, count: 2_500)])]), .sync]
        }
        let run = LogRun(try LogRun.makeDisk())
        try run.run([.append([write([entry(1)])]), .sync] + steps)
        var random = SplitMix64(seed: 1)
        // With everything written, the mark that a segment follows is there as well.
        run.disk.crash(using: &random, faults: .keepsUnsynced)
        let segments = LogRun.segments(run.disk)
        #expect(segments.count == 8)
        for position in segments.indices {
            let disk = run.disk.copy()
            try disk.remove(segments[position])
            #expect(
                Self.error(disk)
                    == .missingSegment(
                        directory: LogRun.directory, sequence: UInt32(position + 1)),
                "segment \(position + 1)")
        }
    }

    @Test func `files of other names are left alone`() throws {
        let disk = try Self.makeLog()
        let names = [
            "notes.txt", "1-1.wal", "00000001-0000000000000001.wal.bak",
            "0000000A-000000000000000A.wal", "00000001.wal",
        ]
        for name in names {
            try disk.open("/data/log/" + name, .new).close()
        }
        #expect(try LogRun.open(disk).recovered.entries == [entry(1)])
        #expect(names.allSatisfy { disk.exists("/data/log/" + $0) })
    }

    /// RELIABILITY B31, the deliberate bug of it: what the checkers have to notice.
    @Test func `the mutation truncatesCorruptedMiddle loses what it must not, and only that`()
        throws
    {
        var options = LogRun.options
        options.mutation = .truncatesCorruptedMiddle
        for position in 0..<3 {
            let disk = try Self.makeLog(
                (UInt64(2)...4).flatMap { index -> [LogStep] in
                    [.append([write([entry(index, count: 900)])]), .sync]
                })
            let segments = LogRun.segments(disk)
            #expect(segments.count == 2)
            #expect(try LogRun.open(disk.copy(), options).recovered.entries.count == 4)
            let place = [(0, 520), (0, 1_100), (1, 600)][position]
            disk.flipBit(in: segments[place.0], offset: place.1, bit: 1)
            #expect(Self.error(disk) != nil)
            var (log, recovered) = try LogRun.open(disk, options)
            let kept = UInt64(recovered.entries.count)
            #expect(kept == [0, 1, 3][position])
            try log.append([write((kept + 1...kept + 9).map { entry($0, 7, count: 900) })])
            try log.append([write([entry(kept + 10, 7, count: 900)])])
            try log.sync()
            let again = try LogRun.open(disk.copy(), options).recovered
            #expect(again.entries.count == Int(kept) + 10)
        }
    }
}
