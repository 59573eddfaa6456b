package import Environment
internal import Primitives

/// The monotonic clock of one simulated machine: true time seen at a rate of its own, with jumps
/// ahead. It never goes back, whatever is done to it.
package struct SimulatedClock: Sendable, Equatable {
    /// Thousandths of a true second that pass on the clock in a true second.
    package private(set) var ratePermille: Int64
    private var baseTrue: Int64
    private var baseReading: Int64

    /// A clock that shows `reading` at the true time `trueNanoseconds`. `ratePermille` must be at
    /// least 1; 500 to 2,000 are plausible.
    package init(
        trueNanoseconds: Int64, reading: MonotonicInstant = MonotonicInstant(nanoseconds: 0),
        ratePermille: Int64 = 1_000
    ) {
        invariant(ratePermille > 0, "a clock at rate \(ratePermille) would stand still")
        self.ratePermille = ratePermille
        baseTrue = trueNanoseconds
        baseReading = reading.nanoseconds
    }

    /// What the clock shows at a true time; before the last change of the clock, what it showed
    /// then.
    package func reading(at trueNanoseconds: Int64) -> MonotonicInstant {
        let passed = max(0, trueNanoseconds - baseTrue)
        return MonotonicInstant(nanoseconds: baseReading + Self.scale(passed, ratePermille, 1_000))
    }

    /// The first true time at which the clock shows `instant` or later, if nothing changes it.
    package func trueNanoseconds(at instant: MonotonicInstant) -> Int64 {
        let wanted = max(0, instant.nanoseconds - baseReading)
        var passed = Self.scale(wanted, 1_000, ratePermille)
        while Self.scale(passed, ratePermille, 1_000) < wanted { passed += 1 }
        return baseTrue + passed
    }

    /// Runs at another rate from a true time on.
    package mutating func setRate(permille: Int64, at trueNanoseconds: Int64) {
        invariant(permille > 0, "a clock at rate \(permille) would stand still")
        rebase(trueNanoseconds)
        ratePermille = permille
    }

    /// Steps the clock. A step back leaves the reading where it is, as for any monotonic clock.
    package mutating func jump(nanoseconds: Int64, at trueNanoseconds: Int64) {
        rebase(trueNanoseconds)
        baseReading += max(0, nanoseconds)
    }

    private mutating func rebase(_ trueNanoseconds: Int64) {
        baseReading = reading(at: trueNanoseconds).nanoseconds
        baseTrue = max(baseTrue, trueNanoseconds)
    }

    /// `value * factor / divisor`, rounded down, without overflow for values up to 2^53.
    private static func scale(_ value: Int64, _ factor: Int64, _ divisor: Int64) -> Int64 {
        value / divisor * factor + value % divisor * factor / divisor
    }
}
