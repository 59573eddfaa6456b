import Primitives
import Testing

@testable import Transport

/// Frames of clients (RFC 6455 §5).
@Suite struct WebSocketDecoderTests {
    /// Everything that some bytes say, given in pieces of a size.
    private static func events(
        _ bytes: Bytes, inPiecesOf size: Int = .max
    ) throws(WebSocketFailure) -> [WebSocketEvent] {
        var decoder = WebSocketDecoder()
        var events: [WebSocketEvent] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            events += try decoder.take(rest.prefix(size))
            rest = rest.dropFirst(size)
            #expect(decoder.keptBytes <= 14 + 125)
        }
        return events
    }

    /// The same with the pieces of a message put together.
    private static func joined(_ events: [WebSocketEvent]) -> [WebSocketEvent] {
        var whole: [WebSocketEvent] = []
        var message: Bytes = []
        for event in events {
            guard case .data(let bytes, let begins, let ends) = event else {
                whole.append(event)
                continue
            }
            #expect(begins == message.isEmpty || !begins)
            message += bytes
            guard ends else { continue }
            whole.append(.data(message, begins: true, ends: true))
            message = []
        }
        return whole
    }

    /// Long and short, text and binary, in fragments with a ping between, and the end.
    private static let conversation: Bytes =
        ClientFrame(opcode: 1, payload: Bytes("hello".utf8)).bytes
        + ClientFrame.binary(Bytes(repeating: 1, count: 125))
        + ClientFrame.binary(Bytes(repeating: 2, count: 126))
        + ClientFrame.binary(Bytes(repeating: 3, count: 65_535))
        + ClientFrame.binary(Bytes(repeating: 4, count: 65_536))
        + ClientFrame(opcode: 2, payload: Bytes("in ".utf8), isFinal: false).bytes
        + ClientFrame.ping("there?")
        + ClientFrame(opcode: 0, payload: Bytes("three ".utf8), isFinal: false).bytes
        + ClientFrame(opcode: 10).bytes
        + ClientFrame(opcode: 0, payload: Bytes("parts".utf8)).bytes
        + ClientFrame.close(1_000)

    private static let said: [WebSocketEvent] =
        [
            Bytes("hello".utf8), Bytes(repeating: 1, count: 125), Bytes(repeating: 2, count: 126),
            Bytes(repeating: 3, count: 65_535), Bytes(repeating: 4, count: 65_536),
        ].map { .data($0, begins: true, ends: true) } + [
            .ping(Bytes("there?".utf8)), .pong,
            .data(Bytes("in three parts".utf8), begins: true, ends: true), .close(1_000),
        ]

    @Test(arguments: [1, 2, 3, 7, 100, 4_096, .max])
    func `what is said does not depend on how its bytes arrive`(size: Int) throws {
        let events = try Self.events(Self.conversation, inPiecesOf: size)
        #expect(Self.joined(events) == Self.said)
    }

    @Test func `an example of the standard is read`() throws {
        // RFC 6455 §5.7.
        let masked: Bytes = [
            0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58,
        ]
        let hello = Bytes("Hello".utf8)
        #expect(try Self.events(masked) == [.data(hello, begins: true, ends: true)])
        #expect(WebSocketFrame.bytes(.text, hello) == [0x81, 0x05] + hello)
    }

    @Test func `messages and frames may be empty`() throws {
        let bytes =
            ClientFrame(opcode: 2).bytes + ClientFrame(opcode: 2, isFinal: false).bytes
            + ClientFrame(opcode: 0, payload: [7]).bytes + ClientFrame(opcode: 8).bytes
        #expect(
            try Self.events(bytes) == [
                .data([], begins: true, ends: true), .data([], begins: true, ends: false),
                .data([7], begins: false, ends: true), .close(nil),
            ])
    }

    @Test func `a frame of any length is handed on without being kept`() throws {
        var decoder = WebSocketDecoder()
        let head = ClientFrame(opcode: 2, claimedBytes: UInt64(Int64.max)).bytes
        #expect(try decoder.take(head[...]) == [])
        for number in 0..<100 {
            let events = try decoder.take(Bytes(repeating: 0, count: 10_000)[...])
            guard case .data(let bytes, let begins, false) = events.first else {
                Issue.record("\(events.count) events")
                return
            }
            #expect(bytes.count == 10_000 && begins == (number == 0) && events.count == 1)
            #expect(decoder.keptBytes == 0)
        }
    }

    private static let wrong: [(String, Bytes, WebSocketFailure)] = [
        ("not masked", ClientFrame(opcode: 2, payload: [1], mask: nil).bytes, .notMasked),
        ("RSV1", ClientFrame(opcode: 2, reserved: 0x40).bytes, .reservedBits),
        ("RSV2", ClientFrame(opcode: 2, reserved: 0x20).bytes, .reservedBits),
        ("RSV3", ClientFrame(opcode: 9, reserved: 0x10).bytes, .reservedBits),
        ("opcode 3", ClientFrame(opcode: 3).bytes, .unknownOpcode(3)),
        ("opcode 15", ClientFrame(opcode: 15).bytes, .unknownOpcode(15)),
        ("a long ping", ClientFrame(opcode: 9, payload: Bytes(repeating: 0, count: 126)).bytes,
            .controlTooLong),
        ("a ping of 2^62 bytes", ClientFrame(opcode: 9, claimedBytes: 1 << 62).bytes,
            .controlTooLong),
        ("half a ping", ClientFrame(opcode: 9, isFinal: false).bytes, .controlFragmented),
        ("half a close", ClientFrame(opcode: 8, isFinal: false).bytes, .controlFragmented),
        ("125 in two bytes", ClientFrame(opcode: 2, lengthBytes: 2, claimedBytes: 125).bytes,
            .wrongLength),
        ("65,535 in eight bytes",
            ClientFrame(opcode: 2, lengthBytes: 8, claimedBytes: 65_535).bytes, .wrongLength),
        ("2^63 bytes", ClientFrame(opcode: 2, claimedBytes: 1 << 63).bytes, .wrongLength),
        ("2^64-1 bytes", ClientFrame(opcode: 2, claimedBytes: .max).bytes, .wrongLength),
        ("a continuation of nothing", ClientFrame(opcode: 0).bytes, .nothingToContinue),
        ("a continuation of what has ended", ClientFrame.binary([1]) + ClientFrame(opcode: 0).bytes,
            .nothingToContinue),
        ("a message within a message",
            ClientFrame(opcode: 2, isFinal: false).bytes + ClientFrame(opcode: 1).bytes,
            .messageNotEnded),
        ("half a code", ClientFrame(opcode: 8, payload: [3]).bytes, .wrongClose),
    ] + [0, 999, 1_004, 1_005, 1_006, 1_015, 2_999, 5_000].map { (code: UInt16) in
        ("code \(code)", ClientFrame.close(code), .wrongClose)
    }

    @Test func `what breaks the protocol is found, however it arrives`() {
        for (name, bytes, failure) in Self.wrong {
            for size in [1, 3, .max] {
                #expect(throws: failure, "\(name), \(size)") {
                    try Self.events(bytes, inPiecesOf: size)
                }
            }
        }
    }

    @Test(arguments: 0..<8)
    func `garbage is refused or read, and never kept`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            var bytes = Self.conversation.prefix(6 + Int(generator.next() % 700))
            for _ in 0..<(generator.next() % 4) {
                let place = Int(generator.next() % UInt64(bytes.count))
                bytes[place] = UInt8(truncatingIfNeeded: generator.next())
            }
            // Either way is right; that it ends and holds nothing is looked at within.
            _ = try? Self.events(Bytes(bytes), inPiecesOf: 1 + Int(generator.next() % 64))
        }
    }
}
