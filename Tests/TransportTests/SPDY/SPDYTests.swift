import Primitives
import Testing

@testable import Transport

/// Frames of SPDY/3.1, as far as tunnels need them. The header blocks are zlib's own, made with
/// Python.
@Suite struct SPDYTests {
    private static let errorBlock: Bytes = [
        0x78, 0xF9, 0xE3, 0xC6, 0xA7, 0xC2, 0x02, 0x25, 0x3A, 0x48, 0xF9, 0x5B, 0x04, 0x4E, 0xEA,
        0x16, 0x06, 0x16, 0x06, 0x40, 0x9A, 0xB3, 0x08, 0x12, 0x5F, 0x99, 0xA0, 0x74, 0xCC, 0x68,
        0x00, 0x4E, 0x89, 0x25, 0x45, 0xA9, 0x89, 0xB9, 0xD0, 0xC2, 0x86, 0x35, 0x15, 0x14, 0x15,
        0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF,
    ]
    /// Packed with what was in the one before.
    private static let dataBlock: Bytes = [
        0x22, 0x53, 0x33, 0xA8, 0xA4, 0x4A, 0x04, 0x00, 0x00, 0x00, 0xFF, 0xFF,
    ]

    private static func control(_ kind: UInt8, _ body: Bytes, ends: Bool = false) -> Bytes {
        [0x80, 3, 0, kind, ends ? 1 : 0, 0, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }

    private static func open(_ stream: UInt8, _ block: Bytes, ends: Bool = false) -> Bytes {
        control(1, [0, 0, 0, stream, 0, 0, 0, 0, 0, 0] + block, ends: ends)
    }

    private static func events(
        _ bytes: Bytes, inPiecesOf size: Int = .max
    ) throws(SPDYFailure) -> [SPDYEvent] {
        var decoder = SPDYDecoder()
        var events: [SPDYEvent] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            events += try decoder.take(rest.prefix(size))
            rest = rest.dropFirst(size)
            #expect(decoder.keptBytes <= SPDYDecoder.controlBytesMax + 8)
        }
        return events
    }

