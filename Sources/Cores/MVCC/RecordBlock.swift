internal import Primitives
internal import StoreModel

/// Consecutive records as one entry of the backend (docs/formats/backend.md).
///
/// One entry for each record would cost a search through LMDB's tree for each read: with a
/// million records of 300 bytes 1.0 µs, and 0.5 µs for a place in a block of 64 KiB. A commit, a
/// restart and an image have a hundredth of the entries too.
enum RecordBlock {
    /// A block is closed before it grows beyond, unless a single record does.
    static let bytesMax = 131_072
    /// A block smaller than this is written again, with more records, by the next batch, so that
    /// many small batches don't leave many small blocks.
    static let openBytesMax = 8_192

    private static let headerBytes = 8
    private static let placeBytes = 12

    /// A record's name and where its bytes are in the block.
    struct Place {
        var id: RecordID
        var bytes: Range<Int>
    }

    /// A record that goes into a block: its place in the tail, and the bytes that it will take.
    struct Part {
        var id: RecordID
        var position: Int
        var byteCount: Int
    }

    /// Writes a block of some of the records, whose entry has the name `base`.
    static func encode(
        base: RecordID, _ parts: ContiguousArray<Part>, of records: ContiguousArray<TailRecord>
    ) -> Bytes {
        var start = headerBytes + parts.count * placeBytes
        var writer = ByteWriter(capacity: parts.reduce(start) { $0 + $1.byteCount })
        writeHeader(count: parts.count, into: &writer)
        for part in parts {
            write(part.id, base: base, start: start, into: &writer)
            start += part.byteCount
        }
        for part in parts {
            records[part.position].keyValue.encode(
                hash: records[part.position].hash, into: &writer)
        }
        return writer.bytes
    }

    /// The block without some of its records; nil if none is left.
    static func removing(
        _ removed: ContiguousArray<RecordID>, from span: ByteSpan, base: RecordID
    ) throws(DecodingError) -> (bytes: Bytes, count: Int)? {
        let gone = removed.sorted()
        let kept = try places(in: span, base: base).filter { place in
            gone.partitionPoint { $0 < place.id } == gone.partitionPoint { $0 <= place.id }
        }
        guard !kept.isEmpty else { return nil }
        var start = headerBytes + kept.count * placeBytes
        var writer = ByteWriter(capacity: start + kept.reduce(0) { $0 + $1.bytes.count })
        writeHeader(count: kept.count, into: &writer)
        for place in kept {
            write(place.id, base: base, start: start, into: &writer)
            start += place.bytes.count
        }
        for place in kept {
            writer.bytes.append(contentsOf: copy(span.extracting(place.bytes)))
        }
        return (writer.bytes, kept.count)
    }

    private static func writeHeader(count: Int, into writer: inout ByteWriter) {
        writer.write(UInt32(1))
        writer.write(UInt32(count))
    }

    private static func write(
        _ id: RecordID, base: RecordID, start: Int, into writer: inout ByteWriter
    ) {
        writer.write(UInt32(id.main.rawValue - base.main.rawValue))
        writer.write(UInt32(id.sub))
        writer.write(UInt32(start))
    }

    /// Whether a record may be in a block of this name.
    static func admits(_ id: RecordID, base: RecordID) -> Bool {
        id.main.rawValue - base.main.rawValue <= Int64(UInt32.max)
    }

    /// Where a record's bytes should be: right where each revision is one record, which is the
    /// rule. Reads nothing but that place. Nil if another record is named there; where the block
    /// is so short that something else is, the record's hash will tell.
    static func guess(_ id: RecordID, in span: ByteSpan, base: RecordID) -> Range<Int>? {
        let delta = id.main.rawValue - base.main.rawValue
        guard delta >= 0, delta < Int64(span.count / placeBytes) else { return nil }
        let offset = headerBytes + Int(delta) * placeBytes
        guard offset + 2 * placeBytes <= span.count,
            name(at: offset, in: span) == UInt64(delta) << 32 | UInt64(id.sub)
        else { return nil }
        return bytes(at: offset, isLast: false, in: span)
    }

    /// Where a record's bytes are; nil if the block does not have it or is damaged.
    static func find(_ id: RecordID, in span: ByteSpan, base: RecordID) -> Range<Int>? {
        guard span.count >= headerBytes else { return nil }
        let count = Int(number(UInt32.self, in: span, at: 4))
        guard count > 0, count <= (span.count - headerBytes) / placeBytes else { return nil }
        let delta = id.main.rawValue - base.main.rawValue
        guard delta >= 0, delta <= Int64(UInt32.max) else { return nil }
        let wanted = UInt64(delta) << 32 | UInt64(id.sub)
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) >> 1
            if name(at: headerBytes + middle * placeBytes, in: span) < wanted {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let offset = headerBytes + low * placeBytes
        guard low < count, name(at: offset, in: span) == wanted else { return nil }
        return bytes(at: offset, isLast: low == count - 1, in: span)
    }

    @inline(__always)
    private static func name(at offset: Int, in span: ByteSpan) -> UInt64 {
        UInt64(number(UInt32.self, in: span, at: offset)) << 32
            | UInt64(number(UInt32.self, in: span, at: offset + 4))
    }

    @inline(__always)
    private static func bytes(at offset: Int, isLast: Bool, in span: ByteSpan) -> Range<Int>? {
        let start = Int(number(UInt32.self, in: span, at: offset + 8))
        let end =
            isLast
            ? span.count : Int(number(UInt32.self, in: span, at: offset + placeBytes + 8))
        guard start <= end, end <= span.count else { return nil }
        return start..<end
    }

    /// All records of a block, after checking all of its directory.
    static func places(in span: ByteSpan, base: RecordID) throws(DecodingError) -> [Place] {
        guard span.count >= headerBytes else {
            throw .truncated(offset: span.count, missing: headerBytes - span.count)
        }
        guard number(UInt32.self, in: span, at: 0) == 1 else {
            throw .invalid(field: "block version", offset: 0)
        }
        let count = Int(number(UInt32.self, in: span, at: 4))
        guard count > 0, count <= (span.count - headerBytes) / placeBytes else {
            throw .invalid(field: "record count", offset: 4)
        }
        var places: [Place] = []
        places.reserveCapacity(count)
        var end = headerBytes + count * placeBytes
        for position in 0..<count {
            let offset = headerBytes + position * placeBytes
            let name = name(at: offset, in: span)
            let main = base.main.rawValue.addingReportingOverflow(Int64(name >> 32))
            guard !main.overflow, let sub = Int32(exactly: name & 0xFFFF_FFFF) else {
                throw .invalid(field: "record name", offset: offset)
            }
            let id = RecordID(main: Revision(main.partialValue), sub: sub)
            guard id >= base, places.last.map({ $0.id < id }) ?? true,
                let bytes = bytes(at: offset, isLast: position == count - 1, in: span),
                bytes.lowerBound == end
            else { throw .invalid(field: "record place", offset: offset) }
            end = bytes.upperBound
            places.append(Place(id: id, bytes: bytes))
        }
        return places
    }
}

extension Array {
    /// The first position whose element does not fulfil `isBefore`; those that do come first.
    func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) >> 1
            if isBefore(self[middle]) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
