/// Names and identities that the server makes up.
enum GeneratedName {
    /// Letters and digits that make no words (as in Kubernetes).
    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
    private static let suffixCount = 5
    /// Beyond this a prefix is cut, so that the name is a label.
    private static let prefixMax = 63 - suffixCount

    /// A name that begins with a prefix.
    static func name(_ prefix: String, random: UInt64) -> String {
        var rest = random
        var suffix = ""
        for _ in 0..<suffixCount {
            suffix.append(alphabet[Int(rest % UInt64(alphabet.count))])
            rest /= UInt64(alphabet.count)
        }
        return String(prefix.prefix(prefixMax)) + suffix
    }

    /// A random UUID (RFC 9562, version 4).
    static func uid(_ high: UInt64, _ low: UInt64) -> String {
        let bits = [high & ~0xF000 | 0x4000, low & ~(0b11 << 62) | 0b10 << 62]
        let digits = bits.map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var parts: [Substring] = []
        var rest = Substring(digits)
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: "-")
    }
}