    @Test(arguments: [1, 2, 5, 9, .max])
    func `what is said does not depend on how its bytes arrive`(size: Int) throws {
        let bytes =
            Self.open(1, Self.errorBlock, ends: true) + Self.open(3, Self.dataBlock)
            + SPDYEncoder.data(3, Bytes(repeating: 7, count: 1_000))
            // SETTINGS and WINDOW_UPDATE concern nobody here.
            + Self.control(4, [0, 0, 0, 0]) + Self.control(9, [0, 0, 0, 3, 0, 1, 0, 0])
            + SPDYEncoder.ping(5) + SPDYEncoder.data(3, [], ends: true)
            + SPDYEncoder.reset(3, .cancel) + Self.control(7, [0, 0, 0, 0, 0, 0, 0, 0])
        let events = try Self.events(bytes, inPiecesOf: size)
        var data: Bytes = []
        let others = events.filter { event in
            guard case .data(3, let bytes, false) = event else { return true }
            data += bytes
            return false
        }
        #expect(data == Bytes(repeating: 7, count: 1_000))
        #expect(
            others == [
                .open(
                    stream: 1,
                    headers: ["port": "8080", "requestid": "0", "streamtype": "error"], ends: true),
                .open(
                    stream: 3,
                    headers: ["port": "8080", "requestid": "0", "streamtype": "data"], ends: false),
                .ping(5), .data(stream: 3, [], ends: true), .reset(stream: 3), .goAway,
            ])
    }

    @Test func `the dictionary is the standard's`() {
        // Its checksum is what zlib's head names: Adler-32, here of 1,423 bytes.
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in SPDYDictionary.bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        #expect(high << 16 | low == 0xE3C6_A7C2)
    }

    @Test func `answers are frames of zlib's that go on with each other`() throws {
        var encoder = SPDYEncoder()
        let first = encoder.reply(1)
        let second = encoder.reply(3)
        #expect(first.prefix(12) == [0x80, 3, 0, 2, 0, 0, 0, 20, 0, 0, 0, 1])
        #expect(second.prefix(12) == [0x80, 3, 0, 2, 0, 0, 0, 18, 0, 0, 0, 3])
        let reader = SPDYHeaderReader()
        #expect(try reader.read(first.dropFirst(12)) == [:])
        #expect(try reader.read(second.dropFirst(12)) == [:])
    }

    private static let wrong: [(String, Bytes, SPDYFailure)] = [
        ("SPDY/2", [0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1], .wrongVersion(2)),
        ("a control frame of 16 MiB", [0x80, 3, 0, 1, 0, 0xFF, 0xFF, 0xFF], .wrongLength),
        ("a short ping", control(6, [0, 0, 1]), .wrongLength),
        ("a stream without a block", control(1, [0, 0, 0, 1]), .wrongLength),
        ("an empty block", open(1, []), .wrongHeaders),
        ("a block that is none", open(1, [1, 2, 3, 4, 5, 6, 7, 8]), .wrongHeaders),
        ("half a block", open(1, Bytes(errorBlock.prefix(20))), .wrongHeaders),
        ("a block that goes on with nothing", open(1, dataBlock), .wrongHeaders),
        ("another dictionary",
            open(1, [
                0x78, 0xF9, 0x44, 0x2D, 0x07, 0x48, 0x62, 0x60, 0x60, 0x60, 0x04, 0xE1, 0x44,
                0x10, 0x91, 0x04, 0x00, 0x00, 0x00, 0xFF, 0xFF,
            ]), .wrongHeaders),
        ("20,000 bytes in 60",
            open(1, [
                0x78, 0xF9, 0xE3, 0xC6, 0xA7, 0xC2, 0xEC, 0xD2, 0x31, 0x0D, 0x00, 0x00, 0x08,
                0xC0, 0xB0, 0xE0, 0x04, 0x45, 0x88, 0xC0, 0xBF, 0x08, 0xC0, 0x05, 0x47, 0x9B,
                0xCC, 0xC1, 0xF6, 0xA3, 0xB8, 0x76, 0xEC, 0xCA, 0x06, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x00, 0x00, 0xE0, 0x85, 0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF,
            ]), .wrongHeaders),
        ("four billion headers",
            open(1, [
                0x78, 0xF9, 0xE3, 0xC6, 0xA7, 0xC2, 0xFA, 0x0F, 0x04, 0xC0, 0xB4, 0xC4, 0x98,
                0x08, 0x00, 0x00, 0x00, 0xFF, 0xFF,
            ]), .wrongHeaders),
        ("a name longer than its block",
            open(1, [
                0x78, 0xF9, 0xE3, 0xC6, 0xA7, 0xC2, 0x02, 0xA6, 0x23, 0x46, 0x06, 0x86, 0xFF,
                0xFF, 0x13, 0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF,
            ]), .wrongHeaders),
    ]

    @Test func `what breaks the protocol is found, however it arrives`() {
        for (name, bytes, failure) in Self.wrong {
            for size in [1, 7, .max] {
                #expect(throws: failure, "\(name), \(size)") {
                    try Self.events(bytes, inPiecesOf: size)
                }
            }
        }
    }

    @Test(arguments: 0..<4)
    func `garbage is refused or read, and never kept`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let whole = Self.open(1, Self.errorBlock) + Self.open(3, Self.dataBlock)
            + SPDYEncoder.data(3, [1, 2, 3])
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0...(generator.next() % 3) {
                let place = Int(generator.next() % UInt64(bytes.count))
                bytes[place] = UInt8(truncatingIfNeeded: generator.next())
            }
            // Either way is right; that nothing is held is looked at within.
            _ = try? Self.events(bytes, inPiecesOf: 1 + Int(generator.next() % 64))
        }
    }
}
