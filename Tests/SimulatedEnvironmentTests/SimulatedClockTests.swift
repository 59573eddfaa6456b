import Environment
import Primitives
import SimulatedEnvironment
import Testing

/// Clocks that run fast, slow and by jumps, but never back.
@Suite struct SimulatedClockTests {
    private let second: Int64 = 1_000_000_000

    @Test func `a clock runs at its rate`() {
        var clock = SimulatedClock(trueNanoseconds: 100, ratePermille: 500)
        #expect(clock.reading(at: 100 + 10 * second).nanoseconds == 5 * second)
        clock.setRate(permille: 2_000, at: 100 + 10 * second)
        #expect(clock.reading(at: 100 + 11 * second).nanoseconds == 7 * second)
        #expect(clock.ratePermille == 2_000)
    }

    @Test func `a jump ahead shows, a jump back does not`() {
        let start = MonotonicInstant(nanoseconds: 7)
        var clock = SimulatedClock(trueNanoseconds: 0, reading: start)
        clock.jump(nanoseconds: 3_600 * second, at: second)
        #expect(clock.reading(at: second).nanoseconds == 7 + 3_601 * second)
        clock.jump(nanoseconds: -3_600 * second, at: 2 * second)
        #expect(clock.reading(at: 2 * second).nanoseconds == 7 + 3_602 * second)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `whatever is done to a clock, it never goes back`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var clock = SimulatedClock(trueNanoseconds: 0)
        var now: Int64 = 0
        var last = clock.reading(at: now)
        for _ in 0..<500 {
            now += Int64(random.below(2_000_000_000))
            switch random.below(3) {
            case 0: clock.setRate(permille: Int64(500 + random.below(1_501)), at: now)
            case 1: clock.jump(nanoseconds: Int64(random.below(20)) * second - 10 * second, at: now)
            default: break
            }
            let reading = clock.reading(at: now)
            #expect(reading >= last)
            last = reading
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the true time of an instant is the first that shows it`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let clock = SimulatedClock(
            trueNanoseconds: Int64(random.below(1_000_000)),
            reading: MonotonicInstant(nanoseconds: Int64(random.below(1_000_000))),
            ratePermille: Int64(500 + random.below(1_501)))
        for _ in 0..<200 {
            let instant = MonotonicInstant(
                nanoseconds: 1_000_001 + Int64(random.below(10_000_000_000)))
            let time = clock.trueNanoseconds(at: instant)
            #expect(clock.reading(at: time) >= instant)
            #expect(clock.reading(at: time - 1) < instant)
        }
    }
}
