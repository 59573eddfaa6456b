internal import CChecksum

/// The CRC-32C checksum (Castagnoli polynomial, as in iSCSI, RFC 3720 §B.4) of bytes that come in
/// one or more runs. Detects accidents, not forgeries.
///
/// Uses the processor's own instruction where there is one and tables elsewhere; both give the
/// same value.
///
/// SAFETY: pointers are read only inside the bounds of the buffers that they belong to, and none
/// outlives the call that it was given to.
@frozen
public struct CRC32C: Hashable, Sendable {
    @usableFromInline var state: UInt32

    /// The checksum of no bytes at all, to be continued.
    @inlinable
    public init() {
        state = ~0
    }

    /// Goes on from the checksum of earlier bytes.
    @inlinable
    public init(continuing value: UInt32) {
        state = ~value
    }

    /// The checksum of all bytes so far.
    @inlinable public var value: UInt32 { ~state }

    /// Adds a buffer.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        state =
            unsafe Self.hasInstruction
            ? extendedByInstruction(state, bytes) : extendedByTables(state, bytes)
    }

    /// Adds a run of bytes.
    public mutating func update(_ bytes: Bytes) {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe update(buffer)
        }
    }

    /// Adds a part of a run of bytes; `range` must lie inside of it.
    public mutating func update(_ bytes: Bytes, in range: Range<Int>) {
        invariant(
            range.lowerBound >= 0 && range.upperBound <= bytes.count,
            "range \(range) of \(bytes.count) bytes")
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe update(UnsafeRawBufferPointer(rebasing: buffer[range]))
        }
    }

    /// Adds a number as eight bytes, least significant first.
    public mutating func update(_ number: UInt64) {
        var bytes = number.littleEndian
        unsafe withUnsafeBytes(of: &bytes) { buffer in
            unsafe update(buffer)
        }
    }

    /// The checksum of a buffer.
    public static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = CRC32C()
        unsafe checksum.update(bytes)
        return checksum.value
    }

    /// The checksum of a run of bytes.
    public static func checksum(of bytes: Bytes) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(bytes)
        return checksum.value
    }

    /// The checksum of a part of a run of bytes; `range` must lie inside of it.
    public static func checksum(of bytes: Bytes, in range: Range<Int>) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(bytes, in: range)
        return checksum.value
    }

    /// The checksum by tables alone, so that tests can compare both ways.
    package static func checksumByTables(of bytes: Bytes) -> UInt32 {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe ~extendedByTables(~0, buffer)
        }
    }

    private static let hasInstruction = keelson_crc32c_is_supported() != 0
}

/// The state after `bytes`, by the processor's instruction.
private func extendedByInstruction(_ state: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let start = bytes.baseAddress else { return state }
    return unsafe keelson_crc32c(state, start, bytes.count)
}

/// The state after `bytes`, eight bytes a step (Kounavis and Berry 2005, "slicing-by-8").
private func extendedByTables(_ state: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var state = state
    unsafe slicingTables.withUnsafeBufferPointer { tables in
        var offset = 0
        while bytes.count - offset >= 8 {
            let word = unsafe UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let mixed = word ^ UInt64(state)
            state = 0
            for position in 0..<8 {
                let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 * position)) & 0xFF
                state ^= unsafe tables[(7 - position) << 8 | byte]
            }
            offset += 8
        }
        while offset < bytes.count {
            let index = unsafe Int(UInt8(truncatingIfNeeded: state) ^ bytes[offset])
            state = unsafe state >> 8 ^ tables[index]
            offset += 1
        }
    }
    return state
}

/// Eight tables of 256: table `n` holds what a byte adds to the state `n` bytes later.
private let slicingTables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 << 8)
    for byte in 0..<256 {
        var state = UInt32(byte)
        for _ in 0..<8 {
            // The Castagnoli polynomial with its bits in reverse.
            state = state >> 1 ^ (state & 1 == 1 ? 0x82F6_3B78 : 0)
        }
        tables[byte] = state
    }
    for index in 256..<tables.count {
        let earlier = tables[index - 256]
        tables[index] = earlier >> 8 ^ tables[Int(earlier & 0xFF)]
    }
    return tables
}()
