public import Primitives

/// Writes the fields of a protobuf message. As proto3 demands, fields with their default value
/// (zero, false, empty) are left out unless the call says otherwise.
@frozen
public struct ProtobufWriter: Sendable {
    /// What was written so far.
    public var bytes: Bytes

    /// Starts empty, with room for `capacity` bytes.
    @inlinable
    public init(capacity: Int = 64) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Gives away what was written, without a copy, and starts over.
    @inlinable
    public mutating func takeBytes() -> Bytes {
        let taken = bytes
        bytes = []
        return taken
    }

    @inlinable
    mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    @inlinable
    mutating func writeTag(_ field: Int, _ type: ProtobufReader.WireType) {
        writeVarint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    /// Writes a number, zero left out.
    @inlinable
    public mutating func write(_ field: Int, _ value: UInt64) {
        guard value != 0 else { return }
        writeTag(field, .varint)
        writeVarint(value)
    }

    /// Writes a signed number (int64, int32, enum), zero left out.
    @inlinable
    public mutating func write(_ field: Int, _ value: Int64) {
        write(field, UInt64(bitPattern: value))
    }

    /// Writes a flag, false left out.
    @inlinable
    public mutating func write(_ field: Int, _ flag: Bool) {
        write(field, flag ? 1 as UInt64 : 0)
    }

    /// Writes bytes, an empty run left out.
    @inlinable
    public mutating func write(_ field: Int, _ run: Bytes) {
        guard !run.isEmpty else { return }
        writeEvenIfEmpty(field, run)
    }

    /// Writes bytes; for the members of repeated fields and of oneofs.
    @inlinable
    public mutating func writeEvenIfEmpty(_ field: Int, _ run: Bytes) {
        writeTag(field, .counted)
        writeVarint(UInt64(run.count))
        bytes.append(contentsOf: run)
    }

    /// Writes a text, an empty one left out.
    public mutating func write(_ field: Int, _ text: String) {
        guard !text.isEmpty else { return }
        writeTag(field, .counted)
        writeVarint(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes texts, empty ones too.
    public mutating func write(_ field: Int, _ texts: [String]) {
        for text in texts {
            writeTag(field, .counted)
            writeVarint(UInt64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
    }

    /// Writes a message of its own, an empty one too. `estimate` is its likely size in bytes: a
    /// wrong guess only costs a move.
    @inlinable
    public mutating func message(
        _ field: Int, estimate: Int = 0, _ body: (inout ProtobufWriter) -> Void
    ) {
        writeTag(field, .counted)
        let start = bytes.count
        let reserved = Self.width(of: estimate)
        for _ in 0..<reserved { bytes.append(0) }
        body(&self)
        let count = bytes.count - start - reserved
        let width = Self.width(of: count)
        if width > reserved {
            bytes.insert(contentsOf: repeatElement(0, count: width - reserved), at: start)
        } else if width < reserved {
            bytes.removeSubrange(start..<start + reserved - width)
        }
        var rest = count
        for position in 0..<width {
            let part = UInt8(truncatingIfNeeded: rest & 0x7F)
            bytes[start + position] = position + 1 < width ? part | 0x80 : part
            rest >>= 7
        }
    }

    /// Bytes of a count as a varint.
    @inlinable
    static func width(of count: Int) -> Int {
        var width = 1
        var rest = count >> 7
        while rest > 0 {
            width += 1
            rest >>= 7
        }
        return width
    }
}
