import Environment
import Primitives
import SimulatedEnvironment
import Testing

/// The simulated disk as any disk must be.
@Suite struct DiskContractTests {
    @Test(arguments: diskContract)
    func `the simulated disk keeps the promise`(_ promise: DiskPromise) throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("/test")
        try promise.check(disk, "/test")
    }

    /// The same promises on names that were synced and a disk that has crashed before.
    @Test(arguments: diskContract)
    func `the simulated disk keeps the promise after a crash`(_ promise: DiskPromise) throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("/test")
        var random = SplitMix64(seed: 3)
        disk.crash(using: &random, faults: .losesUnsynced)
        try promise.check(disk, "test")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a file behaves as an array of bytes does`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let disk = SimulatedDisk()
        let file = try disk.open("/a", .new)
        var model: Bytes = []
        for _ in 0..<200 {
            let offset = random.below(12_000)
            switch random.below(6) {
            case 0, 1:
                let bytes = pattern(random.below(3_000), seed: random.next())
                try file.write(bytes, at: offset)
                guard !bytes.isEmpty else { continue }
                grow(&model, to: offset + bytes.count)
                model.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            case 2:
                try file.truncate(to: offset)
                grow(&model, to: offset)
                model.removeSubrange(offset...)
            case 3:
                try file.preallocate(size: offset)
                grow(&model, to: offset)
            case 4: try file.sync()
            default:
                let count = random.below(9_000)
                let end = min(model.count, offset + count)
                #expect(
                    try file.read(at: offset, count: count)
                        == (offset < end ? Bytes(model[offset..<end]) : []))
            }
            #expect(try file.size() == model.count)
        }
        #expect(disk.contents(of: "/a") == model)
        #expect(disk.usedBytes == model.count)
    }

    private func grow(_ bytes: inout Bytes, to count: Int) {
        bytes += Bytes(repeating: 0, count: max(0, count - bytes.count))
    }

    @Test func `a segment of zeros takes no memory worth speaking of`() throws {
        let disk = SimulatedDisk()
        for number in 0..<1_000 {
            let file = try disk.open("/\(number)", .new)
            try file.preallocate(size: 64 << 20)
            try file.sync()
        }
        #expect(disk.usedBytes == 1_000 * 64 << 20)
        #expect(try disk.open("/5", .existing).read(at: 1 << 20, count: 3) == [0, 0, 0])
    }

    @Test func `paths may be relative and have dots`() throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("data/./log")
        try disk.open("/data/log/../log//a", .new).close()
        #expect(disk.files == ["/data/log/a"])
    }
}
