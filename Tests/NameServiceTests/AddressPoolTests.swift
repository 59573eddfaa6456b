import NameService
import Primitives
import ServiceModel
import Testing

struct AddressPoolTests {
    private let small = IPv4Range(IPv4Address(127, 64, 0, 0), prefixBits: 29)!

    @Test func `addresses are given out from the lowest`() throws {
        var pool = AddressPool(range: small)
        #expect(try pool.allocate() == IPv4Address(127, 64, 0, 1))
        #expect(try pool.allocate() == IPv4Address(127, 64, 0, 2))
        try pool.allocate(IPv4Address(127, 64, 0, 3))
        #expect(try pool.allocate() == IPv4Address(127, 64, 0, 4))
        try pool.release(IPv4Address(127, 64, 0, 2))
        #expect(try pool.allocate() == IPv4Address(127, 64, 0, 2))
        #expect(pool.inUseCount == 4)
    }

    @Test func `addresses are given out from a place on, and around the range`() throws {
        var pool = AddressPool(range: small)
        let places: [(UInt64, UInt8)] = [
            (5, 5), (5, 6), (5, 1), (1_000_000_007 * 7 + 2, 2), (5, 3), (4, 4),
        ]
        for (place, last) in places {
            #expect(try pool.allocate(from: place) == IPv4Address(127, 64, 0, last))
        }
        #expect(throws: AddressPoolError.exhausted(small)) { try pool.allocate(from: 3) }
        var wide = AddressPool(range: .services)
        #expect(try wide.allocate(from: 1 << 20 - 2) == IPv4Address(127, 79, 255, 254))
        #expect(try wide.allocate(from: 1 << 20 - 2) == IPv4Address(127, 64, 0, 1))
    }

    @Test func `a full range says so and changes nothing`() throws {
        var pool = AddressPool(range: small)
        for _ in 0..<6 { _ = try pool.allocate() }
        #expect(throws: AddressPoolError.exhausted(small)) { try pool.allocate() }
        #expect(pool.inUseCount == 6)
        try pool.release(IPv4Address(127, 64, 0, 6))
        #expect(try pool.allocate() == IPv4Address(127, 64, 0, 6))
    }

    @Test func `reserved addresses go to who asks for them`() throws {
        let names = IPv4Address(127, 64, 0, 1)
        var pool = AddressPool(range: small, reserved: [names, IPv4Address(10, 0, 0, 1)])
        #expect(try pool.allocate() == IPv4Address(127, 64, 0, 2))
        try pool.allocate(names)
        #expect(throws: AddressPoolError.inUse(names)) { try pool.allocate(names) }
        try pool.release(names)
        #expect(try pool.allocate() == IPv4Address(127, 64, 0, 3))
        try pool.allocate(IPv4Address(127, 64, 0, 7))
        try pool.allocate(IPv4Address(127, 64, 0, 0))
        #expect(pool.inUseCount == 4)
    }

    @Test func `wrong requests are refused`() throws {
        var pool = AddressPool(range: small)
        let outside = IPv4Address(127, 64, 0, 8)
        #expect(throws: AddressPoolError.outside(outside, small)) { try pool.allocate(outside) }
        #expect(throws: AddressPoolError.outside(outside, small)) { try pool.release(outside) }
        let first = try pool.allocate()
        #expect(throws: AddressPoolError.inUse(first)) { try pool.allocate(first) }
        try pool.release(first)
        #expect(throws: AddressPoolError.notInUse(first)) { try pool.release(first) }
        #expect(pool.inUseCount == 0)
        #expect(!pool.isInUse(outside))
    }

    @Test func `the whole range for pods can be given out`() throws {
        var pool = AddressPool(range: .pods)
        for _ in 0..<10_000 { _ = try pool.allocate() }
        try pool.allocate(IPv4Address(127, 127, 255, 254))
        #expect(throws: AddressPoolError.self) {
            try pool.allocate(IPv4Address(127, 127, 255, 254))
        }
        #expect(try pool.allocate() == IPv4Address(127, 96, 39, 17))
        #expect(IPv4Range.pods.count == 1 << 21)
    }

    /// Against a set that is searched from the start each time.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a pool does as a plain list`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let range = try #require(IPv4Range(IPv4Address(127, 64, 3, 0), prefixBits: 24))
        let reserved = IPv4Address(127, 64, 3, 10)
        var pool = AddressPool(range: range, reserved: [reserved])
        var used: Set<UInt32> = []
        for _ in 0..<2_000 {
            let address = IPv4Address(bits: range.first.bits + UInt32(generator.below(256)))
            switch generator.below(4) {
            case 0, 1:
                let lowest = (range.first.bits + 1..<range.last.bits).first {
                    !used.contains($0) && $0 != reserved.bits
                }
                // Full means that there is none.
                #expect((try? pool.allocate())?.bits == lowest)
                if let lowest { used.insert(lowest) }
            case 2:
                let isFree = !used.contains(address.bits)
                // Refused is as good as taken here.
                #expect(((try? pool.allocate(address)) != nil) == isFree)
                used.insert(address.bits)
            default:
                let isUsed = used.remove(address.bits) != nil
                // The same.
                #expect(((try? pool.release(address)) != nil) == isUsed)
            }
            #expect(pool.inUseCount == used.count)
        }
    }
}

struct IPv4AddressTests {
    @Test(arguments: ["0.0.0.0", "127.64.0.1", "255.255.255.255"])
    func `addresses are read as they are written`(text: String) {
        #expect(IPv4Address(text)?.description == text)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.-4", "1.2.3.+4", "1.2..4",
        " 1.2.3.4", "1.2.3.4 ", "1.2.3.x", "::1", "1.2.3.99999999999999999999",
    ])
    func `other texts are no addresses`(text: String) {
        #expect(IPv4Address(text) == nil)
    }

    @Test func `ranges are cut at bits`() {
        let range = IPv4Range(IPv4Address(127, 70, 1, 1), prefixBits: 10)
        #expect(range == .local)
        #expect(IPv4Range.local.description == "127.64.0.0/10")
        #expect(IPv4Range.services.description == "127.64.0.0/12")
        #expect(IPv4Range.pods.description == "127.96.0.0/11")
        #expect(IPv4Range.local.contains(IPv4Address(127, 127, 255, 255)))
        #expect(!IPv4Range.local.contains(IPv4Address(127, 128, 0, 0)))
        #expect(!IPv4Range.local.contains(IPv4Address(127, 63, 255, 255)))
        #expect(IPv4Range(IPv4Address(1, 2, 3, 4), prefixBits: 33) == nil)
        #expect(IPv4Range(IPv4Address(1, 2, 3, 4), prefixBits: 0)?.count == 1 << 32)
        #expect(IPv4Range(IPv4Address(1, 2, 3, 4), prefixBits: 32)?.count == 1)
    }
}
