internal import Primitives
internal import StoreModel

/// The fixed part of a record of history as the backend keeps it (docs/formats/backend.md).
struct RecordHeader {
    /// The hash of everything else and of the record's name.
    var hash: UInt32
    var isTombstone: Bool
    var create: Int64 = 0
    var version: Int64 = 0
    var lease: Int64 = 0
    /// Where the key lies; the value is what follows it.
    var key: Range<Int>

    private static let putBytes = 33
    private static let tombstoneBytes = 9

    /// Bytes of an encoded record.
    static func encodedCount(of keyValue: KeyValue) -> Int {
        keyValue.version == 0
            ? tombstoneBytes + keyValue.key.count
            : putBytes + keyValue.key.count + keyValue.value.count
    }

    /// Reads the fixed part; the rest has the promised length.
    init(decoding span: ByteSpan) throws(DecodingError) {
        let available = span.count
        guard available >= Self.tombstoneBytes else {
            throw .truncated(offset: available, missing: Self.tombstoneBytes - available)
        }
        hash = number(UInt32.self, in: span, at: 0)
        let keyCount = Int(number(UInt32.self, in: span, at: 5))
        switch number(UInt8.self, in: span, at: 4) {
        case 0:
            guard available >= Self.putBytes + keyCount else {
                throw .truncated(
                    offset: available, missing: Self.putBytes + keyCount - available)
            }
            isTombstone = false
            create = number(Int64.self, in: span, at: 9)
            version = number(Int64.self, in: span, at: 17)
            lease = number(Int64.self, in: span, at: 25)
            key = Self.putBytes..<Self.putBytes + keyCount
            guard create > 0, version > 0 else { throw .invalid(field: "version", offset: 9) }
        case 1:
            isTombstone = true
            key = Self.tombstoneBytes..<Self.tombstoneBytes + keyCount
            guard available == key.upperBound else {
                throw .invalid(field: "deletion", offset: 5)
            }
        default:
            throw .invalid(field: "record kind", offset: 4)
        }
        guard keyCount > 0 else { throw .invalid(field: "key", offset: 5) }
    }
}

extension KeyValue {
    /// Appends the version, or with version zero the deletion, as a record.
    func encode(hash: UInt32, into writer: inout ByteWriter) {
        writer.write(hash)
        writer.write(UInt8(version == 0 ? 1 : 0))
        writer.write(UInt32(key.count))
        if version != 0 {
            writer.write(createRevision.rawValue)
            writer.write(version)
            writer.write(lease.rawValue)
        }
        writer.bytes.append(contentsOf: key)
        if version != 0 { writer.bytes.append(contentsOf: value) }
    }

    /// Reads the record with this name.
    /// - Parameter known: the key, where the caller has it: then it is not copied.
    /// - Throws: `.invalid` also if the hash does not fit what is there, name included.
    init(
        decoding span: ByteSpan, id: RecordID, known: Bytes? = nil
    ) throws(DecodingError) {
        let header = try RecordHeader(decoding: span)
        let keySpan = span.extracting(header.key)
        let valueSpan = span.extracting(droppingFirst: header.key.upperBound)
        let hash = recordHash(
            id: id, create: header.create, version: header.version, lease: header.lease,
            key: keySpan, value: valueSpan)
        guard hash == header.hash else { throw .invalid(field: "record hash", offset: 0) }
        self.init(
            key: known ?? copy(keySpan), value: valueSpan.isEmpty ? [] : copy(valueSpan),
            createRevision: Revision(header.create), modRevision: id.main,
            version: header.version, lease: LeaseID(header.lease))
    }

    /// The hash of the version as the record with this place in its revision.
    func contentHash(sub: Int32) -> UInt32 {
        recordHash(
            id: RecordID(main: modRevision, sub: sub), create: createRevision.rawValue,
            version: version, lease: lease.rawValue, key: key.span,
            value: value.span)
    }
}

/// Hashes everything that a record says, its name included, so that a record in the wrong place
/// is noticed too.
func recordHash(
    id: RecordID, create: Int64, version: Int64, lease: Int64, key: ByteSpan, value: ByteSpan
) -> UInt32 {
    var hasher = ContentHasher(seed: UInt64(bitPattern: id.main.rawValue))
    hasher.combine(UInt64(UInt32(bitPattern: id.sub)))
    hasher.combine(UInt64(bitPattern: create))
    hasher.combine(UInt64(bitPattern: version))
    hasher.combine(UInt64(bitPattern: lease))
    hasher.combine(key)
    hasher.combine(value)
    return hasher.value
}

extension RecordID {
    /// Twelve bytes that sort as the names do.
    var encoded: Bytes {
        var writer = ByteWriter(capacity: 12)
        writer.writeBigEndian(main.rawValue)
        writer.writeBigEndian(sub)
        return writer.bytes
    }

    /// Reads what `encoded` wrote.
    init(decoding span: ByteSpan) throws(DecodingError) {
        guard span.count == 12 else {
            throw .invalid(field: "record identifier", offset: 0)
        }
        self.init(
            main: Revision(number(Int64.self, in: span, at: 0).byteSwapped),
            sub: number(Int32.self, in: span, at: 8).byteSwapped)
        guard main > .zero, sub >= 0 else {
            throw .invalid(field: "record identifier", offset: 0)
        }
    }
}
