import Environment
import Primitives
import Testing

/// One promise of the `Disk` protocol that shows without a crash. `check` is handed an empty
/// folder of the disk; it must hold for any disk.
struct DiskPromise: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable (_ disk: any Disk, _ folder: String) throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (any Disk, String) throws -> Void) {
        testDescription = name
        self.check = check
    }
}

/// The contract, also for disks to come.
let diskContract: [DiskPromise] = filePromises + namePromises + handlePromises

private let filePromises: [DiskPromise] = [
    DiskPromise("a new file is empty") { disk, folder in
        let file = try disk.open(folder + "/a", .new)
        #expect(try file.size() == 0)
        #expect(try file.read(at: 0, count: 10) == [])
        #expect(file.path == folder + "/a")
    },
    DiskPromise("what was written is read back, across pages and sectors") { disk, folder in
        let file = try disk.open(folder + "/a", .new)
        let bytes = pattern(10_000, seed: 1)
        try file.write(bytes, at: 0)
        #expect(try file.read(at: 0, count: 10_000) == bytes)
        try file.write([1, 2, 3], at: 4_095)
        #expect(try file.read(at: 4_094, count: 5) == [bytes[4_094], 1, 2, 3, bytes[4_098]])
        #expect(try file.size() == 10_000)
    },
    DiskPromise("a read ends at the end of the file") { disk, folder in
        let file = try disk.open(folder + "/a", .new)
        try file.write([1, 2, 3], at: 0)
        #expect(try file.read(at: 1, count: 100) == [2, 3])
        #expect(try file.read(at: 3, count: 1) == [])
        #expect(try file.read(at: 1_000_000, count: 1) == [])
    },
    DiskPromise("a write behind the end leaves a gap of zeros") { disk, folder in
        let file = try disk.open(folder + "/a", .new)
        try file.write([9], at: 5_000)
        #expect(try file.size() == 5_001)
        #expect(try file.read(at: 0, count: 5_001) == Bytes(repeating: 0, count: 5_000) + [9])
    },
    DiskPromise("an empty write changes nothing") { disk, folder in
        let file = try disk.open(folder + "/a", .new)
        try file.write([], at: 100)
        #expect(try file.size() == 0)
    },
    DiskPromise("preallocation fills with zeros, keeps what is there and never shrinks") {
        disk, folder in
        let file = try disk.open(folder + "/a", .new)
        try file.write([7], at: 0)
        try file.preallocate(size: 70_000)
        #expect(try file.size() == 70_000)
        #expect(try file.read(at: 0, count: 70_000) == [7] + Bytes(repeating: 0, count: 69_999))
        try file.preallocate(size: 10)
        #expect(try file.size() == 70_000)
    },
    DiskPromise("a cut file has zeros where it grows again") { disk, folder in
        let file = try disk.open(folder + "/a", .new)
        try file.write(pattern(9_000, seed: 2), at: 0)
        try file.truncate(to: 700)
        #expect(try file.size() == 700)
        try file.truncate(to: 9_000)
        let bytes = try file.read(at: 0, count: 9_000)
        #expect(bytes.prefix(700) == pattern(9_000, seed: 2).prefix(700))
        #expect(bytes.dropFirst(700).allSatisfy { $0 == 0 })
        try file.sync()
    },
]

