import Environment
import Glibc
import Primitives
import Storage
import Testing

/// Damaged data files: refused, or harmless, and never read as something else.
@Suite struct LMDBDamageTests {
    /// A backend's file after each of its commits, and what was in it in the end.
    struct Original {
        var versions: [(file: Bytes, content: Content)] = []
        var content = Content()
        var file: Bytes { versions[versions.count - 1].file }

        /// A small backend with everything that LMDB has: trees of two levels, values of many
        /// pages, and a list of free pages.
        init(seed: UInt64) throws {
            let folder = TemporaryFolder()
            let disk = PosixDisk()
            let backend = try LMDBBackendProvider(directory: folder.path, disk: disk).open()
            var source = BatchSource(seed: seed)
            for _ in 0..<8 {
                let batch = source.batch(operations: 25)
                try backend.commit(batch)
                try backend.refresh()
                content.apply(batch)
                let file = try disk.contents(folder.path + "/data-1/data.mdb")
                versions.append((file, content))
            }
            backend.close()
        }
    }

    /// What became of a damaged file.
    enum Outcome: Equatable {
        case refused
        /// Opened, and everything is there.
        case unharmed
        /// The worst.
        case wrong
    }

    let folder = TemporaryFolder()
    let disk = PosixDisk()
    private var path: String { folder.path + "/data-1/data.mdb" }

    init() throws {
        try disk.createDirectory(folder.path + "/data-1")
    }

    /// Opens a file and, where that succeeds, changes and reopens it: damage that the check
    /// overlooks may show only when LMDB writes.
    private func outcome(_ file: Bytes, _ original: Original) throws -> Outcome {
        try disk.replaceContents(path, file)
        let provider = LMDBBackendProvider(directory: folder.path, disk: disk)
        let backend: any Backend
        do {
            backend = try provider.open()
        } catch {
            guard case .corrupted(path, _, let reason) = error, !reason.isEmpty else {
                Issue.record("refused with \(error)")
                return .wrong
            }
            return .refused
        }
        guard Content(of: backend) == original.content else { return .wrong }
        var expected = original.content
        var source = BatchSource(seed: 99)
        for _ in 0..<3 {
            let batch = source.batch(operations: 30)
            try backend.commit(batch)
            try backend.refresh()
            expected.apply(batch)
        }
        backend.close()
        let again = try provider.open()
        defer { again.close() }
        return Content(of: again) == expected ? .unharmed : .wrong
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `no flipped bit is read as data`(seed: UInt64) throws {
        let original = try Original(seed: seed)
        var random = SplitMix64(seed: seed)
        var counts: [Outcome: Int] = [:]
        for _ in 0..<500 {
            var file = original.file
            let bit = random.below(file.count * 8)
            file[bit / 8] ^= 1 << UInt8(bit % 8)
            let outcome = try outcome(file, original)
            #expect(outcome != .wrong, "bit \(bit)")
            counts[outcome, default: 0] += 1
        }
        // Free pages and gaps may change; most bits may not.
        #expect(counts[.refused, default: 0] > 100, "\(counts)")
    }

    @Test func `no flipped bit of the meta pages is overlooked but for what nobody reads`()
        throws
    {
        let original = try Original(seed: 3)
        // The pages take turns, and LMDB counts from 1: eight commits after the first one, the
        // second page is in force. The first is compared only so far that it cannot pass for it.
        let inForce = 4_096
        // The unused parts of the head, the map's address and size, and the page size that the
        // table of tables need not have.
        let ignored = [8..<10, 12..<16, 24..<40, 88..<92]
        for start in [0, inForce] {
            for offset in 0..<152 {
                let mayPass = start != inForce || ignored.contains { $0 ~= offset }
                let step = start == inForce ? 1 : 5
                for bit in stride(from: 0, to: 8, by: step) {
                    var file = original.file
                    file[start + offset] ^= 1 << UInt8(bit)
                    let outcome = try outcome(file, original)
                    #expect(
                        outcome == .refused || (mayPass && outcome == .unharmed),
                        "\(outcome) after bit \(bit) of \(offset) in the page at \(start)")
                }
            }
        }
    }

    @Test func `no zeroed sector or page is read as data`() throws {
        let original = try Original(seed: 4)
        var refused = 0
        for size in [512, 4_096] {
            for start in stride(from: 0, to: original.file.count, by: size) {
                var file = original.file
                file.replaceSubrange(start..<start + size, with: repeatElement(0, count: size))
                let outcome = try outcome(file, original)
                #expect(outcome != .wrong, "\(size) bytes at \(start)")
                refused += outcome == .refused ? 1 : 0
            }
        }
        #expect(refused > 50)
    }

