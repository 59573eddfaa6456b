import Primitives
import Raft
import Testing

@testable import WriteAheadLog

/// The encoding of records and sectors, byte by byte.
@Suite struct RecordTests {
    static let records: [LogRecord] = [
        .hardState(hardState(7, 3, 1 << 40)),
        .base(EntryID(index: LogIndex(1 << 33), term: Term(9))),
        .entry(Entry(term: Term(1), index: LogIndex(2), payload: .noOp)),
        .entry(Entry(term: Term(1), index: LogIndex(2), payload: .command([]))),
        .entry(Entry(term: Term(1), index: LogIndex(2), payload: .command([5, 6, 7]))),
        .entry(
            Entry(
                term: Term(1), index: LogIndex(2),
                payload: .membership(
                    Membership(
                        voters: [PeerID(1), PeerID(2)], outgoingVoters: [PeerID(3)],
                        learners: [PeerID(4)], nextLearners: [PeerID(5)]),
                    context: [1, 2]))),
    ]

    private static func encoded(_ record: LogRecord) -> Bytes {
        var writer = ByteWriter()
        switch record {
        case .hardState(let hardState): writer.writeRecord(hardState)
        case .base(let entry): writer.writeRecord(base: entry)
        case .entry(let entry): writer.writeRecord(entry)
        }
        return writer.bytes
    }

    private static func decoded(_ bytes: Bytes) throws(DecodingError) -> LogRecord {
        var reader = ByteReader(bytes)
        let record = try reader.readRecord()
        try reader.finish()
        return record
    }

    @Test(arguments: records)
    func `a record comes back as it was`(_ record: LogRecord) throws {
        #expect(try Self.decoded(Self.encoded(record)) == record)
    }

