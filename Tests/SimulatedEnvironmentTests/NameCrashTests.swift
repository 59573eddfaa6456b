import Environment
import Primitives
import SimulatedEnvironment
import Testing

/// Names are volatile until their folder is synced.
@Suite struct NameCrashTests {
    private func disk(with names: [String: Bytes] = [:]) throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        try disk.createDirectory("/d")
        for name in names.keys.sorted() {
            try write(names[name] ?? [], to: "/d/" + name, of: disk)
        }
        try disk.syncDirectory("/d")
        return disk
    }

    /// A file with synced bytes; its name is not synced.
    private func write(_ bytes: Bytes, to path: String, of disk: SimulatedDisk) throws {
        let file = try disk.open(path, .createIfMissing)
        try file.write(bytes, at: 0)
        try file.sync()
    }

    /// Different outcomes: by name the first byte.
    private func outcomes(_ disk: SimulatedDisk, _ faults: CrashFaults) -> Set<[String: UInt8]> {
        Set(
            (0..<300).map { seed in
                var random = SplitMix64(seed: UInt64(seed))
                let after = disk.crashed(using: &random, faults: faults)
                return Dictionary(
                    uniqueKeysWithValues: after.files.map { ($0, after.contents(of: $0)![0]) })
            })
    }

    // RELIABILITY B32: a created file without a sync of its folder.
    @Test func `a synced file is gone if its name was not synced`() throws {
        let disk = try disk()
        try write([1], to: "/d/a", of: disk)
        #expect(disk.durableFiles == [])
        #expect(outcomes(disk, .losesUnsynced) == [[:]])
        #expect(outcomes(disk, .reorders) == [[:], ["/d/a": 1]])
        try disk.syncDirectory("/d")
        #expect(disk.durableFiles == ["/d/a"])
        #expect(outcomes(disk, .reorders) == [["/d/a": 1]])
    }

    // RELIABILITY B32: a rename without a sync of its folder.
    @Test func `a rename may be undone before its folder is synced, never halfway`() throws {
        let disk = try disk(with: ["a": [1], "b": [2]])
        try disk.rename("/d/a", to: "/d/b")
        for faults in [CrashFaults.reorders, .reordersVersions, .tearsInOrder] {
            #expect(outcomes(disk, faults) == [["/d/a": 1, "/d/b": 2], ["/d/b": 1]])
        }
        #expect(outcomes(disk, .losesUnsynced) == [["/d/a": 1, "/d/b": 2]])
        try disk.syncDirectory("/d")
        #expect(outcomes(disk, .reorders) == [["/d/b": 1]])
    }

    // RELIABILITY B32: the usual way to replace a file, at each step.
    @Test func `a new name may lead to an empty file when the file was not synced`() throws {
        let disk = try disk(with: ["a": [1]])
        let file = try disk.open("/d/new", .new)
        try file.write([2], at: 0)
        try disk.rename("/d/new", to: "/d/a")
        try disk.syncDirectory("/d")
        var random = SplitMix64(seed: 0)
        disk.crash(using: &random, faults: .losesUnsynced)
        #expect(disk.files == ["/d/a"])
        #expect(disk.contents(of: "/d/a") == [])
    }

    @Test func `names change out of order unless the order is kept`() throws {
        let disk = try disk()
        try write([1], to: "/d/a", of: disk)
        try write([2], to: "/d/b", of: disk)
        let inOrder: Set<[String: UInt8]> = [[:], ["/d/a": 1], ["/d/a": 1, "/d/b": 2]]
        #expect(outcomes(disk, .tearsInOrder) == inOrder)
        #expect(outcomes(disk, .reorders) == inOrder.union([["/d/b": 2]]))
    }

    @Test func `a removed file may come back before its folder is synced`() throws {
        let disk = try disk(with: ["a": [1]])
        try disk.remove("/d/a")
        #expect(outcomes(disk, .reorders) == [[:], ["/d/a": 1]])
        try write([2], to: "/d/a", of: disk)
        #expect(outcomes(disk, .reorders) == [[:], ["/d/a": 1], ["/d/a": 2]])
        try disk.syncDirectory("/d")
        #expect(outcomes(disk, .reorders) == [["/d/a": 2]])
    }

    @Test func `a chain of renames survives up to some link`() throws {
        let disk = try disk(with: ["a": [1]])
        try disk.rename("/d/a", to: "/d/b")
        try disk.rename("/d/b", to: "/d/c")
        #expect(outcomes(disk, .reorders) == [["/d/a": 1], ["/d/b": 1], ["/d/c": 1]])
    }

    @Test func `syncing either folder of a rename makes it durable and what it builds on`() throws {
        for folder in ["/d", "/e"] {
            let disk = try disk(with: ["a": [1]])
            try disk.createDirectory("/e")
            try write([2], to: "/d/b", of: disk)
            try disk.rename("/d/b", to: "/e/b")
            try disk.rename("/d/a", to: "/e/a")
            try disk.syncDirectory(folder)
            for faults in CrashFaults.presets {
                #expect(outcomes(disk, faults) == [["/e/a": 1, "/e/b": 2]])
            }
        }
    }

    @Test func `another folder's sync does not help`() throws {
        let disk = try disk()
        try disk.createDirectory("/e")
        try write([1], to: "/d/a", of: disk)
        try disk.syncDirectory("/e")
        try disk.syncDirectory("/")
        #expect(outcomes(disk, .losesUnsynced) == [[:]])
    }

    @Test func `a removed folder comes back or not, with some of what was in it`() throws {
        let disk = try disk(with: ["a": [1], "b": [2]])
        try disk.removeDirectory("/d")
        let found = outcomes(disk, .reorders)
        #expect(found == [[:], ["/d/a": 1], ["/d/b": 2], ["/d/a": 1, "/d/b": 2]])
        try disk.syncDirectory("/")
        #expect(outcomes(disk, .reorders) == [[:]])
    }

    @Test func `a file that left a folder before its removal is never lost`() throws {
        let disk = try disk(with: ["a": [1]])
        try disk.createDirectory("/e")
        try disk.rename("/d/a", to: "/e/a")
        try disk.removeDirectory("/d")
        #expect(outcomes(disk, .reorders) == [["/d/a": 1], ["/e/a": 1]])
        try disk.syncDirectory("/")
        #expect(outcomes(disk, .losesUnsynced) == [["/e/a": 1]])
    }

    // RELIABILITY B32: folders are names as well.
    @Test func `new folders are durable at once, or like files when asked to`() throws {
        for syncsNewFolders in [true, false] {
            let disk = SimulatedDisk()
            disk.syncsNewFolders = syncsNewFolders
            try disk.createDirectory("/x/y")
            try write([1], to: "/x/y/a", of: disk)
            try disk.syncDirectory("/x/y")
            let kept: [String: UInt8] = syncsNewFolders ? ["/x/y/a": 1] : [:]
            #expect(outcomes(disk, .losesUnsynced) == [kept])
            try disk.syncDirectory("/x")
            try disk.syncDirectory("/")
            #expect(outcomes(disk, .losesUnsynced) == [["/x/y/a": 1]])
        }
    }

    // RELIABILITY B34: a torn first file must be told from a complete one, whatever step it was.
    @Test func `replacing a file by sync, rename and sync leaves the old or the new one`() throws {
        let old = pattern(700, seed: 1)
        let new = pattern(3_000, seed: 2)
        var found: Set<Bytes> = []
        var steps = 0
        for step in 1... {
            let disk = try disk(with: ["a": old])
            disk.stopAtOperation(number: disk.operationCount + step)
            let isDone: Bool
            do {
                let file = try disk.open("/d/a.part", .createIfMissing)
                try file.write(new, at: 0)
                try file.sync()
                try disk.rename("/d/a.part", to: "/d/a")
                try disk.syncDirectory("/d")
                isDone = true
            } catch {
                isDone = false
            }
            for seed in 0..<60 as Range<UInt64> {
                var random = SplitMix64(seed: seed)
                let faults = CrashFaults.drawn(using: &random)
                let after = disk.crashed(using: &random, faults: faults)
                let contents = try #require(after.contents(of: "/d/a"))
                #expect(contents == new || (contents == old && !isDone))
                found.insert(contents)
            }
            steps = step
            if isDone { break }
        }
        #expect(steps == 6)
        #expect(found == [old, new])
    }
}
