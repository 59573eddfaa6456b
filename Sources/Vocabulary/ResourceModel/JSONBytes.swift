// SAFETY: every load is of eight bytes that lie within the span: its bounds are tested right
// before it. Buffers are lent for the length of one call and not kept.

/// The offset of the first byte from `start` on that ends or interrupts a JSON string (a quote,
/// a backslash, a control character), or the end; and whether all bytes before it are ASCII.
@inline(__always)
func plainEnd(of span: Span<UInt8>, from start: Int) -> (end: Int, isASCII: Bool) {
    var position = start
    var high: UInt64 = 0
    while position + 8 <= span.count {
        let word = unsafe span.bytes.unsafeLoadUnaligned(
            fromByteOffset: position, as: UInt64.self
        ).littleEndian
        let stops = belowSpace(word) | equal(word, 0x22) | equal(word, 0x5C)
        if stops != 0 {
            let plain = stops.trailingZeroBitCount >> 3
            // Bytes above the first stop must not decide whether those below are ASCII.
            let mask: UInt64 = plain == 0 ? 0 : ~0 >> UInt64(64 - 8 * plain)
            return (position + plain, (high | word & mask) & highBits == 0)
        }
        high |= word
        position += 8
    }
    while position < span.count {
        let byte = span[position]
        if byte < 0x20 || byte == 0x22 || byte == 0x5C { break }
        high |= UInt64(byte)
        position += 1
    }
    return (position, high & highBits == 0)
}

/// Appends a string in quotes, escaped as Go's encoding/json does.
func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    bytes.append(0x22)
    text.withUTF8 { buffer in
        let span = unsafe Span(_unsafeElements: buffer)
        var copied = 0
        while true {
            let stop = firstEscaped(in: span, from: copied)
            unsafe bytes.append(contentsOf: buffer[copied..<stop])
            guard stop < span.count else { break }
            copied = appendEscaped(span, at: stop, to: &bytes)
        }
    }
    bytes.append(0x22)
}

/// The offset of the first byte from `start` on that may have to be escaped, or the end.
@inline(__always)
private func firstEscaped(in span: Span<UInt8>, from start: Int) -> Int {
    var position = start
    while position + 8 <= span.count {
        let word = unsafe span.bytes.unsafeLoadUnaligned(
            fromByteOffset: position, as: UInt64.self
        ).littleEndian
        let stops =
            belowSpace(word) | equal(word, 0x22) | equal(word, 0x5C) | equal(word, 0x3C)
            | equal(word, 0x3E) | equal(word, 0x26) | equal(word, 0xE2)
        if stops != 0 { return position + stops.trailingZeroBitCount >> 3 }
        position += 8
    }
    while position < span.count {
        switch span[position] {
        case 0..<0x20, 0x22, 0x5C, 0x3C, 0x3E, 0x26, 0xE2: return position
        default: position += 1
        }
    }
    return position
}

/// Appends what stands for the character at `offset`; answers where the next one starts.
private func appendEscaped(_ span: Span<UInt8>, at offset: Int, to bytes: inout [UInt8]) -> Int {
    let byte = span[offset]
    switch byte {
    case 0x22, 0x5C: bytes += [0x5C, byte]
    case 0x08: bytes += [0x5C, UInt8(ascii: "b")]
    case 0x0C: bytes += [0x5C, UInt8(ascii: "f")]
    case 0x0A: bytes += [0x5C, UInt8(ascii: "n")]
    case 0x0D: bytes += [0x5C, UInt8(ascii: "r")]
    case 0x09: bytes += [0x5C, UInt8(ascii: "t")]
    case 0xE2:
        // U+2028 and U+2029, which are no JavaScript; others that begin alike are plain.
        if offset + 2 < span.count, span[offset + 1] == 0x80, span[offset + 2] & 0xFE == 0xA8 {
            bytes += Array("\\u202".utf8) + [span[offset + 2] - 0xA8 + UInt8(ascii: "8")]
            return offset + 3
        }
        bytes.append(byte)
    default:
        let digits = Array("0123456789abcdef".utf8)
        bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return offset + 1
}

private let lowBits: UInt64 = 0x0101_0101_0101_0101
private let highBits: UInt64 = 0x8080_8080_8080_8080

/// The high bit of the lowest byte that is below 0x20; higher ones may be wrong.
@inline(__always)
private func belowSpace(_ word: UInt64) -> UInt64 {
    (word &- lowBits &* 0x20) & ~word & highBits
}

/// The high bit of the lowest byte that equals `byte`; higher ones may be wrong.
@inline(__always)
private func equal(_ word: UInt64, _ byte: UInt64) -> UInt64 {
    let difference = word ^ lowBits &* byte
    return (difference &- lowBits) & ~difference & highBits
}
