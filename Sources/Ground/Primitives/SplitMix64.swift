/// A small seeded generator (Steele, Lea and Flood 2014): equal seeds give equal sequences, so
/// that the simulator can replay a run. Not for secrets.
@frozen
public struct SplitMix64: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    /// Starts the sequence that belongs to `seed`.
    @inlinable
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 random bits.
    @inlinable
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return mix64(state)
    }

    /// A generator whose sequence is independent of this one's further use.
    @inlinable
    public mutating func split() -> SplitMix64 {
        SplitMix64(seed: next())
    }

    /// A number below `bound`; `bound` must be at least 1.
    @inlinable
    public mutating func below(_ bound: Int) -> Int {
        invariant(bound > 0, "bound \(bound) must be positive")
        return Int(truncatingIfNeeded: next() >> 1) % bound
    }

    /// True with the given probability (0 to 1).
    @inlinable
    public mutating func chance(_ probability: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < probability
    }
}

/// Scrambles 64 bits so that each input bit changes about half of the output bits (a bijection).
@inlinable
public func mix64(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
}

/// A running 64-bit hash that is equal on every machine and in every process (Swift's own `Hasher`
/// is seeded afresh in each process). For state hashes and traces; not against adversaries.
///
/// SAFETY: bytes are read through a buffer that is valid for the closure, within its count.
@frozen
public struct StableHasher: Sendable {
    @usableFromInline var state: UInt64

    /// Starts from `seed`.
    @inlinable
    public init(seed: UInt64 = 0) {
        state = mix64(seed &+ 0x9E37_79B9_7F4A_7C15)
    }

    /// Adds a number.
    @inlinable
    public mutating func combine(_ value: UInt64) {
        state = mix64(state ^ value) &+ 0x9E37_79B9_7F4A_7C15
    }

    /// Adds a signed number.
    @inlinable
    public mutating func combine(_ value: Int64) {
        combine(UInt64(bitPattern: value))
    }

    /// Adds bytes together with their count, so that runs cannot slide into one another.
    @inlinable
    public mutating func combine(_ bytes: Bytes) {
        combine(UInt64(bytes.count))
        unsafe bytes.withUnsafeBytes { raw in
            let whole = raw.count & ~7
            for offset in stride(from: 0, to: whole, by: 8) {
                let word = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                combine(word.bigEndian)
            }
            guard whole < raw.count else { return }
            var word: UInt64 = 0
            for offset in whole..<raw.count { word = word << 8 | UInt64(unsafe raw[offset]) }
            combine(word)
        }
    }

    /// The hash of all that was added so far.
    @inlinable public var value: UInt64 { mix64(state) }
}
