package import Primitives

/// A domain name: labels of 1 to 63 bytes, 255 bytes in all with their lengths (RFC 1035 §2.3.4).
/// Names that differ in case are different values; `lowercased` is what is looked up.
package struct DNSName: Hashable, Sendable, CustomStringConvertible {
    /// The labels, the one below the root last; none for the root itself.
    package let labels: [Bytes]

    /// Bytes of a label, and of a name in a message.
    static let labelBytesMax = 63
    static let nameBytesMax = 255

    /// The name of all names.
    package static let root = DNSName(unchecked: [])

    private init(unchecked labels: [Bytes]) {
        self.labels = labels
    }

    /// The name of these labels; nil if one is empty or something is too long.
    package init?(labels: [Bytes]) {
        guard labels.allSatisfy({ (1...Self.labelBytesMax).contains($0.count) }),
            Self.wireCount(labels) <= Self.nameBytesMax
        else { return nil }
        self.labels = labels
    }

    /// Reads labels with dots between them, with or without a dot at the end.
    package init?(_ text: String) {
        var bytes = Bytes(text.utf8)
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        self.init(labels: bytes.isEmpty ? [] : labels.map(Bytes.init))
    }

    /// How many bytes the name takes in a message when nothing is shared.
    var wireCount: Int { Self.wireCount(labels) }

    private static func wireCount(_ labels: [Bytes]) -> Int {
        labels.reduce(1) { $0 + 1 + $1.count }
    }

    /// The name that is looked up: case does not matter (RFC 4343).
    package var lowercased: DNSName {
        DNSName(unchecked: labels.map { $0.map(Self.lowercased) })
    }

    /// The labels before `suffix`; nil if the name does not end so.
    func labels(before suffix: DNSName) -> [Bytes]? {
        guard labels.count >= suffix.labels.count,
            labels.suffix(suffix.labels.count).elementsEqual(suffix.labels)
        else { return nil }
        return Array(labels.dropLast(suffix.labels.count))
    }

    /// The name below this one with the given labels before; nil if it would be too long.
    func below(_ prefix: [String]) -> DNSName? {
        DNSName(labels: prefix.map { Bytes($0.utf8) } + labels)
    }

    /// With a dot behind each label; bytes that would be misread are escaped (RFC 1035 §5.1).
    package var description: String {
        if labels.isEmpty { return "." }
        return labels.map { $0.map(Self.escaped).joined() + "." }.joined()
    }

    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""):
            return "\\" + String(UnicodeScalar(byte))
        case 0x21...0x7E: return String(UnicodeScalar(byte))
        default:
            let digits = String(byte)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
