import Environment
import Glibc
import Primitives
import Storage
import Testing

/// The contract of `Disk`, kept by the real one.
@Suite struct PosixDiskTests {
    let folder = TemporaryFolder()
    let disk = PosixDisk()

    private func path(_ name: String) -> String { folder.path + "/" + name }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        guard lstat(path, &status) == 0 else { return 0 }
        return status.st_mode & 0o7777
    }

    @Test func `a file keeps what was written, wherever`() throws {
        let file = try disk.open(path("a"), .new)
        try file.write([1, 2, 3], at: 0)
        try file.write([9], at: 5)
        #expect(try file.size() == 6)
        #expect(try file.read(at: 0, count: 6) == [1, 2, 3, 0, 0, 9])
        try file.sync()
        file.close()
        let again = try disk.open(path("a"), .existing)
        #expect(again.path == path("a"))
        #expect(try again.read(at: 2, count: 3) == [3, 0, 0])
        again.close()
    }

    @Test func `a read ends with the file and allocates no more than it has`() throws {
        let file = try disk.open(path("a"), .new)
        try file.write([1, 2, 3], at: 0)
        #expect(try file.read(at: 1, count: 100) == [2, 3])
        #expect(try file.read(at: 1, count: Int.max / 2) == [2, 3])
        #expect(try file.read(at: 3, count: 1) == [])
        #expect(try file.read(at: 1_000, count: 1 << 40) == [])
        #expect(try file.read(at: 0, count: 0) == [])
    }

    @Test func `a file of many blocks is read and written whole`() throws {
        var source = BatchSource(seed: 1)
        let bytes = source.bytes(count: 3 << 20)
        let file = try disk.open(path("a"), .new)
        try file.write(bytes, at: 12_345)
        #expect(try file.read(at: 12_345, count: bytes.count) == bytes)
    }

    @Test func `opening says what it found`() throws {
        #expect(throws: DiskError.notFound(path: path("a"))) {
            try disk.open(path("a"), .existing)
        }
        try disk.open(path("a"), .new).close()
        #expect(throws: DiskError.exists(path: path("a"))) { try disk.open(path("a"), .new) }
        let file = try disk.open(path("a"), .createIfMissing)
        try file.write([1], at: 0)
        file.close()
        #expect(try disk.contents(path("a")) == [1])
        try disk.open(path("b"), .createIfMissing).close()
        #expect(disk.exists(path("b")))
        #expect(!disk.exists(path("c")))
        #expect(throws: DiskError.self) { try disk.open(folder.path, .existing) }
    }

    @Test func `truncation cuts and extends`() throws {
        let file = try disk.open(path("a"), .new)
        try file.write([1, 2, 3], at: 0)
        try file.truncate(to: 1)
        #expect(try file.size() == 1)
        try file.truncate(to: 3)
        #expect(try file.read(at: 0, count: 3) == [1, 0, 0])
    }

    @Test(arguments: [1, 4_095, 1 << 20, (5 << 20) + 17])
    func `preallocation fills with zeros that take up space, and never shrinks`(
        size: Int
    ) throws {
        let file = try disk.open(path("a"), .new)
        try file.write([1, 2, 3], at: 0)
        try file.preallocate(size: size)
        #expect(try file.size() == max(3, size))
        var expected = Bytes(repeating: 0, count: max(3, size))
        expected.replaceSubrange(0..<3, with: [1, 2, 3])
        #expect(try file.read(at: 0, count: size + 10) == expected)
        try file.sync()
        var status = stat()
        #expect(stat(path("a"), &status) == 0)
        #expect(Int(status.st_blocks) * 512 >= size, "written, not only reserved in name")
        try file.preallocate(size: 2)
        #expect(try file.size() == max(3, size))
    }

    @Test func `a full disk is told as such`() throws {
        let full = try disk.open("/dev/full", .existing)
        #expect(throws: DiskError.noSpace(path: "/dev/full")) { try full.write([1], at: 0) }
    }

    @Test func `a file may be locked once, in this process too`() throws {
        let first = try disk.open(path("a"), .new)
        try first.lock()
        let second = try disk.open(path("a"), .existing)
        #expect(throws: DiskError.locked(path: path("a"))) { try second.lock() }
        first.close()
        try second.lock()
    }

    @Test func `a closed file fails and does not touch another one`() throws {
        let file = try disk.open(path("a"), .new)
        file.close()
        file.close()
        // Has the descriptor that was closed.
        let other = try disk.open(path("b"), .new)
        #expect(throws: DiskError.self) { try file.write([1], at: 0) }
        #expect(throws: DiskError.self) { try file.read(at: 0, count: 1) }
        #expect(throws: DiskError.self) { try file.sync() }
        #expect(throws: DiskError.self) { try file.size() }
        #expect(throws: DiskError.self) { try file.lock() }
        #expect(try other.size() == 0)
    }

    @Test func `a rename replaces what had the name`() throws {
        try disk.replaceContents(path("a"), [1])
        try disk.replaceContents(path("b"), [2])
        try disk.rename(path("a"), to: path("b"))
        #expect(try disk.contents(path("b")) == [1])
        #expect(!disk.exists(path("a")))
        #expect(throws: DiskError.notFound(path: path("a"))) {
            try disk.rename(path("a"), to: path("c"))
        }
    }

    @Test func `names are listed in order`() throws {
        for name in ["b", "a10", "B", "a1", "é", ".hidden"] {
            try disk.open(path(name), .new).close()
        }
        #expect(try disk.list(folder.path) == [".hidden", "B", "a1", "a10", "b", "é"])
        #expect(throws: DiskError.notFound(path: path("none"))) { try disk.list(path("none")) }
    }

    @Test func `folders are made with their parents, and again`() throws {
        try disk.createDirectory(path("a/b/c"))
        try disk.createDirectory(path("a/b/c"))
        try disk.createDirectory(path("a/b/"))
        #expect(try disk.list(path("a/b")) == ["c"])
        #expect(mode(path("a")) == 0o700)
        #expect(mode(path("a/b/c")) == 0o700)
        try disk.open(path("file"), .new).close()
        #expect(throws: DiskError.exists(path: path("file"))) {
            try disk.createDirectory(path("file"))
        }
        try disk.syncDirectory(path("a/b"))
        #expect(throws: DiskError.notFound(path: path("none"))) {
            try disk.syncDirectory(path("none"))
        }
    }

    @Test func `removing says what is missing`() throws {
        try disk.open(path("a"), .new).close()
        try disk.remove(path("a"))
        #expect(throws: DiskError.notFound(path: path("a"))) { try disk.remove(path("a")) }
        try disk.createDirectory(path("b"))
        #expect(throws: DiskError.self) { try disk.remove(path("b")) }
    }

    @Test func `removing a folder takes all in it and follows no link`() throws {
        try disk.createDirectory(path("outside"))
        try disk.replaceContents(path("outside/kept"), [1])
        try disk.createDirectory(path("a/b/c"))
        try disk.replaceContents(path("a/b/file"), [1])
        #expect(symlink(path("outside"), path("a/b/link")) == 0)
        #expect(symlink(path("outside/kept"), path("a/link")) == 0)
        #expect(symlink("nowhere", path("a/dangling")) == 0)
        try disk.removeDirectory(path("a"))
        #expect(try disk.list(folder.path) == ["outside"])
        #expect(try disk.contents(path("outside/kept")) == [1])
        try disk.removeDirectory(path("a"))
        #expect(symlink(path("outside"), path("link")) == 0)
        #expect(throws: DiskError.self) { try disk.removeDirectory(path("link")) }
        #expect(disk.exists(path("outside/kept")))
    }

    @Test(arguments: [0o000, 0o022, 0o777] as [mode_t])
    func `modes do not depend on the umask`(mask: mode_t) async {
        await #expect(processExitsWith: .success) { [path = folder.path as String, mask] in
            // The umask belongs to the whole process, hence one of its own.
            umask(mask)
            let disk = PosixDisk()
            try disk.createDirectory(path + "/new/folder")
            try disk.open(path + "/new/folder/a", .new).close()
            try disk.open(path + "/new/folder/b", .createIfMissing).close()
            let expected = ["new": 0o700, "new/folder": 0o700, "new/folder/a": 0o600]
            for (name, mode) in expected {
                var status = stat()
                guard lstat(path + "/" + name, &status) == 0, status.st_mode & 0o7777 == mode
                else { exit(1) }
            }
        }
    }
}
