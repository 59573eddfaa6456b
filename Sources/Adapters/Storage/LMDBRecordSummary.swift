internal import Environment
internal import Primitives

/// What all entries of the backend amount to, kept up to date with every commit in the same
/// transaction. The check at opening computes it anew: an entry that is lost, stale or invented
/// shows, though every single entry has a valid checksum.
///
/// Layout of its record: docs/formats/lmdb.md.
struct LMDBRecordSummary: Equatable {
    /// The number of LMDB's transaction that wrote the record.
    var transaction: UInt64 = 0
    /// For each table the sum of its entries' hashes, so that their order does not matter.
    var sums = [UInt64](repeating: 0, count: BackendTable.allCases.count)

    /// The record's only key.
    static let key = Bytes("summary".utf8)
    /// How the record begins.
    static let magic = Bytes("keelson backend\n".utf8)
    /// The version of the tables' layout that this code reads and writes.
    static let version: UInt32 = 1
    /// Bytes of the record.
    static let sizeBytes = 16 + 4 + 4 + 8 + 8 * BackendTable.allCases.count + 4

    /// Adds an entry; `sizeBytes` is that of key and value, without the checksum.
    mutating func add(_ table: BackendTable, checksum: UInt32, sizeBytes: Int) {
        sums[Int(table.rawValue)] &+= Self.hash(checksum, sizeBytes)
    }

    /// Takes an entry out.
    mutating func remove(_ table: BackendTable, checksum: UInt32, sizeBytes: Int) {
        sums[Int(table.rawValue)] &-= Self.hash(checksum, sizeBytes)
    }

    private static func hash(_ checksum: UInt32, _ sizeBytes: Int) -> UInt64 {
        mix64(UInt64(checksum) | UInt64(truncatingIfNeeded: sizeBytes) << 32)
    }

    /// The record.
    func encoded() -> Bytes {
        var writer = ByteWriter(capacity: Self.sizeBytes)
        writer.bytes += Self.magic
        writer.write(Self.version)
        writer.write(UInt32(sums.count))
        writer.write(transaction)
        for sum in sums { writer.write(sum) }
        writer.write(CRC32C.checksum(of: writer.bytes))
        return writer.bytes
    }

    /// Reads a record.
    /// - Throws: `.invalid` naming what is not as it must be.
    init(decoding bytes: Bytes) throws(DecodingError) {
        var reader = ByteReader(bytes)
        guard try reader.read(count: Self.magic.count) == Self.magic else {
            throw .invalid(field: "magic", offset: 0)
        }
        // The version comes before the checksum: a later one may compute it differently.
        guard try reader.read(UInt32.self) == Self.version else {
            throw .invalid(field: "version", offset: Self.magic.count)
        }
        let sumsStart = reader.offset
        guard try reader.read(UInt32.self) == sums.count else {
            throw .invalid(field: "table count", offset: sumsStart)
        }
        transaction = try reader.read()
        for table in sums.indices { sums[table] = try reader.read() }
        let end = reader.offset
        guard try reader.read(UInt32.self) == CRC32C.checksum(of: bytes, in: 0..<end) else {
            throw .invalid(field: "checksum", offset: end)
        }
        try reader.finish()
    }

    /// Of an empty backend.
    init() {}
}

/// The checksum that stands behind each value: it covers the table, the key and the value, so
/// that a value found in the wrong place is no better than a damaged one.
///
/// SAFETY: reads inside the bounds of the buffers that it is given.
enum EntryChecksum {
    /// Bytes that it adds to a value.
    static let sizeBytes = 4

    /// The checksum of an entry.
    @inline(__always)
    static func of(
        _ table: BackendTable, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) -> UInt32 {
        var checksum = CRC32C(continuing: ofTable[Int(table.rawValue)])
        unsafe checksum.update(key)
        unsafe checksum.update(value)
        return checksum.value
    }

    /// The checksum of each table's number as one byte.
    private static let ofTable = BackendTable.allCases.map { CRC32C.checksum(of: [$0.rawValue]) }
}
