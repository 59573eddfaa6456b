import Primitives
import Testing

@Suite struct `Split mix generator` {
    /// The published test vector of the reference implementation.
    @Test func `the sequence is the reference implementation's`() {
        var generator = SplitMix64(seed: 1_234_567)
        let first = (0..<5).map { _ in generator.next() }
        #expect(
            first == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973,
                9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ])
        var zero = SplitMix64(seed: 0)
        #expect(zero.next() == 0xE220_A839_7B1D_CDAF)
    }

    @Test func `equal seeds give equal sequences, others don't`() {
        var (one, same, other) = (SplitMix64(seed: 7), SplitMix64(seed: 7), SplitMix64(seed: 8))
        let first = (0..<100).map { _ in one.next() }
        #expect(first == (0..<100).map { _ in same.next() })
        #expect(first != (0..<100).map { _ in other.next() })
        #expect(Set(first).count == 100)
    }

    @Test func `a copy goes its own way`() {
        var original = SplitMix64(seed: 3)
        var copy = original
        let first = original.next()
        _ = original.next()
        #expect(copy.next() == first)
    }

    @Test func `a split generator does not depend on the further use of its parent`() {
        var (one, two) = (SplitMix64(seed: 3), SplitMix64(seed: 3))
        var (child, twin) = (one.split(), two.split())
        _ = one.next()
        #expect(child.next() == twin.next())
        #expect(child.next() != one.next())
    }

    @Test(arguments: [1, 2, 3, 7, 100, Int.max])
    func `a number below a bound is in its range`(_ bound: Int) {
        var generator = SplitMix64(seed: UInt64(bound))
        for _ in 0..<200 {
            #expect((0..<bound).contains(generator.below(bound)))
        }
    }

    @Test func `small bounds reach each number about equally often`() {
        var generator = SplitMix64(seed: 1)
        var counts = Array(repeating: 0, count: 5)
        for _ in 0..<5_000 { counts[generator.below(5)] += 1 }
        #expect(counts.allSatisfy { (800...1_200).contains($0) }, "\(counts)")
    }

    @Test(arguments: [(0.0, 0...0), (1.0, 2_000...2_000), (0.25, 400...600)])
    func `a chance comes true as often as it says`(
        _ probability: Double, _ expected: ClosedRange<Int>
    ) {
        var generator = SplitMix64(seed: 5)
        let hits = (0..<2_000).count { _ in generator.chance(probability) }
        #expect(expected.contains(hits), "\(hits)")
    }

    @Test func `a bound must be positive`() async {
        await #expect(processExitsWith: .failure) {
            var generator = SplitMix64(seed: 1)
            _ = generator.below(0)
        }
    }
}
