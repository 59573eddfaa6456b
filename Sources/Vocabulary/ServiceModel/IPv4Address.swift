/// An IPv4 address.
@frozen
public struct IPv4Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The address as one number, the first octet in the highest bits.
    public var bits: UInt32

    /// The address with the given number.
    @inlinable
    public init(bits: UInt32) {
        self.bits = bits
    }

    /// The address `a.b.c.d`.
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        bits = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// Reads four decimal numbers with dots; nil for anything else, leading zeros included, which
    /// some programs take for octal.
    public init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        bits = 0
        for part in parts {
            guard let octet = Self.octet(part) else { return nil }
            bits = bits << 8 | UInt32(octet)
        }
    }

    /// Reads a number from 0 to 255 as it is written in an address: digits alone, no zero before.
    public static func octet(_ text: some Collection<UInt8>) -> UInt8? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = text.first, text.count == 1 || first != digits.lowerBound else {
            return nil
        }
        var value = 0
        for byte in text {
            guard digits.contains(byte), value < 256 else { return nil }
            value = value * 10 + Int(byte - digits.lowerBound)
        }
        return UInt8(exactly: value)
    }

    /// The four octets in the order in which they are written.
    public var octets: [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) }
    }

    /// Orders by number.
    @inlinable
    public static func < (left: IPv4Address, right: IPv4Address) -> Bool {
        left.bits < right.bits
    }

    /// As it is written: `127.64.0.1`.
    public var description: String { octets.map { "\($0)" }.joined(separator: ".") }
}

/// All addresses with the same first `prefixBits` bits, as in `127.64.0.0/10`.
public struct IPv4Range: Hashable, Sendable, CustomStringConvertible {
    /// The lowest address.
    public let first: IPv4Address
    /// The highest address.
    public let last: IPv4Address

    /// The range around `address`; `prefixBits` is 0 to 32.
    public init?(_ address: IPv4Address, prefixBits: Int) {
        guard (0...32).contains(prefixBits) else { return nil }
        let rest: UInt32 = prefixBits == 32 ? 0 : .max >> UInt32(prefixBits)
        first = IPv4Address(bits: address.bits & ~rest)
        last = IPv4Address(bits: address.bits | rest)
    }

    private init(_ a: UInt8, _ b: UInt8, to last: UInt8) {
        first = IPv4Address(a, b, 0, 0)
        self.last = IPv4Address(a, last, 255, 255)
    }

    /// Everything that one machine gives out without any network set-up: 127.64.0.0/10.
    public static let local = IPv4Range(127, 64, to: 127)
    /// The part of `local` for services: 127.64.0.0/12.
    public static let services = IPv4Range(127, 64, to: 79)
    /// The part of `local` for pods: 127.96.0.0/11.
    public static let pods = IPv4Range(127, 96, to: 127)

    /// How many addresses there are.
    public var count: Int { Int(last.bits - first.bits) + 1 }

    /// Whether the address belongs to the range.
    public func contains(_ address: IPv4Address) -> Bool {
        first <= address && address <= last
    }

    /// As it is written: `127.64.0.0/10`.
    public var description: String {
        "\(first)/\((first.bits ^ last.bits).leadingZeroBitCount)"
    }
}