private let namePromises: [DiskPromise] = [
    DiskPromise("open modes ask for what they say") { disk, folder in
        let path = folder + "/a"
        #expect(throws: DiskError.notFound(path: path)) { try disk.open(path, .existing) }
        try disk.open(path, .new).close()
        #expect(throws: DiskError.exists(path: path)) { try disk.open(path, .new) }
        try disk.open(path, .existing).close()
        try disk.open(path, .createIfMissing).close()
        try disk.open(folder + "/b", .createIfMissing).close()
        #expect(try disk.list(folder) == ["a", "b"])
    },
    DiskPromise("a file needs its folder") { disk, folder in
        #expect(throws: DiskError.notFound(path: folder + "/no/a")) {
            try disk.open(folder + "/no/a", .new)
        }
        #expect(throws: DiskError.self) { try disk.list(folder + "/no") }
        #expect(throws: DiskError.self) { try disk.syncDirectory(folder + "/no") }
    },
    DiskPromise("folders are made with their parents, and again without complaint") {
        disk, folder in
        try disk.createDirectory(folder + "/x/y/z")
        try disk.createDirectory(folder + "/x/y/z")
        #expect(disk.exists(folder + "/x/y"))
        #expect(try disk.list(folder + "/x") == ["y"])
        try disk.open(folder + "/f", .new).close()
        #expect(throws: DiskError.self) { try disk.createDirectory(folder + "/f") }
        #expect(throws: DiskError.self) { try disk.createDirectory(folder + "/f/g") }
    },
    DiskPromise("names are listed in order") { disk, folder in
        for name in ["b", "10", "a", "9", "B"] {
            try disk.open(folder + "/" + name, .new).close()
        }
        #expect(try disk.list(folder) == ["10", "9", "B", "a", "b"])
    },
    DiskPromise("a rename moves the file and replaces what had the name") { disk, folder in
        let old = try disk.open(folder + "/a", .new)
        try old.write([1], at: 0)
        let other = try disk.open(folder + "/b", .new)
        try other.write([2, 2], at: 0)
        try disk.rename(folder + "/a", to: folder + "/b")
        #expect(try disk.list(folder) == ["b"])
        #expect(try disk.open(folder + "/b", .existing).read(at: 0, count: 9) == [1])
        // Both handles go on working on their files.
        try old.write([3], at: 1)
        #expect(try disk.open(folder + "/b", .existing).read(at: 0, count: 9) == [1, 3])
        #expect(try other.read(at: 0, count: 9) == [2, 2])
    },
    DiskPromise("a rename needs its file, and onto itself is nothing") { disk, folder in
        #expect(throws: DiskError.self) { try disk.rename(folder + "/a", to: folder + "/b") }
        try disk.open(folder + "/a", .new).write([5], at: 0)
        #expect(throws: DiskError.self) { try disk.rename(folder + "/a", to: folder + "/no/b") }
        try disk.rename(folder + "/a", to: folder + "/a")
        #expect(try disk.open(folder + "/a", .existing).read(at: 0, count: 9) == [5])
        try disk.createDirectory(folder + "/d")
        #expect(throws: DiskError.self) { try disk.rename(folder + "/a", to: folder + "/d") }
    },
    DiskPromise("a file may move to another folder") { disk, folder in
        try disk.createDirectory(folder + "/d")
        try disk.open(folder + "/a", .new).write([5], at: 0)
        try disk.rename(folder + "/a", to: folder + "/d/b")
        #expect(try disk.list(folder) == ["d"])
        #expect(try disk.list(folder + "/d") == ["b"])
    },
    DiskPromise("removing removes files, and only files") { disk, folder in
        #expect(throws: DiskError.notFound(path: folder + "/a")) {
            try disk.remove(folder + "/a")
        }
        try disk.open(folder + "/a", .new).close()
        try disk.remove(folder + "/a")
        #expect(!disk.exists(folder + "/a"))
        try disk.createDirectory(folder + "/d")
        #expect(throws: DiskError.self) { try disk.remove(folder + "/d") }
        #expect(disk.exists(folder + "/d"))
    },
    DiskPromise("a folder is removed with all in it") { disk, folder in
        try disk.createDirectory(folder + "/d/e")
        try disk.open(folder + "/d/a", .new).close()
        try disk.open(folder + "/d/e/b", .new).close()
        try disk.removeDirectory(folder + "/d")
        #expect(!disk.exists(folder + "/d"))
        try disk.removeDirectory(folder + "/d")
        #expect(try disk.list(folder) == [])
    },
]

private let handlePromises: [DiskPromise] = [
    DiskPromise("a closed file refuses everything") { disk, folder in
        let file = try disk.open(folder + "/a", .new)
        file.close()
        file.close()
        #expect(throws: DiskError.self) { try file.size() }
        #expect(throws: DiskError.self) { try file.read(at: 0, count: 1) }
        #expect(throws: DiskError.self) { try file.write([1], at: 0) }
        #expect(throws: DiskError.self) { try file.preallocate(size: 1) }
        #expect(throws: DiskError.self) { try file.truncate(to: 0) }
        #expect(throws: DiskError.self) { try file.sync() }
        #expect(throws: DiskError.self) { try file.lock() }
    },
    DiskPromise("a removed file lives on in its handles") { disk, folder in
        let file = try disk.open(folder + "/a", .new)
        try file.write([1], at: 0)
        try disk.remove(folder + "/a")
        try file.write([2], at: 1)
        try file.sync()
        #expect(try file.read(at: 0, count: 9) == [1, 2])
        try disk.open(folder + "/a", .new).close()
        #expect(try file.read(at: 0, count: 9) == [1, 2])
    },
    DiskPromise("two handles see one file") { disk, folder in
        let first = try disk.open(folder + "/a", .new)
        let second = try disk.open(folder + "/a", .existing)
        try first.write([1, 2], at: 0)
        #expect(try second.read(at: 0, count: 9) == [1, 2])
        #expect(try second.size() == 2)
    },
    DiskPromise("one handle at a time has the lock") { disk, folder in
        let first = try disk.open(folder + "/lock", .createIfMissing)
        let second = try disk.open(folder + "/lock", .createIfMissing)
        try first.lock()
        try first.lock()
        #expect(throws: DiskError.locked(path: folder + "/lock")) { try second.lock() }
        second.close()
        let third = try disk.open(folder + "/lock", .createIfMissing)
        #expect(throws: DiskError.locked(path: folder + "/lock")) { try third.lock() }
        first.close()
        try third.lock()
    },
]

/// Bytes that hardly repeat, none of them zero.
func pattern(_ count: Int, seed: UInt64) -> Bytes {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8(1 + random.below(255)) }
}
