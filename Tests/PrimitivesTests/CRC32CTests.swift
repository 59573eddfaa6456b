import Primitives
import Testing

/// CRC-32C, by the processor's instruction and by tables.
@Suite struct CRC32CTests {
    /// RFC 3720 §B.4, and the check value of the catalogue of parametrised CRC algorithms.
    static let known: [(Bytes, UInt32)] = [
        ([], 0),
        (Bytes("123456789".utf8), 0xE306_9283),
        (Bytes(repeating: 0, count: 32), 0x8A91_36AA),
        (Bytes(repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Bytes(0..<32), 0x46DD_794E),
        (Bytes((0..<32).reversed()), 0x113F_DB5C),
    ]

    @Test(arguments: known)
    func `known values come out`(bytes: Bytes, expected: UInt32) {
        #expect(CRC32C.checksum(of: bytes) == expected)
        #expect(CRC32C.checksumByTables(of: bytes) == expected)
    }

    @Test func `both ways agree at every length and alignment`() {
        var random = SplitMix64(seed: 1)
        let bytes = (0..<600).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for start in 0..<9 {
            for end in start..<bytes.count {
                let part = Bytes(bytes[start..<end])
                let expected = CRC32C.checksumByTables(of: part)
                #expect(CRC32C.checksum(of: bytes, in: start..<end) == expected)
            }
        }
    }

    @Test func `runs add up to the whole`() {
        var random = SplitMix64(seed: 2)
        let bytes = (0..<1_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let whole = CRC32C.checksum(of: bytes)
        for _ in 0..<200 {
            let cut = random.below(bytes.count + 1)
            var checksum = CRC32C()
            checksum.update(bytes, in: 0..<cut)
            checksum = CRC32C(continuing: checksum.value)
            checksum.update(Bytes(bytes[cut...]))
            #expect(checksum.value == whole)
        }
    }

    @Test func `a number counts as its eight bytes`() {
        var checksum = CRC32C()
        checksum.update(0x0807_0605_0403_0201)
        #expect(checksum.value == CRC32C.checksum(of: [1, 2, 3, 4, 5, 6, 7, 8]))
    }

    @Test func `every flipped bit changes the checksum`() {
        let bytes = Bytes(0..<100)
        let whole = CRC32C.checksum(of: bytes)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(CRC32C.checksum(of: damaged) != whole)
        }
    }
}
