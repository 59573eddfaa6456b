internal import Environment
internal import Primitives

/// Puts an image together, chunk by chunk.
///
/// SAFETY: copies from the buffers that a view hands out, during the visit.
struct SnapshotWriter {
    private let file: any DiskFile
    private let chunkBytes: Int
    private var offset = 0
    /// The chunk under way, with room for its head.
    private var chunk: Bytes = []
    private var chunkCount = 0
    private var entryCounts = [Int](repeating: 0, count: BackendTable.allCases.count)
    /// Over the hashes of header, chunks and trailer.
    private var whole = SHA256Hash()
    /// Over all bytes so far; nil where no sum follows the trailer.
    private var sum: SHA256Hash?
    /// Told the size of each chunk once it is durable.
    var onChunk: ((Int) -> Void)?

    init(_ file: any DiskFile, chunkBytes: Int, writesSum: Bool) {
        invariant(
            1...SnapshotFile.chunkBytesMax ~= chunkBytes, "chunks of \(chunkBytes) bytes")
        self.file = file
        self.chunkBytes = chunkBytes
        if writesSum { sum = SHA256Hash() }
        // One entry of a usual size more than a chunk needs.
        chunk.reserveCapacity(SnapshotLayout.chunkHeadBytes + chunkBytes + 1 << 16)
        startChunk()
    }

    /// Writes the file's head; must come first.
    mutating func writeHead(_ header: Bytes) throws(DiskError) {
        invariant(
            header.count <= SnapshotFile.headerBytesMax, "a header of \(header.count) bytes")
        var writer = ByteWriter(
            capacity: SnapshotLayout.fileHeadBytes + header.count + SnapshotLayout.hashBytes)
        writer.bytes += SnapshotLayout.magic
        writer.write(SnapshotFile.version)
        writer.writeCounted(header)
        var hash = SHA256Hash()
        hash.update(writer.bytes)
        let value = hash.finalized()
        whole.update(value)
        writer.bytes += value
        try write(writer.bytes)
    }

    /// Adds an entry; those of a table come together, in ascending key order.
    mutating func add(
        _ table: BackendTable, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) throws(DiskError) {
        let size = SnapshotLayout.entryHeadBytes + key.count + value.count
        invariant(
            1...SnapshotFile.keyBytesMax ~= key.count && size <= SnapshotFile.chunkBytesMax,
            "an entry of \(key.count) and \(value.count) bytes")
        let entries = chunk.count - SnapshotLayout.chunkHeadBytes
        if entries + size > SnapshotFile.chunkBytesMax { try finishChunk() }
        chunk.append(table.rawValue)
        append(UInt16(key.count))
        append(UInt32(value.count))
        unsafe chunk.append(contentsOf: key)
        unsafe chunk.append(contentsOf: value)
        entryCounts[Int(table.rawValue)] += 1
        if entries + size >= chunkBytes { try finishChunk() }
    }

    /// Writes what is left, the trailer and, where it is wanted, the sum.
    mutating func finish() throws(DiskError) {
        if chunk.count > SnapshotLayout.chunkHeadBytes { try finishChunk() }
        var writer = ByteWriter(capacity: SnapshotLayout.trailerBytes)
        writer.bytes += SnapshotLayout.trailerMagic
        writer.write(UInt32(entryCounts.count))
        writer.write(UInt64(chunkCount))
        for count in entryCounts { writer.write(UInt64(count)) }
        whole.update(writer.bytes)
        writer.bytes += whole.finalized()
        try write(writer.bytes)
        guard sum != nil else { return }
        let block = SnapshotLayout.blockBytes
        try write(Bytes(repeating: 0, count: (block - offset % block) % block))
        if let sum { try write(sum.finalized()) }
    }

    private mutating func finishChunk() throws(DiskError) {
        var head = ByteWriter(capacity: SnapshotLayout.chunkHeadBytes)
        head.bytes += SnapshotLayout.chunkMagic
        head.write(UInt32(chunk.count - SnapshotLayout.chunkHeadBytes))
        head.write(UInt64(chunkCount))
        var hash = SHA256Hash()
        hash.update(head.bytes)
        hash.update(chunk, in: SnapshotLayout.chunkHeadBytes..<chunk.count)
        let value = hash.finalized()
        whole.update(value)
        head.bytes += value
        chunk.replaceSubrange(0..<SnapshotLayout.chunkHeadBytes, with: head.bytes)
        try write(chunk)
        chunkCount += 1
        if let onChunk {
            try file.sync()
            onChunk(chunk.count)
        }
        startChunk()
    }

    private mutating func startChunk() {
        chunk.removeAll(keepingCapacity: true)
        chunk.append(contentsOf: repeatElement(0, count: SnapshotLayout.chunkHeadBytes))
    }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            chunk.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }

    private mutating func write(_ bytes: Bytes) throws(DiskError) {
        try file.write(bytes, at: offset)
        offset += bytes.count
        sum?.update(bytes)
    }
}
