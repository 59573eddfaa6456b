internal import Primitives

/// SHA-256 as FIPS 180-4 §6.2 describes it, without a library: much slower than one that uses
/// the processor's instructions for it. For builds without the trait `SwiftCrypto`.
struct PlainSHA256 {
    private var state = Self.start
    /// What does not fill a block yet.
    private var rest: Bytes = []
    private var count = 0

    /// Adds a run of bytes.
    mutating func update(_ bytes: Bytes) {
        update(bytes, in: 0..<bytes.count)
    }

    /// Adds a part of a run of bytes.
    mutating func update(_ bytes: Bytes, in range: Range<Int>) {
        count += range.count
        var next = range.lowerBound
        if !rest.isEmpty {
            let missing = min(Self.blockBytes - rest.count, range.count)
            rest += bytes[next..<next + missing]
            next += missing
            guard rest.count == Self.blockBytes else { return }
            mix(rest, at: 0)
            rest.removeAll(keepingCapacity: true)
        }
        while range.upperBound - next >= Self.blockBytes {
            mix(bytes, at: next)
            next += Self.blockBytes
        }
        rest += bytes[next..<range.upperBound]
    }

    /// The hash of everything so far.
    func finalized() -> Bytes {
        var last = self
        // A one, zeros, and the number of bits fill the last block.
        let zeros = (2 * Self.blockBytes - 9 - count % Self.blockBytes) % Self.blockBytes
        var padding: Bytes = [0x80] + Bytes(repeating: 0, count: zeros)
        padding += Self.bytes(UInt64(count) * 8)
        last.update(padding)
        return last.state.flatMap { Self.bytes($0) }
    }

    private mutating func mix(_ bytes: Bytes, at start: Int) {
        var words = [UInt32](repeating: 0, count: 64)
        for index in 0..<16 {
            words[index] = (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[start + 4 * index + $1]) }
        }
        for index in 16..<64 {
            let (far, near) = (words[index - 15], words[index - 2])
            let first = Self.turned(far, 7) ^ Self.turned(far, 18) ^ far >> 3
            let second = Self.turned(near, 17) ^ Self.turned(near, 19) ^ near >> 10
            words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let second = Self.turned(e, 6) ^ Self.turned(e, 11) ^ Self.turned(e, 25)
            let sum = h &+ second &+ (e & f ^ ~e & g) &+ Self.factors[index] &+ words[index]
            let first = Self.turned(a, 2) ^ Self.turned(a, 13) ^ Self.turned(a, 22)
            (h, g, f, e) = (g, f, e, d &+ sum)
            (d, c, b, a) = (c, b, a, sum &+ first &+ (a & b ^ a & c ^ b & c))
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static let blockBytes = 64
    /// The first 32 bits of the fractions of the square roots of the first 8 primes.
    private static let start = primes.prefix(8).map { fraction(Double($0).squareRoot()) }
    /// Those of the cube roots of the first 64 primes.
    private static let factors = primes.map { fraction(cubeRoot(Double($0))) }

    private static let primes = (2...311).filter { number in
        !(2..<number).contains { number % $0 == 0 }
    }

    private static func fraction(_ number: Double) -> UInt32 {
        UInt32((number - number.rounded(.down)) * 4_294_967_296)
    }

    /// By Newton's method, which has the last bit after a few steps.
    private static func cubeRoot(_ number: Double) -> Double {
        (0..<64).reduce(number) { root, _ in root - (root - number / (root * root)) / 3 }
    }

    private static func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word >> bits | word << (32 - bits)
    }

    private static func bytes<Word: FixedWidthInteger>(_ word: Word) -> Bytes {
        stride(from: Word.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: word >> $0)
        }
    }
}
