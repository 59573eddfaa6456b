import Environment
import Glibc
import Primitives
import SimulatedEnvironment
import Storage
import Testing

/// Backups: images with a sum at their end.
@Suite struct `The ending of a backup` {
    let folder = TemporaryFolder()
    let disk = PosixDisk()
    private var path: String { folder.path + "/backup" }
    private let backup: Bytes
    private let content: Content

    /// A backup of some 20 KiB in chunks of about 3 KiB.
    init() throws {
        let backend = try MemoryBackendProvider().open()
        var source = BatchSource(seed: 5)
        var content = Content()
        for number in 0..<100 as Range<UInt64> {
            var batch = BackendBatch()
            batch.put(.records, key: BatchSource.record(number), value: source.bytes(count: 170))
            batch.put(.leases, key: [UInt8(number)], value: source.bytes(count: 10))
            try backend.commit(batch)
            content.apply(batch)
        }
        try backend.refresh()
        let path = folder.path + "/backup"
        try SnapshotFile.write(
            view: backend, header: Bytes("header".utf8), to: path, disk: disk, withSum: true,
            chunkBytes: 3_000)
        backup = try disk.contents(path)
        self.content = content
    }

    /// The message of the refusal, without the path.
    private func refusal(
        of bytes: Bytes, _ ending: SnapshotEnding = .sum, _ comment: Comment? = nil
    ) throws -> String {
        try disk.replaceContents(path, bytes)
        do {
            _ = try SnapshotFile.verify(path: path, disk: disk, ending: ending)
            Issue.record("accepted: \(comment ?? "")")
            return ""
        } catch let error as SnapshotError {
            return "\(error)".replacing(path, with: "FILE")
        }
    }

    @Test func `a backup is 32 bytes more than whole blocks, and is read as an image is`() throws {
        #expect(backup.count % 512 == 32)
        for ending in [SnapshotEnding.sum, .any] {
            let summary = try SnapshotFile.verify(path: path, disk: disk, ending: ending)
            #expect(summary.count(.records) == 100 && summary.chunkCount > 5)
        }
        var found = Content()
        try SnapshotFile.read(path: path, disk: disk, ending: .sum) { found.apply($0) }
        #expect(found == content)
    }

    @Test func `an image is no backup and a backup no image, unless either will do`() throws {
        #expect(try refusal(of: backup, .trailer).contains("bytes behind the trailer"))
        let end = try #require(backup.lastRange(of: Bytes("trlr".utf8))).lowerBound + 80
        let image = Bytes(backup[..<end])
        #expect(try refusal(of: image).contains("no sum at the end"))
        try disk.replaceContents(path, image)
        _ = try SnapshotFile.verify(path: path, disk: disk, ending: .any)
        _ = try SnapshotFile.verify(path: path, disk: disk)
    }

