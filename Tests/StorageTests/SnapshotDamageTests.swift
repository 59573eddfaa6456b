import Environment
import Primitives
import SimulatedEnvironment
import Storage
import Testing

/// Damaged, cut and forged images: refused with file and offset, and never read as something else.
@Suite struct SnapshotDamageTests {
    let folder = TemporaryFolder()
    let disk = PosixDisk()
    private var path: String { folder.path + "/image" }
    private let image: Bytes
    private let batches: [[BackendOperation]]

    /// An image of some 20 KiB in chunks of about 3 KiB.
    init() throws {
        let backend = try MemoryBackendProvider().open()
        var source = BatchSource(seed: 1)
        for number in 0..<100 as Range<UInt64> {
            var batch = BackendBatch()
            batch.put(.records, key: BatchSource.record(number), value: source.bytes(count: 170))
            batch.put(.leases, key: [UInt8(number)], value: source.bytes(count: 10))
            try backend.commit(batch)
        }
        try backend.refresh()
        let path = folder.path + "/image"
        try SnapshotFile.write(
            view: backend, header: Bytes("header".utf8), to: path, disk: disk, chunkBytes: 3_000)
        image = try disk.contents(path)
        var batches: [[BackendOperation]] = []
        try SnapshotFile.read(path: path, disk: disk) { batches.append($0.operations) }
        self.batches = batches
    }

    /// Expects a refusal that names the file and a place in it, and nothing but true chunks to be
    /// handed out before.
    private func expectRefusal(_ bytes: Bytes, _ comment: Comment) throws {
        try disk.replaceContents(path, bytes)
        try expectRefusal(size: bytes.count, comment)
    }

    private func expectRefusal(size: Int, _ comment: Comment) throws {
        var handedOut: [[BackendOperation]] = []
        do {
            try SnapshotFile.read(path: path, disk: disk) { handedOut.append($0.operations) }
            Issue.record("accepted: \(comment)")
        } catch let error as SnapshotError {
            switch error {
            case .damaged(path, 0...size, let reason): #expect(!reason.isEmpty)
            case .unknownVersion(path, 8, _): break
            default: Issue.record("refused with \(error): \(comment)")
            }
        }
        #expect(handedOut == Array(batches.prefix(handedOut.count)), comment)
    }

    @Test func `the undamaged image is accepted and has several chunks`() throws {
        let summary = try SnapshotFile.verify(path: path, disk: disk)
        #expect(summary.chunkCount == batches.count && batches.count >= 5)
        #expect(summary.count(.records) == 100 && summary.count(.leases) == 100)
    }

    @Test func `every truncation of the last 4 KiB is refused`() throws {
        let file = try disk.open(path, .existing)
        for missing in 1...4_096 {
            try file.truncate(to: image.count - missing)
            try expectRefusal(size: image.count - missing, "\(missing) bytes are missing")
        }
    }

    @Test func `truncations anywhere and bytes at the end are refused`() throws {
        for count in stride(from: 0, to: image.count, by: 97) {
            try expectRefusal(Bytes(image[..<count]), "\(count) bytes are left")
        }
        try expectRefusal(image + [0], "one byte too many")
        try expectRefusal(image + image, "twice")
        try expectRefusal([], "nothing")
    }

    @Test func `every zeroed sector is refused`() throws {
        for start in stride(from: 0, to: image.count, by: 512) {
            var bytes = image
            let end = min(start + 512, bytes.count)
            bytes.replaceSubrange(start..<end, with: repeatElement(0, count: end - start))
            try expectRefusal(bytes, "zeros at \(start)")
        }
    }

    @Test func `10,000 flipped bits are refused one by one`() throws {
        let file = try disk.open(path, .existing)
        var random = SplitMix64(seed: 2)
        for _ in 0..<10_000 {
            let bit = random.below(image.count * 8)
            try file.write([image[bit / 8] ^ 1 << UInt8(bit % 8)], at: bit / 8)
            try expectRefusal(size: image.count, "bit \(bit)")
            try file.write([image[bit / 8]], at: bit / 8)
        }
        _ = try SnapshotFile.verify(path: path, disk: disk)
    }

