internal import Primitives

/// Draws whose results hang on what is drawn for, not on how many draws came before: taking one
/// fault out of a run leaves all the others in their places, so that runs can be shrunk.
struct FaultDraw {
    let seed: UInt64

    /// A generator for the `ordinal`-th draw of a kind.
    func generator(kind: UInt64, ordinal: Int) -> SplitMix64 {
        SplitMix64(
            seed: mix64(seed ^ mix64(kind &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(ordinal))))
    }

    /// Whether the `ordinal`-th draw of a kind hits.
    func hits(_ probability: Double, kind: UInt64, ordinal: Int) -> Bool {
        guard probability > 0 else { return false }
        var random = generator(kind: kind, ordinal: ordinal)
        return random.chance(probability)
    }
}
