internal import Environment
internal import Primitives

/// Takes an image apart, chunk by chunk, and verifies each before it lets anyone see it.
struct SnapshotReader {
    private let file: any DiskFile
    private let path: String
    private let sizeBytes: Int
    private var offset = 0
    private var chunkCount = 0
    private var entryCounts = [Int](repeating: 0, count: BackendTable.allCases.count)
    private var whole = SHA256Hash()
    /// The last entry's table and key, so that the next one must come behind it.
    private var last: (table: UInt8, key: Bytes)?
    /// Over all bytes so far; nil where no sum follows the trailer.
    private var sum: SHA256Hash?

    init(path: String, file: any DiskFile, ending: SnapshotEnding) throws {
        self.path = path
        self.file = file
        sizeBytes = try file.size()
        switch ending {
        case .trailer: break
        case .sum: sum = SHA256Hash()
        case .any: if hasSizeOfBackup { sum = SHA256Hash() }
        }
    }

    /// Verifies everything and hands out each chunk's entries, with the place in the file at which
    /// they begin, if someone wants them.
    mutating func readAll(
        _ body: ((BackendBatch, _ offset: Int) throws -> Void)?
    ) throws -> SnapshotSummary {
        let header = try readHead()
        while try !isAtTrailer() {
            let start = offset + SnapshotLayout.chunkHeadBytes
            let batch = try decode(try readChunk(), at: start)
            try body?(batch, start)
        }
        let hash = try readTrailer()
        if sum != nil { try readSum() }
        guard offset == sizeBytes else { throw damaged(offset, "bytes behind the trailer") }
        return SnapshotSummary(
            header: header, entryCounts: entryCounts, chunkCount: chunkCount,
            sizeBytes: sizeBytes, sha256: hash)
    }

    /// Filled up to whole blocks, with a sum behind them.
    private var hasSizeOfBackup: Bool {
        sizeBytes % SnapshotLayout.blockBytes == SnapshotLayout.hashBytes
    }

    /// Whether the file begins as those of bbolt do, in which etcd keeps its data.
    private func isBolt(_ head: Bytes) -> Bool {
        // A page's head of 16 bytes, then the magic number.
        // What cannot be read is for others to tell.
        guard let magic = try? file.read(at: head.count, count: 4) else { return false }
        return magic == [0xED, 0xDA, 0x0C, 0xED]
    }

    private func isAtTrailer() throws -> Bool {
        let count = SnapshotLayout.trailerMagic.count
        return try file.read(at: offset, count: count) == SnapshotLayout.trailerMagic
    }

    private mutating func readHead() throws -> Bytes {
        let fixed = try read(SnapshotLayout.fileHeadBytes)
        var reader = ByteReader(fixed)
        guard try reader.read(count: 8) == SnapshotLayout.magic else {
            throw damaged(
                0, isBolt(fixed) ? "a snapshot of etcd, not of keelson" : "not an image file")
        }
        let version = try reader.read(UInt32.self)
        guard version == SnapshotFile.version else {
            throw SnapshotError.unknownVersion(path: path, offset: 8, version: version)
        }
        let count = Int(try reader.read(UInt32.self))
        guard count <= SnapshotFile.headerBytesMax else {
            throw damaged(12, "a header of \(count) bytes")
        }
        let header = try read(count)
        var hash = SHA256Hash()
        hash.update(fixed)
        hash.update(header)
        let value = hash.finalized()
        whole.update(value)
        try expect(value, "the header")
        return header
    }

    private mutating func readChunk() throws -> Bytes {
        let start = offset
        let head = try read(SnapshotLayout.hashedChunkHeadBytes)
        var reader = ByteReader(head)
        guard try reader.read(count: 4) == SnapshotLayout.chunkMagic else {
            throw damaged(start, "no chunk begins here")
        }
        let count = Int(try reader.read(UInt32.self))
        guard 1...SnapshotFile.chunkBytesMax ~= count else {
            throw damaged(start + 4, "a chunk of \(count) bytes")
        }
        let number = try reader.read(UInt64.self)
        guard number == UInt64(chunkCount) else {
            throw damaged(start + 8, "chunk \(number) in the place of \(chunkCount)")
        }
        let said = try read(SnapshotLayout.hashBytes)
        let entries = try read(count)
        var hash = SHA256Hash()
        hash.update(head)
        hash.update(entries)
        let value = hash.finalized()
        guard value == said else { throw damaged(start, "chunk \(chunkCount) fails its hash") }
        whole.update(value)
        chunkCount += 1
        return entries
    }