    @Test func `no page that was not written, or written elsewhere, is read as data`() throws {
        let original = try Original(seed: 5)
        var refused = 0
        let pages = original.file.count / 4_096
        for page in 0..<pages {
            let range = page * 4_096..<(page + 1) * 4_096
            // A lost write leaves what earlier commits have written there. One place cannot tell:
            // without the meta page of the last commit, the file is as it was before that.
            let isInForce = page == 1
            for (version, _) in original.versions.dropLast(isInForce ? 3 : 1)
            where version.count >= range.upperBound && version[range] != original.file[range] {
                var file = original.file
                file.replaceSubrange(range, with: version[range])
                let outcome = try outcome(file, original)
                #expect(outcome != .wrong, "page \(page) of an earlier commit")
                refused += outcome == .refused ? 1 : 0
            }
            // A misdirected one hits another page.
            var file = original.file
            let other = (page + 7) % pages
            file.replaceSubrange(range, with: original.file[other * 4_096..<(other + 1) * 4_096])
            let outcome = try outcome(file, original)
            #expect(outcome != .wrong, "page \(other) in the place of \(page)")
            refused += outcome == .refused ? 1 : 0
        }
        #expect(refused > pages)
    }

    @Test func `without its last step, a commit has not taken place at all`() throws {
        let original = try Original(seed: 8)
        let meta = 4_096..<8_192
        var file = original.file
        let before = original.versions[original.versions.count - 2]
        file.replaceSubrange(meta, with: before.file[meta])
        try disk.replaceContents(path, file)
        let backend = try LMDBBackendProvider(directory: folder.path, disk: disk).open()
        defer { backend.close() }
        #expect(Content(of: backend) == before.content)
        #expect(before.content != original.content)
    }

    @Test func `a file that ends too early is refused`() throws {
        let original = try Original(seed: 6)
        var refused = 0
        for count in stride(from: 0, to: original.file.count, by: 512) {
            let outcome = try outcome(Bytes(original.file[..<count]), original)
            #expect(outcome != .wrong, "\(count) bytes")
            refused += outcome == .refused ? 1 : 0
        }
        #expect(refused > original.file.count / 512 / 2)
        #expect(try outcome([], original) == .refused)
        #expect(try outcome(original.file, original) == .unharmed)
    }

    @Test func `a missing file is refused, not replaced by an empty one`() throws {
        let provider = LMDBBackendProvider(directory: folder.path, disk: disk)
        let refusal = #expect(throws: BackendError.self) { try provider.open() }
        #expect(
            refusal == .corrupted(path: path, offset: nil, reason: "the file is missing"))
        #expect(try disk.list(folder.path + "/data-1") == [])
    }

    @Test func `damage names the place, and the older folder is kept`() throws {
        let original = try Original(seed: 7)
        try disk.createDirectory(folder.path + "/data-2")
        try disk.createDirectory(folder.path + "/next.part")
        var file = original.file
        for index in 8_192 * 2..<file.count { file[index] ^= 0x10 }
        try disk.replaceContents(folder.path + "/data-2/data.mdb", file)
        let provider = LMDBBackendProvider(directory: folder.path, disk: disk)
        let refusal = #expect(throws: BackendError.self) { try provider.open() }
        guard case .corrupted(let path, let offset, _) = refusal else {
            Issue.record("refused with \(String(describing: refusal))")
            return
        }
        #expect(path == folder.path + "/data-2/data.mdb")
        #expect(offset.map { (0..<file.count).contains($0) } == true)
        #expect(
            try disk.list(folder.path) == ["backend.lock", "data-1", "data-2", "next.part"])
    }

    @Test(arguments: [false, true])
    func `a value that goes bad while the backend is open ends the process`(
        isScanned: Bool
    ) async throws {
        await #expect(processExitsWith: .exitCode(9)) {
            [path = folder.path as String, isScanned = isScanned as Bool] in
            let disk = PosixDisk()
            let directory = path + "/live"
            let provider = LMDBBackendProvider(directory: directory, disk: disk) { error in
                let file = directory + "/data-1/data.mdb"
                guard case .corrupted(file, let offset?, let reason) = error, offset > 8_192,
                    reason.contains("meta/2a")
                else { _exit(1) }
                _exit(9)
            }
            let backend = try provider.open()
            var batch = BackendBatch()
            batch.put(.meta, key: [0x2A], value: Bytes(repeating: 0x55, count: 100))
            try backend.commit(batch)
            try backend.refresh()
            let data = directory + "/data-1/data.mdb"
            var bytes = try disk.contents(data)
            let value = Bytes(repeating: 0x55, count: 100)
            guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: value) })
            else { _exit(2) }
            bytes[place + 50] ^= 1
            let file = try disk.open(data, .existing)
            try file.write([bytes[place + 50]], at: place + 50)
            if isScanned {
                backend.scan(.meta, from: [], to: nil) { _, _ in true }
            } else {
                _ = backend.value(.meta, [0x2A])
            }
            _exit(3)
        }
    }
}
