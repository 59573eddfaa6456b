import Environment
import Primitives
import SimulatedEnvironment
import Testing

/// What a power cut may and may not take away.
@Suite struct CrashTests {
    /// A synced file of four sectors under a synced name.
    private func diskWithFile(_ bytes: Bytes) throws -> (SimulatedDisk, any DiskFile) {
        let disk = SimulatedDisk()
        let file = try disk.open("/a", .new)
        try file.write(bytes, at: 0)
        try file.sync()
        try disk.syncDirectory("/")
        return (disk, file)
    }

    /// Different outcomes of power cuts at this moment.
    private func outcomes(
        _ disk: SimulatedDisk, _ faults: CrashFaults, of path: String = "/a", draws: UInt64 = 400
    ) -> Set<Bytes?> {
        Set(
            (0..<draws).map { seed in
                var random = SplitMix64(seed: seed)
                return disk.crashed(using: &random, faults: faults).contents(of: path)
            })
    }

    @Test(arguments: CrashFaults.presets)
    func `what was synced survives every crash`(_ faults: CrashFaults) throws {
        let bytes = pattern(2_048, seed: 1)
        let (disk, _) = try diskWithFile(bytes)
        #expect(outcomes(disk, faults) == [bytes])
        var random = SplitMix64(seed: 9)
        disk.crash(using: &random, faults: faults)
        #expect(disk.contents(of: "/a") == bytes)
        #expect(disk.durableContents(of: "/a") == bytes)
    }

    @Test func `unsynced sectors vanish or stay each for itself`() throws {
        let old = pattern(2_048, seed: 1)
        let new = pattern(2_048, seed: 2)
        let (disk, file) = try diskWithFile(old)
        try file.write(new, at: 0)
        let found = outcomes(disk, .reorders, draws: 2_000)
        var expected: Set<Bytes?> = []
        for mask in 0..<16 {
            var bytes = Bytes()
            for sector in 0..<4 {
                let version = mask & (1 << sector) != 0 ? new : old
                bytes += version[sector * 512..<(sector + 1) * 512]
            }
            expected.insert(bytes)
        }
        #expect(found == expected)
        #expect(outcomes(disk, .losesUnsynced) == [old])
        #expect(outcomes(disk, .keepsUnsynced) == [new])
    }

    @Test func `a later write may survive an earlier one, unless the order is kept`() throws {
        let (disk, file) = try diskWithFile(Bytes(repeating: 9, count: 1_024))
        try file.write([1], at: 0)
        try file.write([2], at: 512)
        func kept(_ faults: CrashFaults) -> Set<[UInt8]> {
            Set(outcomes(disk, faults).map { [$0![0], $0![512]] })
        }
        #expect(kept(.reorders) == [[9, 9], [1, 9], [9, 2], [1, 2]])
        #expect(kept(.tearsInOrder) == [[9, 9], [1, 9], [1, 2]])
    }

    @Test func `with old versions any version since the sync may be found`() throws {
        let (disk, file) = try diskWithFile([1])
        for version in 2...5 {
            try file.write([UInt8(version)], at: 0)
        }
        #expect(outcomes(disk, .reordersVersions) == [[1], [2], [3], [4], [5]])
        #expect(outcomes(disk, .reorders) == [[1], [5]])
        try file.sync()
        #expect(outcomes(disk, .reordersVersions) == [[5]])
    }

    @Test func `the size is as volatile as the bytes`() throws {
        let (disk, file) = try diskWithFile([1, 2, 3])
        try file.preallocate(size: 2_000)
        try file.write([7], at: 1_000)
        let found = outcomes(disk, .reorders)
        let grown = [1, 2, 3] + Bytes(repeating: 0, count: 1_997)
        var written = grown
        written[1_000] = 7
        #expect(found == [[1, 2, 3], grown, written])
    }

