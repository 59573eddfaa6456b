import Primitives
import Testing

@Suite struct `Byte coding` {
    /// One of everything, so that a truncation can hit every kind of field.
    private static let sample: Bytes = {
        var writer = ByteWriter(capacity: 64)
        writer.write(UInt8(0xAB))
        writer.write(UInt16(0x0102))
        writer.write(UInt32(0x0304_0506))
        writer.write(UInt64(0x0708_090A_0B0C_0D0E))
        writer.write(Int64(-2))
        writer.writeBigEndian(UInt64(3))
        writer.write(true)
        writer.write(false)
        writer.writeCounted([7, 8, 9])
        writer.writeCounted("Zürich")
        return writer.bytes
    }()

    private struct Values: Equatable {
        var byte: UInt8
        var numbers: [UInt64]
        var signed: Int64
        var flags: [Bool]
        var run: Bytes
        var text: String
    }

    private static func readSample(_ bytes: Bytes) throws(DecodingError) -> Values {
        var reader = ByteReader(bytes)
        let byte = try reader.read(UInt8.self)
        let small = [
            UInt64(try reader.read(UInt16.self)), UInt64(try reader.read(UInt32.self)),
            try reader.read(UInt64.self),
        ]
        let signed = try reader.read(Int64.self)
        let big = try reader.readBigEndian(UInt64.self)
        let flags = [try reader.readFlag("first"), try reader.readFlag("second")]
        let run = try reader.readCounted()
        let text = try reader.readText("text")
        try reader.finish()
        return Values(
            byte: byte, numbers: small + [big], signed: signed, flags: flags, run: run, text: text)
    }

    @Test func `everything written is read back`() throws {
        let expected = Values(
            byte: 0xAB, numbers: [0x0102, 0x0304_0506, 0x0708_090A_0B0C_0D0E, 3], signed: -2,
            flags: [true, false], run: [7, 8, 9], text: "Zürich")
        #expect(try Self.readSample(Self.sample) == expected)
    }

    @Test func `numbers are little-endian unless asked for otherwise`() {
        var writer = ByteWriter()
        writer.write(UInt32(0x0102_0304))
        writer.writeBigEndian(UInt32(0x0102_0304))
        writer.write(Int16(-1))
        #expect(writer.bytes == [4, 3, 2, 1, 1, 2, 3, 4, 0xFF, 0xFF])
    }

    @Test(arguments: [
        (0, 1), (255, 256), (65_535, 65_536), (1, UInt64(1) << 56), (UInt64.max - 1, UInt64.max),
    ] as [(UInt64, UInt64)])
    func `big-endian bytes sort as their numbers do`(_ smaller: UInt64, _ larger: UInt64) {
        var (left, right) = (ByteWriter(), ByteWriter())
        left.writeBigEndian(smaller)
        right.writeBigEndian(larger)
        #expect(left.bytes.lexicographicallyPrecedes(right.bytes))
    }

    @Test(arguments: [Int64.min, -1, 0, 1, Int64.max])
    func `signed numbers survive both byte orders`(_ number: Int64) throws {
        var writer = ByteWriter()
        writer.write(number)
        writer.writeBigEndian(number)
        var reader = ByteReader(writer.bytes)
        #expect(try reader.read(Int64.self) == number)
        #expect(try reader.readBigEndian(Int64.self) == number)
        #expect(reader.remaining == 0)
    }

    @Test func `every truncation is an error that says where and how much is missing`() {
        for length in 0..<Self.sample.count {
            do throws(DecodingError) {
                _ = try Self.readSample(Bytes(Self.sample.prefix(length)))
                Issue.record("a prefix of \(length) bytes was read as a whole")
            } catch {
                guard case .truncated(let offset, let missing) = error else {
                    Issue.record("a prefix of \(length) bytes gave \(error)")
                    continue
                }
                #expect(missing > 0 && offset <= length)
                // So many more bytes would have served this read, and the sample has them.
                #expect(length + missing <= Self.sample.count)
            }
        }
    }

    @Test func `trailing bytes are refused`() {
        #expect(throws: DecodingError.invalid(
            field: "trailing bytes", offset: Self.sample.count)
        ) { try Self.readSample(Self.sample + [0]) }
    }

    /// The sample holds no redundancy: a flip must give other values or an error, never a trap.
    @Test func `every flipped bit gives other values or an error`() throws {
        let original = try Self.readSample(Self.sample)
        for position in Self.sample.indices {
            for bit in 0..<8 {
                var bytes = Self.sample
                bytes[position] ^= 1 << bit
                do throws(DecodingError) {
                    #expect(try Self.readSample(bytes) != original)
                } catch {
                    // Refused, which is as good.
                }
            }
        }
    }

    @Test(arguments: 2...255 as ClosedRange<UInt8>)
    func `a flag is 0 or 1`(_ byte: UInt8) {
        var reader = ByteReader([9, byte], from: 1)
        #expect(throws: DecodingError.invalid(field: "flag", offset: 1)) {
            try reader.readFlag("flag")
        }
    }

    @Test func `a hostile length is refused before anything is allocated`() {
        var reader = ByteReader([0xFF, 0xFF, 0xFF, 0xFF, 1, 2])
        #expect(throws: DecodingError.truncated(offset: 4, missing: 0xFFFF_FFFF - 2)) {
            try reader.readCounted()
        }
    }

    @Test(arguments: [
        // count, bytes that follow, smallest element, accepted
        (0, 0, 8, true), (1, 8, 8, true), (1, 7, 8, false), (3, 24, 8, true),
        (UInt32.max, 24, 1, false), (UInt32.max, 24, 1 << 20, false),
    ] as [(UInt32, Int, Int, Bool)])
    func `an element count must fit what is left`(
        _ count: UInt32, _ rest: Int, _ minimumSize: Int, _ isAccepted: Bool
    ) throws {
        var writer = ByteWriter()
        writer.write(count)
        var reader = ByteReader(writer.bytes + Bytes(repeating: 0, count: rest))
        if isAccepted {
            #expect(try reader.readCount(minimumSize: minimumSize) == Int(count))
            #expect(reader.remaining == rest)
        } else {
            #expect(throws: DecodingError.invalid(field: "count", offset: 0)) {
                try reader.readCount(minimumSize: minimumSize)
            }
        }
    }

    @Test func `a negative count is refused`() {
        var reader = ByteReader([1, 2])
        #expect(throws: DecodingError.invalid(field: "count", offset: 0)) {
            try reader.read(count: -1)
        }
        #expect(reader.offset == 0)
    }

    @Test(arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [Bytes])
    func `text that is not UTF-8 is refused`(_ bytes: Bytes) {
        var writer = ByteWriter()
        writer.writeCounted(bytes)
        var reader = ByteReader(writer.bytes)
        #expect(throws: DecodingError.invalid(field: "name", offset: 0)) {
            try reader.readText("name")
        }
    }

    @Test(arguments: [(-5, 3), (0, 3), (2, 1), (3, 0), (99, 0)])
    func `a reader may start anywhere and never before or behind its bytes`(
        _ start: Int, _ remaining: Int
    ) {
        #expect(ByteReader([1, 2, 3], from: start).remaining == remaining)
    }

    @Test func `a failed read moves nothing`() throws {
        var reader = ByteReader([1, 2])
        #expect(throws: DecodingError.truncated(offset: 0, missing: 2)) {
            try reader.read(UInt32.self)
        }
        #expect(try reader.read(UInt16.self) == 0x0201)
    }
}
