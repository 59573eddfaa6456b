import Primitives
import Testing

/// The expected values were computed by an independent program: a change of any of them would
/// make members of different versions disagree on equal states.
@Suite struct `Stable hasher` {
    private func hash(seed: UInt64 = 0, _ feed: (inout StableHasher) -> Void) -> UInt64 {
        var hasher = StableHasher(seed: seed)
        feed(&hasher)
        return hasher.value
    }

    @Test func `values are the same on every machine`() {
        #expect(hash { _ in } == 0x4821_8226_FF3C_D4BF)
        #expect(hash(seed: 7) { _ in } == 0x74B5_ABCC_66B8_BDC1)
        #expect(hash { $0.combine(UInt64(1)) } == 0x85C6_1A30_0EC7_0FA1)
        #expect(hash { $0.combine(Int64(-1)) } == 0x02A2_8B16_6501_827C)
        #expect(hash { $0.combine(Bytes("hello".utf8)) } == 0x825E_6431_793C_9A71)
        #expect(hash { $0.combine(Bytes(0..<20)) } == 0x2287_2744_4EEB_989F)
    }

    @Test func `order matters`() {
        let ascending = hash {
            $0.combine(UInt64(1))
            $0.combine(UInt64(2))
        }
        let descending = hash {
            $0.combine(UInt64(2))
            $0.combine(UInt64(1))
        }
        #expect(ascending == 0xC6CB_A1ED_49C4_305E)
        #expect(ascending != descending)
    }

    @Test func `runs of bytes cannot slide into one another`() {
        func pair(_ first: Bytes, _ second: Bytes) -> UInt64 {
            hash {
                $0.combine(first)
                $0.combine(second)
            }
        }
        #expect(pair([1, 2], [3]) != pair([1], [2, 3]))
        #expect(pair([], [1]) != pair([1], []))
        #expect(hash { $0.combine(Bytes()) } != hash { _ in })
        #expect(hash { $0.combine([0] as Bytes) } != hash { $0.combine([0, 0] as Bytes) })
    }

    @Test func `reading the value does not change it`() {
        var hasher = StableHasher()
        hasher.combine(UInt64(4))
        #expect(hasher.value == hasher.value)
    }

    @Test func `every bit of the input changes the hash`() {
        let plain = Bytes(repeating: 0, count: 17)
        var seen: Set = [hash { $0.combine(plain) }]
        for position in plain.indices {
            for bit in 0..<8 {
                var bytes = plain
                bytes[position] = 1 << bit
                #expect(seen.insert(hash { $0.combine(bytes) }).inserted)
            }
        }
    }

    @Test func `mixing is a bijection as far as a sample shows`() {
        let mixed = Set((0..<10_000 as Range<UInt64>).map(mix64))
        #expect(mixed.count == 10_000)
        #expect(mix64(0) == 0)
    }
}