    /// The entries of a verified chunk. What is wrong in them was wrong when it was written, by a
    /// bug or on purpose; it is refused all the same.
    private mutating func decode(_ bytes: Bytes, at start: Int) throws -> BackendBatch {
        var batch = BackendBatch()
        var reader = ByteReader(bytes)
        while reader.remaining > 0 {
            let place = start + reader.offset
            do throws(DecodingError) {
                let number = try reader.read(UInt8.self)
                guard let table = BackendTable(rawValue: number) else {
                    throw .invalid(field: "table", offset: 0)
                }
                let keyCount = Int(try reader.read(UInt16.self))
                let valueCount = Int(try reader.read(UInt32.self))
                guard 1...SnapshotFile.keyBytesMax ~= keyCount else {
                    throw .invalid(field: "key length", offset: 1)
                }
                let key = try reader.read(count: keyCount)
                let value = try reader.read(count: valueCount)
                guard isBehindLast(number, key) else { throw .invalid(field: "order", offset: 0) }
                last = (number, key)
                entryCounts[Int(number)] += 1
                batch.put(table, key: key, value: value)
            } catch {
                throw damaged(place, "an entry: \(error)")
            }
        }
        return batch
    }

    private func isBehindLast(_ table: UInt8, _ key: Bytes) -> Bool {
        guard let last else { return true }
        if last.table != table { return last.table < table }
        return last.key.lexicographicallyPrecedes(key)
    }

    private mutating func readTrailer() throws -> Bytes {
        let start = offset
        let fixed = try read(SnapshotLayout.hashedTrailerBytes)
        var reader = ByteReader(fixed)
        _ = try reader.read(count: SnapshotLayout.trailerMagic.count)
        guard try reader.read(UInt32.self) == entryCounts.count else {
            throw damaged(start + 4, "the count of tables")
        }
        guard try reader.read(UInt64.self) == chunkCount else {
            throw damaged(start + 8, "the count of chunks")
        }
        for count in entryCounts {
            let place = start + reader.offset
            guard try reader.read(UInt64.self) == count else {
                throw damaged(place, "the count of entries")
            }
        }
        whole.update(fixed)
        let hash = whole.finalized()
        try expect(hash, "the whole image")
        return hash
    }

    /// Zeros up to a whole block, and the SHA-256 of all bytes before it.
    private mutating func readSum() throws {
        guard hasSizeOfBackup else {
            throw damaged(
                sizeBytes, "no sum at the end: \(sizeBytes) bytes are no whole blocks and 32")
        }
        let start = offset
        let padding = try read(
            (SnapshotLayout.blockBytes - offset % SnapshotLayout.blockBytes)
                % SnapshotLayout.blockBytes)
        if let place = padding.firstIndex(where: { $0 != 0 }) {
            throw damaged(start + place, "no zero behind the trailer")
        }
        guard let hash = sum?.finalized() else { return }
        try expect(hash, "the whole file")
    }

    /// Compares the next bytes of the file with a hash.
    private mutating func expect(_ hash: Bytes, _ what: String) throws {
        let start = offset
        guard try read(SnapshotLayout.hashBytes) == hash else {
            throw damaged(start, "\(what) fails its hash")
        }
    }

    /// The next `count` bytes; nothing is allocated for more than the file has.
    private mutating func read(_ count: Int) throws -> Bytes {
        guard count <= sizeBytes - offset else {
            throw damaged(sizeBytes, "the file ends \(count - (sizeBytes - offset)) bytes early")
        }
        let bytes = try file.read(at: offset, count: count)
        guard bytes.count == count else {
            throw damaged(offset + bytes.count, "the file became shorter while it was read")
        }
        offset += count
        sum?.update(bytes)
        return bytes
    }

    private func damaged(_ offset: Int, _ reason: String) -> SnapshotError {
        .damaged(path: path, offset: offset, reason: reason)
    }
}
