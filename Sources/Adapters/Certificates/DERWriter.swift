internal import Primitives
internal import ResourceModel

/// Writes ASN.1 in DER (X.690), as far as certificates need it.
enum DER {
    /// The tags in use.
    enum Tag {
        static let boolean: UInt8 = 0x01
        static let integer: UInt8 = 0x02
        static let bitString: UInt8 = 0x03
        static let octetString: UInt8 = 0x04
        static let objectIdentifier: UInt8 = 0x06
        static let utf8String: UInt8 = 0x0C
        static let utcTime: UInt8 = 0x17
        static let generalizedTime: UInt8 = 0x18
        static let sequence: UInt8 = 0x30
        static let set: UInt8 = 0x31

        /// `[number]` around other values.
        static func context(_ number: UInt8) -> UInt8 { 0xA0 | number }

        /// `[number]` in place of a primitive value's own tag.
        static func implicit(_ number: UInt8) -> UInt8 { 0x80 | number }
    }

    /// A value: tag, length, content.
    static func value(_ tag: UInt8, _ content: Bytes) -> Bytes {
        var bytes = [tag]
        if content.count < 0x80 {
            bytes.append(UInt8(content.count))
        } else {
            let length = bigEndian(UInt64(content.count))
            bytes.append(0x80 | UInt8(length.count))
            bytes += length
        }
        return bytes + content
    }

    static func sequence(_ parts: Bytes...) -> Bytes { value(Tag.sequence, parts.flatMap(\.self)) }

    static func set(_ parts: Bytes...) -> Bytes { value(Tag.set, parts.flatMap(\.self)) }

    static func octets(_ content: Bytes) -> Bytes { value(Tag.octetString, content) }

    /// Whole bytes as a bit string.
    static func bits(_ content: Bytes, unused: UInt8 = 0) -> Bytes {
        value(Tag.bitString, [unused] + content)
    }

    static func text(_ text: String) -> Bytes { value(Tag.utf8String, Bytes(text.utf8)) }

    static let yes = value(Tag.boolean, [0xFF])

    /// A number that is not negative, from its big-endian bytes.
    static func integer(_ bytes: Bytes) -> Bytes {
        let digits = Bytes(bytes.drop { $0 == 0 })
        let needsZero = digits.first.map { $0 >= 0x80 } ?? true
        return value(Tag.integer, (needsZero ? [0] : []) + digits)
    }

    static func integer(_ number: UInt64) -> Bytes { integer(bigEndian(number)) }

    /// An object identifier from its arcs.
    static func identifier(_ arcs: [UInt64]) -> Bytes {
        var content = [UInt8(arcs[0] * 40 + arcs[1])]
        for arc in arcs.dropFirst(2) {
            var rest = arc >> 7
            var digits = [UInt8(arc & 0x7F)]
            while rest > 0 {
                digits.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            content += digits.reversed()
        }
        return value(Tag.objectIdentifier, content)
    }

    /// A moment: UTCTime up to 2049, GeneralizedTime after it (RFC 5280 §4.1.2.5).
    static func time(_ seconds: Int64) -> Bytes {
        let digits = Timestamp.text(seconds: seconds).filter(\.isNumber) + "Z"
        let isShort = (-631_152_000..<2_524_608_000).contains(seconds)
        return isShort
            ? value(Tag.utcTime, Bytes(digits.dropFirst(2).utf8))
            : value(Tag.generalizedTime, Bytes(digits.utf8))
    }

    private static func bigEndian(_ number: UInt64) -> Bytes {
        (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }.drop { $0 == 0 }
            .map(\.self)
    }
}
