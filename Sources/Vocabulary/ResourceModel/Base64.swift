/// Base64 with the standard alphabet and padding (RFC 4648 §4), as JSON holds bytes.
public enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The text of some bytes.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var filled = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            filled += 1
            if filled == 3 {
                append(group, characters: 4, to: &text)
                (group, filled) = (0, 0)
            }
        }
        if filled > 0 {
            append(group << (8 * UInt32(3 - filled)), characters: filled + 1, to: &text)
            text.append(contentsOf: repeatElement(padding, count: 3 - filled))
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ group: UInt32, characters: Int, to text: inout [UInt8]) {
        for place in 0..<characters {
            text.append(alphabet[Int(group >> (18 - 6 * UInt32(place)) & 63)])
        }
    }

    private static let padding = UInt8(ascii: "=")

    /// The bytes of a text; nil if it is no Base64. Line breaks are passed over, as in Go.
    public static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
        guard digits.count % 4 == 0 else { return nil }
        let paddings = digits.suffix(2).reversed().prefix { $0 == padding }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3)
        var group: UInt32 = 0
        for (place, digit) in digits.dropLast(paddings).enumerated() {
            guard let value = value(of: digit) else { return nil }
            group = group << 6 | value
            if place % 4 == 3 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        switch paddings {
        case 1:
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
        case 2: bytes.append(UInt8(truncatingIfNeeded: group >> 4))
        default: break
        }
        return bytes
    }

    /// Where a text stops being Base64, as Go's decoder counts: the offset of the first byte that
    /// cannot stand where it is, or the length of a text that ends too soon. Nil if all is well.
    public static func firstWrongByte(_ text: String) -> Int? {
        var digits = 0
        var paddings = 0
        for (offset, byte) in text.utf8.enumerated() {
            switch byte {
            case 0x0A, 0x0D: continue
            case padding:
                if (digits + paddings) % 4 < 2 { return offset }
                paddings += 1
                if paddings > 2 { return offset }
            default:
                if paddings > 0 || value(of: byte) == nil { return offset }
                digits += 1
            }
        }
        return (digits + paddings) % 4 == 0 ? nil : text.utf8.count
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
