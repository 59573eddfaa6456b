import Primitives
import Testing
import Wire

/// The hand-written protobuf reader and writer.
@Suite struct `Protobuf` {
    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64(Int64.max), .max])
    func `numbers are as the format has them`(number: UInt64) throws {
        var writer = ProtobufWriter()
        writer.write(5, number)
        var reader = ProtobufReader(writer.bytes)
        if number == 0 {
            #expect(writer.bytes.isEmpty)
        } else {
            #expect(try reader.nextField() == 5)
            #expect(try reader.uint64() == number)
        }
        #expect(try reader.nextField() == nil)
    }

    @Test func `300 at field 1 is the documentation's example`() {
        var writer = ProtobufWriter()
        writer.write(1, 150 as UInt64)
        #expect(writer.bytes == [0x08, 0x96, 0x01])
    }

    @Test func `a double is eight bytes, the least first`() throws {
        // Field 9, wire type 1, 1.5 = 0x3FF8000000000000.
        var reader = ProtobufReader([0x49, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F])
        #expect(try reader.nextField() == 9)
        #expect(try reader.double() == 1.5)
        #expect(try reader.nextField() == nil)
        var short = ProtobufReader([0x49, 0, 0, 0])
        #expect(try short.nextField() == 9)
        #expect(throws: ProtobufError.truncated(offset: 1)) { try short.double() }
    }

    @Test(arguments: [0, 1, 127, 128, 20_000], [0, 50, 200, 30_000])
    func `a wrong guess of a message's size does no harm`(size: Int, estimate: Int) throws {
        var writer = ProtobufWriter()
        writer.write(1, 9 as UInt64)
        writer.message(2, estimate: estimate) { inner in
            inner.writeEvenIfEmpty(3, Bytes(repeating: 7, count: size))
        }
        writer.write(4, 8 as UInt64)
        var reader = ProtobufReader(writer.bytes)
        #expect(try reader.nextField() == 1)
        try reader.skip()
        #expect(try reader.nextField() == 2)
        var inner = try reader.message()
        #expect(try inner.nextField() == 3)
        #expect(try inner.readBytes().count == size)
        #expect(try reader.nextField() == 4)
        #expect(try reader.uint64() == 8)
    }

    @Test func `packed and unpacked lists are read alike`() throws {
        var list: [UInt64] = []
        var reader = ProtobufReader([0x0A, 0x03, 0x01, 0x96, 0x01, 0x08, 0x02])
        while try reader.nextField() != nil { try reader.append(to: &list) }
        #expect(list == [1, 150, 2])
    }

    private static let damaged: [(Bytes, ProtobufError)] = [
        ([0x80], .truncated(offset: 0)),
        (Bytes(repeating: 0x80, count: 11), .varintTooLong(offset: 0)),
        ([0x00], .invalidTag(offset: 0)),
        ([0x0B], .invalidTag(offset: 0)),
        ([0x0A, 0x05, 0x01], .truncated(offset: 1)),
        ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated(offset: 1)),
        ([0x0D, 0x01], .truncated(offset: 1)),
    ]

    @Test(arguments: damaged)
    func `damage is an error and no trap`(bytes: Bytes, expected: ProtobufError) {
        #expect(throws: expected) {
            var reader = ProtobufReader(bytes)
            while try reader.nextField() != nil { try reader.skip() }
        }
    }

    @Test func `a field of another type and text that is no UTF-8 are refused`() {
        #expect(throws: ProtobufError.unexpectedType(field: 1)) {
            var reader = ProtobufReader([0x08, 0x01])
            _ = try reader.nextField()
            _ = try reader.readBytes()
        }
        #expect(throws: ProtobufError.invalidText(field: 1)) {
            var reader = ProtobufReader([0x0A, 0x01, 0xFF])
            _ = try reader.nextField()
            _ = try reader.text()
        }
    }

    @Test(arguments: ["", "plain text", "50% off", "Zürich\n"])
    func `a status message survives its header`(text: String) {
        let encoded = GRPCStatus(.unknown, text).encodedMessage
        #expect(encoded.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(GRPCStatus.decodeMessage(encoded) == text)
    }
}
