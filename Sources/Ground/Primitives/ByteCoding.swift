/// Why bytes could not be decoded.
public enum DecodingError: Error, Equatable, Sendable {
    /// The input ended `missing` bytes too early at `offset`.
    case truncated(offset: Int, missing: Int)
    /// The value at `offset` is not allowed; `field` names it.
    case invalid(field: String, offset: Int)
}

/// Appends fixed-width little-endian numbers and length-prefixed bytes to a buffer.
///
/// SAFETY: pointers are to a local number of known size, during one call.
@frozen
public struct ByteWriter: Sendable {
    /// What was written so far.
    public var bytes: Bytes

    /// Starts empty, with room for `capacity` bytes.
    @inlinable
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Appends a number, least significant byte first.
    @inlinable
    public mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        var rest = number.littleEndian
        unsafe withUnsafeBytes(of: &rest) { raw in
            unsafe bytes.append(contentsOf: raw)
        }
    }

    /// Appends a number, most significant byte first, so that bytes sort as the numbers do.
    @inlinable
    public mutating func writeBigEndian<Number: FixedWidthInteger>(_ number: Number) {
        write(number.byteSwapped)
    }

    /// Appends 1 for true and 0 for false.
    @inlinable
    public mutating func write(_ flag: Bool) {
        bytes.append(flag ? 1 : 0)
    }

    /// Appends a 32-bit count and the bytes themselves.
    @inlinable
    public mutating func writeCounted(_ run: Bytes) {
        write(UInt32(run.count))
        bytes.append(contentsOf: run)
    }

    /// Appends a string as counted UTF-8.
    public mutating func writeCounted(_ text: String) {
        writeCounted(Bytes(text.utf8))
    }
}

/// Reads what `ByteWriter` wrote. Every read checks the rest first, so hostile input is an error,
/// never a trap, and no memory is allocated for a length that the input cannot hold.
@frozen
public struct ByteReader: Sendable {
    @usableFromInline let bytes: Bytes
    @usableFromInline var position: Int
    @usableFromInline let end: Int

    /// Reads `bytes` from `offset` on.
    public init(_ bytes: Bytes, from offset: Int = 0) {
        self.bytes = bytes
        position = min(max(0, offset), bytes.count)
        end = bytes.count
    }

    /// Where the next read starts.
    @inlinable public var offset: Int { position }

    /// Bytes that are left.
    @inlinable public var remaining: Int { end - offset }

    /// Reads a little-endian number.
    @inlinable
    public mutating func read<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type = Number.self
    ) throws(DecodingError) -> Number {
        let width = Number.bitWidth / 8
        guard remaining >= width else {
            throw .truncated(offset: offset, missing: width - remaining)
        }
        let number = unsafe bytes.withUnsafeBytes { raw in
            unsafe raw.loadUnaligned(fromByteOffset: offset, as: Number.self)
        }
        position += width
        return Number(littleEndian: number)
    }

    /// Reads a big-endian number.
    public mutating func readBigEndian<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type = Number.self
    ) throws(DecodingError) -> Number {
        try read(type).byteSwapped
    }

    /// Reads a flag; anything but 0 and 1 is invalid.
    public mutating func readFlag(_ field: String) throws(DecodingError) -> Bool {
        let start = offset
        switch try read(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw .invalid(field: field, offset: start)
        }
    }

    /// Reads `count` bytes.
    public mutating func read(count: Int) throws(DecodingError) -> Bytes {
        guard count >= 0 else { throw .invalid(field: "count", offset: offset) }
        guard remaining >= count else {
            throw .truncated(offset: offset, missing: count - remaining)
        }
        defer { position += count }
        return Bytes(bytes[offset..<offset + count])
    }

    /// Reads bytes behind a 32-bit count.
    public mutating func readCounted() throws(DecodingError) -> Bytes {
        let count = try read(UInt32.self)
        return try read(count: Int(count))
    }

    /// Reads a 32-bit element count and refuses it when even `minimumSize` bytes for each element
    /// are not there, so that a hostile count reserves nothing.
    public mutating func readCount(minimumSize: Int) throws(DecodingError) -> Int {
        let start = offset
        let count = Int(try read(UInt32.self))
        guard count * minimumSize <= remaining else {
            throw .invalid(field: "count", offset: start)
        }
        return count
    }

    /// Reads counted UTF-8.
    public mutating func readText(_ field: String) throws(DecodingError) -> String {
        let start = offset
        guard let text = String(validating: try readCounted(), as: UTF8.self) else {
            throw .invalid(field: field, offset: start)
        }
        return text
    }

    /// Fails unless everything was read.
    public func finish() throws(DecodingError) {
        guard remaining == 0 else { throw .invalid(field: "trailing bytes", offset: offset) }
    }
}