    @Test func `the bytes are those that the format names`() {
        #expect(
            Self.encoded(.hardState(hardState(1, 2, 3)))
                == [24, 0, 0, 0, 1] + [1, 0, 0, 0, 0, 0, 0, 0] + [2, 0, 0, 0, 0, 0, 0, 0]
                + [3, 0, 0, 0, 0, 0, 0, 0])
        #expect(
            Self.encoded(Self.records[4])
                == [19, 0, 0, 0, 4] + [2, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0]
                + [5, 6, 7])
    }

    @Test(arguments: records)
    func `every truncation of a record is refused`(_ record: LogRecord) {
        let bytes = Self.encoded(record)
        for count in bytes.indices {
            #expect(throws: DecodingError.self) { try Self.decoded(Bytes(bytes[..<count])) }
        }
    }

    @Test(arguments: records)
    func `every flipped bit of a record gives another record or a refusal`(
        _ record: LogRecord
    ) {
        let bytes = Self.encoded(record)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            do {
                let found = try Self.decoded(flipped)
                // A list of members may lose its order, which it has by rule, and gain it again.
                if case .entry(let entry) = found, case .membership = entry.payload { continue }
                #expect(found != record, "bit \(bit)")
            } catch {
                continue
            }
        }
    }

    @Test func `a hostile length reserves nothing`() {
        let bytes: Bytes = [0xFF, 0xFF, 0xFF, 0xFF, 5] + Bytes(repeating: 0xFF, count: 40)
        #expect(throws: DecodingError.self) { try Self.decoded(bytes) }
        let lists: Bytes =
            [20, 0, 0, 0, 5] + Bytes(repeating: 0, count: 16) + [0xFF, 0xFF, 0xFF, 0xFF]
        #expect(throws: DecodingError.self) { try Self.decoded(lists) }
    }

    @Test func `the trailers of all segments differ from each other and zero in two bits`() {
        var random = SplitMix64(seed: 1)
        let numbers = (1...300).map { UInt32($0) }
            + (0..<300).map { _ in 1 + UInt32(random.below(Int(Sector.sequenceMax))) }
            + (0..<28).map { 1 << $0 } + [Sector.sequenceMax]
        for number in numbers {
            let trailer = Sector.trailer(of: number)
            #expect(Sector.isTrailer(trailer) && trailer.nonzeroBitCount >= 2)
            for bit in 0..<32 {
                #expect(!Sector.isTrailer(trailer ^ 1 << UInt32(bit)), "\(number), bit \(bit)")
            }
        }
    }

    @Test func `no sector of a batch can be taken for an empty one or one of another segment`() {
        var encoder = BatchEncoder()
        encoder.add(
            Entry(
                term: .zero, index: LogIndex(1),
                payload: .command(Bytes(repeating: 0, count: 5_000))))
        let options = LogRun.options
        func cursor(_ sequence: UInt32) -> SegmentCursor {
            let header = SegmentHeader(
                sequence: sequence, startsLog: true, sizeBytes: 1 << 20, position: LogPosition(),
                previousEnd: 0, previousChain: 0)
            return SegmentCursor(
                header, sector: header.encoded(options), identity: options.identity)
        }
        _ = encoder.encode(at: cursor(8))
        #expect(encoder.sectors.count == encoder.sectorCount * 512)
        var bytes = Bytes(repeating: 0, count: 512) + encoder.sectors
        let other = SectorKey(identity: options.identity + 1, sequence: 8)
        for sector in 1...encoder.sectorCount {
            #expect(cursor(8).key.state(of: sector, in: bytes) == .current(batch: 1, durable: 0))
            #expect(cursor(9).key.state(of: sector, in: bytes) == .absent)
            #expect(cursor(7).key.state(of: sector, in: bytes) == .damaged)
            #expect(other.state(of: sector, in: bytes) == .damaged)
        }
        // A sector in the place of another is no sector of the log.
        bytes.replaceSubrange(512..<1_024, with: bytes[1_024..<1_536])
        #expect(cursor(8).key.state(of: 1, in: bytes) == .damaged)
    }

    @Test(arguments: [0, 3])
    func `a write that ended within a sector leaves it absent, or whole if nothing is missing`(
        _ oldSequence: UInt32
    ) {
        func sector(_ sequence: UInt32, _ byte: UInt8) -> (SectorKey, Bytes) {
            let header = SegmentHeader(
                sequence: sequence, startsLog: true, sizeBytes: 1 << 20, position: LogPosition(),
                previousEnd: 0, previousChain: 0)
            let cursor = SegmentCursor(
                header, sector: header.encoded(LogRun.options),
                identity: LogRun.options.identity)
            var encoder = BatchEncoder()
            encoder.add(
                Entry(
                    term: .zero, index: LogIndex(1),
                    payload: .command(Bytes(repeating: byte, count: 460))))
            _ = encoder.encode(at: cursor)
            return (cursor.key, encoder.sectors)
        }
        let old = oldSequence == 0 ? Bytes(repeating: 0, count: 512) : sector(oldSequence, 7).1
        let (key, new) = sector(0x1234_567, 9)
        #expect(new.count == 512)
        for count in 0...512 {
            let mixed = Bytes(repeating: 0, count: 512) + new.prefix(count) + old.dropFirst(count)
            // The record fills all but its last bytes, which are zero in both.
            let isWhole = count >= 12 + 8 + 5 + 16 + 460
            #expect(
                key.state(of: 1, in: mixed)
                    == (isWhole ? .current(batch: 1, durable: 0) : .absent), "\(count) bytes")
        }
    }

    @Test(arguments: [0, 1, 0x1f, UInt32.max])
    func `segment names are read as they are written`(_ sequence: UInt32) {
        for index in [0, 1, 0x3e9, UInt64.max] {
            let name = SegmentName(sequence: sequence, firstIndex: LogIndex(index))
            #expect(SegmentName(name.text) == name && name.text.utf8.count == 29)
        }
        #expect(
            SegmentName(sequence: 0x1f, firstIndex: LogIndex(0x3e9)).text
                == "0000001f-00000000000003e9.wal")
    }
}
