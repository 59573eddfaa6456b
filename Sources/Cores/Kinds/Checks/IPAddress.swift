/// Addresses as text.
enum IPAddress {
    /// What is wrong with a text that is no address.
    static let problem = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

    /// Four numbers up to 255 without leading zeros.
    static func isV4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), UInt8(part) != nil
                else { return false }
                return part.utf8.count == 1 || part.first != "0"
            }
    }

    /// Eight groups of up to four hexadecimal digits, one run of zero groups left out as `::`;
    /// the last two may be written as an IPv4 address.
    static func isV6(_ text: String) -> Bool {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        switch halves.count {
        case 1: return groups(halves[0], isLast: true) == 8
        case 2:
            guard let first = groups(halves[0], isLast: false),
                let second = groups(halves[1], isLast: true)
            else { return false }
            return first + second < 8
        default: return false
        }
    }

    /// How many groups there are; nil if one is malformed.
    private static func groups(_ text: Substring, isLast: Bool) -> Int? {
        if text.isEmpty { return 0 }
        var count = 0
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isLast, index == parts.count - 1, part.contains(".") {
                guard isV4(String(part)) else { return nil }
                count += 2
            } else {
                guard (1...4).contains(part.utf8.count), part.first != "+", part.first != "-",
                    UInt16(part, radix: 16) != nil
                else { return nil }
                count += 1
            }
        }
        return count
    }
}
