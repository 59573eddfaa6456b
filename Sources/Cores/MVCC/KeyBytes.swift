internal import Primitives

// SAFETY: every load stays within the span that is passed in: its bounds are tested right before
// it. Copies are made inside the closure that lends the pointer.

/// A run of bytes that lies in somebody else's storage.
typealias ByteSpan = Span<UInt8>

/// The eight bytes of `key` from `offset` on as a big-endian number, padded with zeros. Numbers
/// sort as the bytes do; equal ones decide nothing.
@inline(__always)
func head(of key: ByteSpan, at offset: Int) -> UInt64 {
    let left = key.count - offset
    if left >= 8 {
        return UInt64(
            bigEndian: unsafe key.bytes.unsafeLoadUnaligned(
                fromByteOffset: offset, as: UInt64.self))
    }
    return shortHead(of: key, at: offset)
}

private func shortHead(of key: ByteSpan, at offset: Int) -> UInt64 {
    var word: UInt64 = 0
    var shift: UInt64 = 56
    for position in offset..<max(offset, key.count) {
        word |= UInt64(key[position]) << shift
        shift &-= 8
    }
    return word
}

/// Below, at or above zero as `left` sorts before, with or after `right`; both have the same
/// bytes before `offset`.
@inline(__always)
func order(_ left: ByteSpan, _ right: ByteSpan, from offset: Int) -> Int {
    let common = min(left.count, right.count)
    var position = offset
    while position + 8 <= common {
        let first = head(of: left, at: position)
        let second = head(of: right, at: position)
        if first != second { return first < second ? -1 : 1 }
        position += 8
    }
    while position < common {
        let first = left[position]
        let second = right[position]
        if first != second { return first < second ? -1 : 1 }
        position += 1
    }
    return left.count - right.count
}

/// Whether `left` sorts before `right`.
func precedes(_ left: Bytes, _ right: Bytes) -> Bool {
    order(left.span, right.span, from: 0) < 0
}

/// How many leading bytes two keys share.
func sharedPrefixCount(_ left: Bytes, _ right: Bytes) -> Int {
    let common = min(left.count, right.count)
    var position = 0
    while position < common, left[position] == right[position] {
        position += 1
    }
    return position
}

/// A copy of what a span covers.
@inline(__always)
func copy(_ span: ByteSpan) -> Bytes {
    unsafe span.withUnsafeBufferPointer { unsafe Bytes($0) }
}

/// Reads a little-endian number that lies within the span.
@inline(__always)
func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, in span: ByteSpan, at offset: Int
) -> Number {
    invariant(
        offset >= 0 && offset <= span.count - Number.bitWidth / 8, "a number beyond its bytes")
    return unsafe span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type).littleEndian
}

/// A running hash of bytes, eight at a time in two lanes, so that a record of some hundred bytes
/// costs tens of nanoseconds. Equal on every machine; not against adversaries.
struct ContentHasher {
    private var first: UInt64
    private var second: UInt64

    init(seed: UInt64) {
        first = seed ^ 0x9E37_79B9_7F4A_7C15
        second = seed &+ 0xD6E8_FEB8_6659_FD93
    }

    /// Adds a number.
    @inline(__always)
    mutating func combine(_ word: UInt64) {
        first = (first ^ word) &* 0xBF58_476D_1CE4_E5B9
        first ^= first >> 29
    }

    /// Adds bytes together with their count.
    mutating func combine(_ span: ByteSpan) {
        combine(UInt64(span.count))
        var position = 0
        let end = span.count
        while position + 16 <= end {
            let low = unsafe span.bytes.unsafeLoadUnaligned(
                fromByteOffset: position, as: UInt64.self)
            let high = unsafe span.bytes.unsafeLoadUnaligned(
                fromByteOffset: position + 8, as: UInt64.self)
            first = (first ^ low.littleEndian) &* 0xBF58_476D_1CE4_E5B9
            second = (second ^ high.littleEndian) &* 0x94D0_49BB_1331_11EB
            first ^= first >> 29
            second ^= second >> 32
            position += 16
        }
        if position + 8 <= end {
            combine(head(of: span, at: position))
            position += 8
        }
        if position < end { combine(shortHead(of: span, at: position)) }
    }

    /// The hash of all that was added.
    var value: UInt32 {
        let mixed = mix64(first) ^ mix64(second &+ 0x2545_F491_4F6C_DD1D)
        return UInt32(truncatingIfNeeded: mixed ^ (mixed >> 32))
    }
}

extension CRC32C {
    /// Adds the bytes of a span.
    mutating func update(_ span: ByteSpan) {
        unsafe span.withUnsafeBytes { unsafe update($0) }
    }
}
