import Environment
import Primitives
import SimulatedEnvironment
import Testing

/// Random work on one file, and after a power cut a check of every sector against a list of all
/// states that the file had since its last sync.
@Suite struct CrashOracleTests {
    @Test(arguments: CrashFaults.presets)
    func `every surviving sector and size is one that the file had since its sync`(
        _ faults: CrashFaults
    ) throws {
        var lostSomething = false
        var keptSomething = false
        var wasTorn = false
        for seed in 0..<150 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let disk = SimulatedDisk()
            let states = try work(on: disk, using: &random)
            disk.crash(using: &random, faults: faults)
            let survivor = try #require(disk.contents(of: "/a"))
            expect(survivor, from: states, "seed \(seed)")
            if survivor != states.last { lostSomething = true }
            if survivor != states.first { keptSomething = true }
            if !states.contains(survivor) { wasTorn = true }
        }
        let isTorn = faults.data == .prefix || faults.data == .anySubset
        #expect(lostSomething == (faults != .keepsUnsynced))
        #expect(keptSomething == (faults != .losesUnsynced))
        #expect(wasTorn == isTorn)
    }

    // RELIABILITY B33: what is on the disk after a failed sync is old or new, sector by sector.
    @Test(arguments: CrashFaults.presets)
    func `after failed syncs and lost writes every sector is still one of the file's`(
        _ faults: CrashFaults
    ) throws {
        var losses = 0
        for seed in 0..<150 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let disk = SimulatedDisk(seed: seed)
            let states = try work(on: disk, hasFaults: true, using: &random)
            if random.chance(0.5) { try disk.open("/a", .existing).sync() }
            disk.crash(using: &random, faults: faults)
            let survivor = try #require(disk.contents(of: "/a"))
            expect(survivor, from: states, "seed \(seed)")
            if survivor != states.last { losses += 1 }
        }
        #expect(losses > 20)
    }

    @Test func `a crash of the survivor of a crash changes nothing`() throws {
        for seed in 0..<50 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let disk = SimulatedDisk()
            _ = try work(on: disk, using: &random)
            disk.crash(using: &random, faults: .reordersVersions)
            let before = disk.contentsHash()
            disk.crash(using: &random, faults: .reordersVersions)
            #expect(disk.contentsHash() == before)
        }
    }

    /// The size and each sector of the survivor are those of some state.
    private func expect(_ survivor: Bytes, from states: [Bytes], _ comment: Comment) {
        #expect(states.contains { $0.count == survivor.count }, comment)
        for start in stride(from: 0, to: survivor.count, by: 512) {
            let found = sector(survivor, start, survivor.count)
            #expect(
                states.contains { sector($0, start, survivor.count) == found },
                "\(comment): the sector at \(start) never was like that")
        }
    }

    /// Returns all states of the file from its last sync on; with faults, from the start.
    private func work(
        on disk: SimulatedDisk, hasFaults: Bool = false, using random: inout SplitMix64
    ) throws -> [Bytes] {
        let file = try disk.open("/a", .new)
        try disk.syncDirectory("/")
        var states: [Bytes] = [[]]
        for _ in 0..<1 + random.below(40) {
            let place = random.below(9_000)
            switch random.below(8) {
            case 0:
                try file.sync()
                if !hasFaults { states = [states.last ?? []] }
                continue
            case 7 where hasFaults:
                disk.failOperation(
                    number: disk.operationCount + 1,
                    with: random.chance(0.5) ? .ioError : .lostWrite)
                do { try file.sync() } catch { continue }
                disk.failOperation(number: disk.operationCount + 1, with: .lostWrite)
                try file.write(pattern(900, seed: random.next()), at: place)
            case 1: try file.truncate(to: place)
            case 2: try file.preallocate(size: place)
            default:
                try file.write(pattern(1 + random.below(1_500), seed: random.next()), at: place)
            }
            states.append(disk.contents(of: "/a") ?? [])
        }
        return states
    }

    /// A sector of a file of `size` bytes that holds the bytes of `state`.
    private func sector(_ state: Bytes, _ start: Int, _ size: Int) -> Bytes {
        let end = min(start + 512, size)
        let own = start < state.count ? Bytes(state[start..<min(end, state.count)]) : []
        return own + Bytes(repeating: 0, count: end - start - own.count)
    }
}