    /// Where each chunk begins, and where the trailer does.
    private var boundaries: [Int] {
        var boundaries = [16 + 6 + 32]
        for batch in batches {
            var size = 48
            for case .put(_, let key, let value) in batch { size += 7 + key.count + value.count }
            boundaries.append(boundaries[boundaries.count - 1] + size)
        }
        return boundaries
    }

    @Test func `chunks that are missing, doubled or swapped are refused`() throws {
        let starts = boundaries
        #expect(Bytes(image[starts[0]..<starts[0] + 4]) == Bytes("chnk".utf8))
        #expect(Bytes(image[starts[starts.count - 1]...].prefix(4)) == Bytes("trlr".utf8))
        for index in batches.indices {
            let chunk = starts[index]..<starts[index + 1]
            var without = image
            without.removeSubrange(chunk)
            try expectRefusal(without, "without chunk \(index)")
            var twice = image
            twice.insert(contentsOf: image[chunk], at: chunk.upperBound)
            try expectRefusal(twice, "chunk \(index) twice")
            guard index + 2 < starts.count else { continue }
            let next = starts[index + 1]..<starts[index + 2]
            let swapped =
                image[..<chunk.lowerBound] + image[next] + image[chunk] + image[next.upperBound...]
            try expectRefusal(Bytes(swapped), "chunks \(index) and \(index + 1) swapped")
        }
    }

    @Test func `lengths that the file does not have are refused before anything is reserved`()
        throws
    {
        let chunk = boundaries[0]
        for length in [UInt32.max, 1 << 31, 200 << 20, UInt32(image.count)] {
            var writer = ByteWriter()
            writer.write(length)
            for place in [12, chunk + 4] {
                var bytes = image
                bytes.replaceSubrange(place..<place + 4, with: writer.bytes)
                try expectRefusal(bytes, "length \(length) at \(place)")
            }
        }
    }

    @Test func `another version is refused as such`() throws {
        var bytes = image
        bytes[8] = 2
        try disk.replaceContents(path, bytes)
        #expect(throws: SnapshotError.unknownVersion(path: path, offset: 8, version: 2)) {
            try SnapshotFile.verify(path: path, disk: disk)
        }
        try disk.replaceContents(path, Bytes("an etcd snapshot, say".utf8))
        #expect(throws: SnapshotError.damaged(path: path, offset: 0, reason: "not an image file")) {
            try SnapshotFile.verify(path: path, disk: disk)
        }
        try disk.remove(path)
        #expect(throws: DiskError.notFound(path: path)) {
            try SnapshotFile.verify(path: path, disk: disk)
        }
    }

    @Test(arguments: [[[2], [1]], [[1], [1]]] as [[Bytes]])
    func `entries out of order or twice are refused though their hashes are right`(
        keys: [Bytes]
    ) throws {
        try SnapshotFile.write(view: ListView(keys), header: [], to: path, disk: disk)
        let refusal = #expect(throws: SnapshotError.self) {
            try SnapshotFile.verify(path: path, disk: disk)
        }
        guard case .damaged(path, let offset, _) = refusal else {
            Issue.record("refused with \(String(describing: refusal))")
            return
        }
        #expect(offset == 48 + 48 + 8, "the second entry")
    }

    @Test func `an error of the reader ends the reading`() throws {
        struct Enough: Error {}
        var chunks = 0
        #expect(throws: Enough.self) {
            try SnapshotFile.read(path: path, disk: disk) { _ in
                chunks += 1
                if chunks == 2 { throw Enough() }
            }
        }
        #expect(chunks == 2)
    }
}

/// A view that shows keys of `meta` in the order given, which no backend would.
private final class ListView: BackendView {
    private let keys: [Bytes]

    init(_ keys: [Bytes]) {
        self.keys = keys
    }

    func read<Result>(
        _ table: BackendTable, key: Bytes, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? { nil }

    func scan(
        _ table: BackendTable, from: Bytes, to: Bytes?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        guard table == .meta else { return }
        for key in keys {
            key.withUnsafeBytes { _ = body($0, UnsafeRawBufferPointer(start: nil, count: 0)) }
        }
    }

    func count(_ table: BackendTable) -> Int { table == .meta ? keys.count : 0 }
}
