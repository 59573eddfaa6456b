public import Primitives

/// Reads the fields of one protobuf message, in the order in which they stand. Hostile input is
/// an error, never a trap, and nothing is allocated for a length that the input does not have.
///
/// A decoder loops over `nextField`, reads the fields that it knows with the method of their type
/// and skips the others:
///
///     while let field = try reader.nextField() {
///         switch field {
///         case 1: request.key = try reader.readBytes()
///         default: try reader.skip()
///         }
///     }
@frozen
public struct ProtobufReader: Sendable {
    /// How the value of a field is written.
    @frozen
    public enum WireType: UInt8, Sendable {
        case varint = 0
        case fixed64 = 1
        case counted = 2
        case fixed32 = 5
    }

    @usableFromInline let bytes: Bytes
    @usableFromInline var offset: Int
    @usableFromInline let end: Int
    /// The number of the field read last.
    public private(set) var field = 0
    /// How its value is written.
    public private(set) var type = WireType.varint

    /// Reads the message in `bytes` from `offset` up to, not including, `end`.
    public init(_ bytes: Bytes, from offset: Int = 0, to end: Int? = nil) {
        self.bytes = bytes
        self.end = min(end ?? bytes.count, bytes.count)
        self.offset = min(offset, self.end)
    }

    /// Bytes that have not been read.
    public var remaining: Int { end - offset }

    /// The number of the next field; nil at the end.
    public mutating func nextField() throws(ProtobufError) -> Int? {
        guard offset < end else { return nil }
        let start = offset
        let tag = try rawVarint()
        guard tag >> 3 != 0, tag >> 3 < 1 << 29, let type = WireType(rawValue: UInt8(tag & 7))
        else { throw .invalidTag(offset: start) }
        field = Int(tag >> 3)
        self.type = type
        return field
    }

    @inlinable
    mutating func rawVarint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        let start = offset
        while offset < end {
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 70 else { throw .varintTooLong(offset: start) }
        }
        throw .truncated(offset: start)
    }

    /// The field's value as an unsigned number.
    public mutating func uint64() throws(ProtobufError) -> UInt64 {
        guard type == .varint else { throw .unexpectedType(field: field) }
        return try rawVarint()
    }

    /// The field's value as a signed number (int64, int32, enum).
    public mutating func int64() throws(ProtobufError) -> Int64 {
        Int64(bitPattern: try uint64())
    }

    /// The field's value as a flag.
    public mutating func bool() throws(ProtobufError) -> Bool {
        try uint64() != 0
    }

    /// The field's value as a number of 64 bits (double).
    public mutating func double() throws(ProtobufError) -> Double {
        guard type == .fixed64 else { throw .unexpectedType(field: field) }
        let start = offset
        try pass(8)
        var bits: UInt64 = 0
        for index in (start..<offset).reversed() { bits = bits << 8 | UInt64(bytes[index]) }
        return Double(bitPattern: bits)
    }

    private mutating func count() throws(ProtobufError) -> Int {
        guard type == .counted else { throw .unexpectedType(field: field) }
        let start = offset
        let count = try rawVarint()
        guard count <= UInt64(end - offset) else { throw .truncated(offset: start) }
        return Int(count)
    }

    /// The field's value as bytes.
    public mutating func readBytes() throws(ProtobufError) -> Bytes {
        let count = try count()
        defer { offset += count }
        return Bytes(bytes[offset..<offset + count])
    }

    /// The field's value as text.
    public mutating func text() throws(ProtobufError) -> String {
        let count = try count()
        defer { offset += count }
        guard let text = String(validating: bytes[offset..<offset + count], as: UTF8.self) else {
            throw .invalidText(field: field)
        }
        return text
    }

    /// The field's value as a message of its own.
    public mutating func message() throws(ProtobufError) -> ProtobufReader {
        let count = try count()
        defer { offset += count }
        return ProtobufReader(bytes, from: offset, to: offset + count)
    }

    /// Appends the numbers of a repeated field, packed or not.
    public mutating func append(to list: inout [UInt64]) throws(ProtobufError) {
        guard type == .counted else {
            list.append(try uint64())
            return
        }
        var packed = try message()
        while packed.remaining > 0 {
            list.append(try packed.rawVarint())
        }
    }

    /// Passes over the field's value.
    public mutating func skip() throws(ProtobufError) {
        switch type {
        case .varint: _ = try rawVarint()
        case .fixed64: try pass(8)
        case .fixed32: try pass(4)
        case .counted:
            let count = try count()
            offset += count
        }
    }

    private mutating func pass(_ count: Int) throws(ProtobufError) {
        guard end - offset >= count else { throw .truncated(offset: offset) }
        offset += count
    }
}