    @Test func `10,000 flipped bits are refused one by one`() throws {
        let file = try disk.open(path, .existing)
        var random = SplitMix64(seed: 6)
        for _ in 0..<10_000 {
            let bit = random.below(backup.count * 8)
            try file.write([backup[bit / 8] ^ 1 << UInt8(bit % 8)], at: bit / 8)
            #expect(throws: SnapshotError.self, "bit \(bit)") {
                try SnapshotFile.verify(path: path, disk: disk, ending: .sum)
            }
            try file.write([backup[bit / 8]], at: bit / 8)
        }
        _ = try SnapshotFile.verify(path: path, disk: disk, ending: .sum)
    }

    @Test func `every bit of the ending counts`() throws {
        let file = try disk.open(path, .existing)
        for bit in (backup.count - 700) * 8..<backup.count * 8 {
            try file.write([backup[bit / 8] ^ 1 << UInt8(bit % 8)], at: bit / 8)
            #expect(throws: SnapshotError.self, "bit \(bit)") {
                try SnapshotFile.verify(path: path, disk: disk, ending: .any)
            }
            try file.write([backup[bit / 8]], at: bit / 8)
        }
    }

    @Test func `every truncation of the last 2 KiB is refused, whatever ending may be`() throws {
        let trailer = try #require(backup.lastRange(of: Bytes("trlr".utf8))).lowerBound
        for missing in 1...2_048 {
            let bytes = Bytes(backup.dropLast(missing))
            for ending in [SnapshotEnding.sum, .any] {
                // Without the padding and the sum an image is left, which is whole.
                if case .any = ending, bytes.count == trailer + 80 { continue }
                _ = try refusal(of: bytes, ending, "\(missing) bytes are missing")
            }
        }
    }

    @Test func `a cut at the end of each chunk is refused`() throws {
        var places: [Int] = []
        for start in backup.indices.dropLast(4)
        where backup[start..<start + 4].elementsEqual("chnk".utf8) { places.append(start) }
        #expect(places.count > 5)
        for place in places {
            #expect(!(try refusal(of: Bytes(backup[..<place]))).isEmpty)
        }
    }

    @Test func `damage is told with the chunk and its offset`() throws {
        var bytes = backup
        let places = bytes.indices.dropLast(4).filter {
            backup[$0..<$0 + 4].elementsEqual("chnk".utf8)
        }
        bytes[places[3] + 100] ^= 1
        #expect(
            try refusal(of: bytes)
                == "FILE is damaged at offset \(places[3]): chunk 3 fails its hash")
        bytes = backup
        bytes[bytes.count - 1] ^= 1
        #expect(
            try refusal(of: bytes)
                == "FILE is damaged at offset \(bytes.count - 32): the whole file fails its hash")
        bytes = backup
        bytes[bytes.count - 33] ^= 1
        #expect(try refusal(of: bytes).hasSuffix("no zero behind the trailer"))
    }

    @Test func `files of others are told apart`() throws {
        #expect(try refusal(of: []) == "FILE: the file ends 16 bytes early")
        #expect(try refusal(of: Bytes(repeating: 65, count: 544)) == "FILE: not an image file")
        // As etcd's database begins: a page's head, then bbolt's magic number.
        let bolt = Bytes(repeating: 0, count: 16) + [0xED, 0xDA, 0x0C, 0xED]
        let foreign = bolt + Bytes(repeating: 0, count: 544 - bolt.count)
        #expect(try refusal(of: foreign) == "FILE: a snapshot of etcd, not of keelson")
        var later = backup
        later[8] = 9
        #expect(try refusal(of: later).contains("version 9, made by a later version of keelson"))
    }

    @Test func `a backup can be read as a backend`() throws {
        let backend = try SnapshotBackend(path: path, disk: disk, ending: .sum) { error in
            fatalError("\(error)")
        }
        try disk.remove(path)
        #expect(Content(of: backend) == content)
        for table in BackendTable.allCases {
            #expect(backend.count(table) == content[table].count)
            for (key, value) in content[table] { #expect(backend.value(table, key) == value) }
        }
        #expect(backend.value(.records, [1, 2, 3]) == nil)
        let (from, to) = (BatchSource.record(20), BatchSource.record(30))
        #expect(backend.range(.records, from: from, to: to).count == 10)
        #expect(throws: BackendError.self) { try backend.commit(BackendBatch()) }
        #expect(throws: BackendError.self) { try backend.defragment() }
    }

    @Test func `what is no file is refused and does not block`() throws {
        let link = folder.path + "/pipe"
        #expect(mkfifo(link, 0o600) == 0)
        #expect(throws: SnapshotError.self) {
            try SnapshotFile.verify(path: link, disk: disk, ending: .sum)
        }
        #expect(throws: DiskError.self) {
            try SnapshotFile.verify(path: folder.path, disk: disk, ending: .sum)
        }
        #expect(PosixDisk.writtenSeconds(of: link) == nil)
        #expect(PosixDisk.writtenSeconds(of: folder.path) == nil)
        #expect(PosixDisk.writtenSeconds(of: path) != nil)
    }
}

extension Bytes {
    /// The last place of some bytes.
    fileprivate func lastRange(of bytes: Bytes) -> Range<Int>? {
        indices.dropLast(bytes.count - 1).last { self[$0..<$0 + bytes.count].elementsEqual(bytes) }
            .map { $0..<$0 + bytes.count }
    }
}
