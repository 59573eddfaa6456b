import Primitives
import StoreModel
import Testing

@testable import MVCC

/// docs/formats/backend.md: records and the blocks that hold them.
@Suite struct RecordCodingTests {
    private static let versions = [
        version("k", "", create: 1, mod: 1, version: 1),
        version("key", "value", create: 3, mod: 9, version: 4, lease: -7),
        version("deleted", "", create: 0, mod: 5, version: 0),
        version(
            "long", String(repeating: "v", count: 100), create: .max, mod: .max, version: .max),
    ]

    private func encoded(_ keyValue: KeyValue, sub: Int32) -> Bytes {
        var writer = ByteWriter()
        keyValue.encode(hash: keyValue.contentHash(sub: sub), into: &writer)
        return writer.bytes
    }

    private func decoded(_ bytes: Bytes, _ id: RecordID) throws -> KeyValue {
        try KeyValue(decoding: bytes.span, id: id)
    }

    @Test(arguments: versions)
    func `a record is read as it was written`(keyValue: KeyValue) throws {
        let bytes = encoded(keyValue, sub: 3)
        #expect(bytes.count == RecordHeader.encodedCount(of: keyValue))
        let id = RecordID(main: keyValue.modRevision, sub: 3)
        #expect(try decoded(bytes, id) == keyValue)
    }

    @Test(arguments: versions)
    func `a damaged record, or one in the wrong place, is refused`(keyValue: KeyValue) {
        let bytes = encoded(keyValue, sub: 3)
        let id = RecordID(main: keyValue.modRevision, sub: 3)
        for count in bytes.indices {
            #expect(throws: DecodingError.self) { try decoded(Bytes(bytes[..<count]), id) }
        }
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: DecodingError.self) { try decoded(damaged, id) }
        }
        for wrong in [
            RecordID(main: keyValue.modRevision, sub: 2),
            RecordID(main: keyValue.modRevision.previous, sub: 3),
        ] {
            #expect(throws: DecodingError.self) { try decoded(bytes, wrong) }
        }
    }

    private func tail(_ names: [(Int64, Int32)]) -> ContiguousArray<TailRecord> {
        ContiguousArray(
            names.map { main, sub in
                let keyValue = version(
                    "key \(main).\(sub)", String(repeating: "v", count: Int(main % 7)),
                    create: main, mod: main, version: 1)
                return TailRecord(
                    keyValue: keyValue, sub: sub, hash: keyValue.contentHash(sub: sub))
            })
    }

    private static let shapes: [[(Int64, Int32)]] = [
        [(5, 0)], [(5, 0), (6, 0), (7, 0)], [(5, 0), (5, 1), (5, 2), (6, 0)],
        [(5, 0), (9, 0), (9, 3), (1_000, 0)], [(7, 1), (7, 2), (8, 0)],
    ]

    @Test(arguments: shapes.indices)
    func `every record of a block is found, and no other`(shape: Int) throws {
        let records = tail(Self.shapes[shape])
        let base = RecordID(main: Revision(5), sub: 0)
        let block = RecordBlock.encode(base: base, records)
        let places = try RecordBlock.places(in: block.span, base: base)
        #expect(places.map(\.id) == records.map(\.id))
        for main in Int64(3)...12 {
            for sub in Int32(0)...4 {
                let id = RecordID(main: Revision(main), sub: sub)
                let expected = places.first { $0.id == id }?.bytes
                #expect(RecordBlock.find(id, in: block.span, base: base) == expected)
                if let guess = RecordBlock.guess(id, in: block.span, base: base) {
                    #expect(guess == expected)
                }
            }
        }
    }

    @Test func `a block without its dead records has the others`() throws {
        let records = tail([(5, 0), (5, 1), (6, 0), (9, 0)])
        let base = records[0].id
        let block = RecordBlock.encode(base: base, records)
        let rest = try RecordBlock.removing(
            [records[2].id, records[0].id], from: block.span, base: base)
        let kept: ContiguousArray = [records[1], records[3]]
        #expect(rest?.bytes == RecordBlock.encode(base: base, kept))
        #expect(rest?.count == 2)
        let all = ContiguousArray(records.map(\.id))
        #expect(try RecordBlock.removing(all, from: block.span, base: base) == nil)
    }

    @Test(arguments: shapes.indices)
    func `a damaged block is refused, or a record in it`(shape: Int) {
        let records = tail(Self.shapes[shape])
        let base = RecordID(main: Revision(5), sub: 0)
        let block = RecordBlock.encode(base: base, records)
        var damages = block.indices.map { Bytes(block[..<$0]) } + [block + [0]]
        for bit in 0..<block.count * 8 {
            damages.append(block)
            damages[damages.count - 1][bit / 8] ^= 1 << UInt8(bit % 8)
        }
        for damaged in damages {
            #expect(throws: DecodingError.self) {
                for place in try RecordBlock.places(in: damaged.span, base: base) {
                    let record = damaged.span.extracting(place.bytes)
                    _ = try KeyValue(decoding: record, id: place.id)
                }
            }
            for record in records {
                // Whatever is found lies within the block.
                _ = RecordBlock.find(record.id, in: damaged.span, base: base)
                _ = RecordBlock.guess(record.id, in: damaged.span, base: base)
            }
        }
    }

    @Test func `names of records sort as bytes as they do as numbers`() throws {
        let names: [RecordID] = [
            RecordID(main: Revision(1), sub: 0), RecordID(main: Revision(1), sub: 1),
            RecordID(main: Revision(1), sub: 256), RecordID(main: Revision(2), sub: 0),
            RecordID(main: Revision(256), sub: 0), RecordID(main: Revision(.max), sub: .max),
        ]
        let encoded = names.map(\.encoded)
        #expect(encoded == encoded.sorted { $0.lexicographicallyPrecedes($1) })
        for (name, bytes) in zip(names, encoded) {
            #expect(try RecordID(decoding: bytes.span) == name)
        }
        #expect(throws: DecodingError.self) { try RecordID(decoding: Bytes([0]).span) }
        #expect(throws: DecodingError.self) {
            try RecordID(decoding: Bytes(repeating: 0xFF, count: 12).span)
        }
    }
}

extension RecordBlock {
    /// A block of all the records.
    fileprivate static func encode(
        base: RecordID, _ records: some Collection<TailRecord>
    ) -> Bytes {
        let records = ContiguousArray(records)
        let parts = records.enumerated().map { position, record in
            Part(
                id: record.id, position: position,
                byteCount: RecordHeader.encodedCount(of: record.keyValue))
        }
        return encode(base: base, ContiguousArray(parts), of: records)
    }
}
