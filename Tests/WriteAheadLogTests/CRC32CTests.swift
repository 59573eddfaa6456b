import Primitives
import Testing

/// What every checksum of the log rests on: CRC-32C against the vectors of RFC 3720 appendix B.4 and the check value of the algorithm.
@Suite struct CRC32CTests {
    @Test(arguments: [
        (Bytes("123456789".utf8), 0xE306_9283), ([], 0), (Bytes(repeating: 0, count: 32), 0x8A91_36AA),
        (Bytes(repeating: 0xFF, count: 32), 0x62A8_AB43), (Bytes(0..<32), 0x46DD_794E),
        (Bytes((0..<32).reversed()), 0x113F_DB5C),
        (
            [
                0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0,
                0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
            ], 0xD996_3A56
        ),
    ] as [(Bytes, UInt32)])
    func `known answers`(_ bytes: Bytes, _ expected: UInt32) {
        #expect(CRC32C.checksum(of: bytes) == expected
            && CRC32C.checksumByTables(of: bytes) == expected)
    }

    @Test func `a checksum can be made in parts of any length`() {
        let bytes = Bytes((0..<100).map { UInt8(truncatingIfNeeded: $0 * 37) })
        for split in 0...bytes.count {
            var checksum = CRC32C()
            checksum.update(bytes, in: 0..<split)
            checksum = CRC32C(continuing: checksum.value)
            checksum.update(bytes, in: split..<100)
            #expect(checksum.value == CRC32C.checksum(of: bytes))
        }
    }
}
