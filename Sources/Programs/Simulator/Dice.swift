internal import Primitives

/// The source of all chance in a run.
///
/// Each choice has a generator of its own, keyed by what it is for, by whom it concerns and by an
/// ordinal, and not by its place in one long sequence: taking a fault out of a run therefore does
/// not shift the choices that have nothing to do with it, so that a schedule can be shrunk.
struct Dice: Sendable {
    /// What a choice is for. The numbers are part of what a seed means.
    enum Purpose: UInt64, Sendable {
        case plan = 1
        case schedule = 2
        case fault = 3
        case message = 4
        case job = 5
        case start = 6
        case crash = 7
        case operation = 8
        case watcher = 9
        case admin = 10
        case disk = 11
        case liveness = 12
        case turn = 13
    }

    /// The seed of the run.
    let seed: UInt64

    /// The generator for one choice.
    func generator(_ purpose: Purpose, _ who: UInt64 = 0, _ ordinal: UInt64 = 0) -> SplitMix64 {
        var key = mix64(seed ^ (purpose.rawValue << 56))
        key = mix64(key ^ (who &* 0x9E37_79B9_7F4A_7C15))
        return SplitMix64(seed: mix64(key ^ (ordinal &* 0xD6E8_FEB8_6659_FD93)))
    }
}

extension SplitMix64 {
    /// A number of the range, both ends included.
    mutating func between(_ low: Int64, _ high: Int64) -> Int64 {
        guard high > low else { return low }
        return low + Int64(below(Int(high - low + 1)))
    }

    /// A number of the range, both ends included.
    mutating func between(_ low: Int, _ high: Int) -> Int {
        guard high > low else { return low }
        return low + below(high - low + 1)
    }

    /// One of the elements.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// A fraction from 0 up to, not including, 1.
    mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// The position of one of the weights, drawn in proportion to them; they must not all be 0.
    mutating func weighted(_ weights: [Int]) -> Int {
        var rest = below(weights.reduce(0, +))
        for (position, weight) in weights.enumerated() {
            if rest < weight { return position }
            rest -= weight
        }
        return weights.count - 1
    }

    /// A waiting time with the given mean, from half to one and a half of it.
    mutating func around(_ mean: Int64) -> Int64 {
        mean / 2 + between(0, max(1, mean))
    }
}