    @Test func `a cut that is not durable may be undone, one that is stays`() throws {
        let old = pattern(1_024, seed: 4)
        let (disk, file) = try diskWithFile(old)
        try file.truncate(to: 100)
        #expect(outcomes(disk, .reorders) == [old, Bytes(old.prefix(100))])
        try file.truncate(to: 1_024)
        let zeroed = old.prefix(100) + Bytes(repeating: 0, count: 924)
        #expect(
            outcomes(disk, .reordersVersions)
                == [old, Bytes(old.prefix(100)), Bytes(zeroed)])
        try file.sync()
        #expect(outcomes(disk, .reordersVersions) == [Bytes(zeroed)])
    }

    @Test func `a kill without a power cut loses nothing, and a power cut afterwards may`() throws {
        let (disk, file) = try diskWithFile([1])
        try file.write([2], at: 0)
        try disk.open("/b", .new).close()
        disk.endProcess()
        #expect(disk.contents(of: "/a") == [2])
        #expect(disk.files == ["/a", "/b"])
        #expect(throws: DiskError.self) { try file.write([3], at: 0) }
        var random = SplitMix64(seed: 1)
        disk.crash(using: &random, faults: .losesUnsynced)
        #expect(disk.contents(of: "/a") == [1])
        #expect(disk.files == ["/a"])
    }

    @Test(arguments: CrashFaults.presets)
    func `a crash ends handles and locks`(_ faults: CrashFaults) throws {
        let (disk, file) = try diskWithFile([1])
        try file.lock()
        var random = SplitMix64(seed: 1)
        disk.crash(using: &random, faults: faults)
        let dead = DiskError.failed(
            operation: "write", path: "/a", code: ErrorNumber.badFile)
        #expect(throws: dead) { try file.write([2], at: 0) }
        #expect(throws: DiskError.self) { try file.read(at: 0, count: 1) }
        let again = try disk.open("/a", .existing)
        try again.lock()
        // The dead process cannot take the lock of the living one away.
        file.close()
        let third = try disk.open("/a", .existing)
        #expect(throws: DiskError.locked(path: "/a")) { try third.lock() }
    }

    @Test func `many writes without a sync are drawn together, and still torn`() throws {
        let (disk, file) = try diskWithFile(Bytes(repeating: 255, count: 1_024))
        for number in 0..<3_000 {
            try file.write([UInt8(number / 16 % 250)], at: number % 2 * 512)
        }
        let last = UInt8(2_999 / 16 % 250)
        let found = Set(outcomes(disk, .reorders).map { [$0![0], $0![512]] })
        #expect(found == [[255, 255], [last, 255], [255, last], [last, last]])
        for faults in CrashFaults.presets {
            for outcome in outcomes(disk, faults, draws: 50) {
                #expect(outcome!.count == 1_024)
                #expect(outcome![1..<512].allSatisfy { $0 == 255 })
            }
        }
    }

    @Test func `what was cut among forgotten changes stays cut with a later size`() throws {
        let (disk, file) = try diskWithFile(Bytes(repeating: 255, count: 2_048))
        try file.truncate(to: 512)
        for _ in 0..<1_100 {
            try file.write([7], at: 0)
        }
        try file.preallocate(size: 4_096)
        for outcome in outcomes(disk, .reordersVersions) where outcome!.count == 4_096 {
            #expect(outcome![512...].allSatisfy { $0 == 0 })
        }
        #expect(outcomes(disk, .reorders).map { $0!.count }.contains(2_048))
    }

    @Test func `equal seeds give equal crashes, and a copy is independent`() throws {
        for seed in 0..<20 as Range<UInt64> {
            let hashes = try (0..<2).map { _ in
                let disk = SimulatedDisk()
                try randomWork(on: disk, seed: seed)
                var random = SplitMix64(seed: seed)
                let crashed = disk.crashed(using: &random, faults: .reordersVersions)
                let copy = crashed.copy()
                let before = disk.contentsHash()
                try randomWork(on: crashed, seed: seed + 1)
                #expect(disk.contentsHash() == before)
                var again = SplitMix64(seed: seed)
                disk.crash(using: &again, faults: .reordersVersions)
                #expect(disk.contentsHash() == copy.contentsHash())
                return [before, copy.contentsHash(), crashed.contentsHash()]
            }
            #expect(hashes[0] == hashes[1])
        }
    }

    private func randomWork(on disk: SimulatedDisk, seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let path = "/f\(random.below(4))"
            switch random.below(6) {
            case 0 where disk.exists(path): try disk.remove(path)
            case 1 where disk.exists(path): try disk.rename(path, to: "/f\(random.below(4))")
            case 2: try disk.syncDirectory("/")
            case 3: try disk.open(path, .createIfMissing).sync()
            default:
                let bytes = pattern(random.below(2_000), seed: random.next())
                try disk.open(path, .createIfMissing).write(bytes, at: random.below(5_000))
            }
        }
    }
}
