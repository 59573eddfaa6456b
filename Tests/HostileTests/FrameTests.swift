import Primitives
import Testing
import Wire

/// What is said on a connection whose preface was right, and how the server ends it.
struct HostileFrames: CustomStringConvertible {
    var name: String
    var bytes: Bytes
    var expected: Answer

    init(_ name: String, _ bytes: Bytes, _ expected: Answer) {
        self.name = name
        self.bytes = bytes
        self.expected = expected
    }

    init(_ name: String, _ frames: [Frame], _ expected: Answer) {
        self.init(name, frames.flatMap { $0.bytes() }, expected)
    }

    var description: String { name }
}

/// HTTP/2 that breaks RFC 9113: the stream or the connection ends with the RFC's error code.
@Suite struct `Wrong HTTP/2` {
    @Test func `ends the stream or the connection, and nobody else notices`() throws {
        let store = try StoreProcess()
        for row in Self.sizes + Self.places + Self.values + Self.headerBlocks + Self.requests {
            let client = try Conversation(port: store.port)
            client.connection.send(row.bytes)
            let answer: Answer
            switch row.expected {
            case .goAway, .closed, .silence: answer = client.ending(patience: 2_000)
            default: answer = client.answer(0, patience: 2_000)
            }
            #expect(row.expected.admits(answer), "\(row.name): \(answer)")
        }
        store.expectServesOthers("wrong HTTP/2")
    }

    private static let open = Frame(
        Frame.Kind.headers, flags: Frame.Flag.endHeaders, stream: 1, Call().headerBlock)
    private static let protocolError = Answer.goAway(1)
    private static let flowControlError = Answer.goAway(3)
    private static let streamClosed = Answer.goAway(5)
    private static let frameSizeError = Answer.goAway(6)
    private static let compressionError = Answer.goAway(9)

    private static let sizes: [HostileFrames] = [
        HostileFrames(
            "a frame of 16 MiB",
            Frame(Frame.Kind.data, stream: 1).bytes(length: 0xFF_FFFF), frameSizeError),
        HostileFrames(
            "a frame one byte too long",
            Frame(Frame.Kind.data, stream: 1).bytes(length: 16_385), frameSizeError),
        HostileFrames("short ping", [Frame(Frame.Kind.ping, [1])], frameSizeError),
        HostileFrames("short settings", [Frame(Frame.Kind.settings, [1])], frameSizeError),
        HostileFrames(
            "acknowledged settings with content",
            [
                Frame(
                    Frame.Kind.settings, flags: Frame.Flag.acknowledgement,
                    Frame.setting(3, 1))
            ], frameSizeError),
        HostileFrames("short goodbye", [Frame(Frame.Kind.goAway, [0])], frameSizeError),
        HostileFrames(
            "short reset", [open, Frame(Frame.Kind.reset, stream: 1, [0])], frameSizeError),
        HostileFrames(
            "short window", [Frame(Frame.Kind.windowUpdate, [0])], frameSizeError),
        HostileFrames(
            "short priority", [Frame(Frame.Kind.priority, stream: 1, [0])], frameSizeError),
        HostileFrames(
            "padding longer than the frame",
            [open, Frame(Frame.Kind.data, flags: Frame.Flag.padded, stream: 1, [200, 0])],
            protocolError),
        HostileFrames(
            "headers shorter than their priority",
            [
                Frame(
                    Frame.Kind.headers, flags: Frame.Flag.endHeaders | Frame.Flag.priority,
                    stream: 1, [0])
            ], frameSizeError),
    ]

    private static let places: [HostileFrames] = [
        HostileFrames("data on no stream", [Frame(Frame.Kind.data)], protocolError),
        HostileFrames(
            "headers on no stream",
            [Frame(Frame.Kind.headers, flags: Frame.Flag.endHeaders, Call().headerBlock)],
            protocolError),
        HostileFrames(
            "headers on the server's stream",
            [
                Frame(
                    Frame.Kind.headers, flags: Frame.Flag.endHeaders, stream: 2,
                    Call().headerBlock)
            ], protocolError),
        HostileFrames(
            "data before headers", [Frame(Frame.Kind.data, stream: 1, [0])], protocolError),
        HostileFrames(
            "reset before headers", [Frame(Frame.Kind.reset, stream: 1, Frame.word(0))],
            protocolError),
        HostileFrames(
            "reset of no stream", [Frame(Frame.Kind.reset, Frame.word(0))], protocolError),
        HostileFrames(
            "window before headers", [Frame(Frame.Kind.windowUpdate, stream: 1, Frame.word(1))],
            protocolError),
        HostileFrames(
            "settings on a stream", [Frame(Frame.Kind.settings, stream: 1)], protocolError),
        HostileFrames(
            "ping on a stream", [Frame(Frame.Kind.ping, stream: 1, Bytes(repeating: 0, count: 8))],
            protocolError),
        HostileFrames(
            "goodbye on a stream",
            [Frame(Frame.Kind.goAway, stream: 1, Bytes(repeating: 0, count: 8))],
            protocolError),
        HostileFrames(
            "a promise from a client",
            [
                open,
                Frame(
                    Frame.Kind.pushPromise, flags: Frame.Flag.endHeaders, stream: 1,
                    Frame.word(2)),
            ], protocolError),
        HostileFrames(
            "continuation of nothing",
            [Frame(Frame.Kind.continuation, flags: Frame.Flag.endHeaders, stream: 1)],
            protocolError),
        HostileFrames(
            "a ping inside a header block",
            [
                Frame(Frame.Kind.headers, stream: 1, Call().headerBlock),
                Frame(Frame.Kind.ping, Bytes(repeating: 0, count: 8)),
            ], protocolError),
        HostileFrames(
            "the block of another stream goes on",
            [
                Frame(Frame.Kind.headers, stream: 1, Call().headerBlock),
                Frame(Frame.Kind.continuation, flags: Frame.Flag.endHeaders, stream: 3),
            ], protocolError),
        HostileFrames(
            "data behind the end",
            [
                Frame(
                    Frame.Kind.headers, flags: Frame.Flag.endHeaders | Frame.Flag.endStream,
                    stream: 1,
                    Call("/etcdserverpb.Watch/Watch", body: []).headerBlock),
                Frame(Frame.Kind.data, stream: 1, [0]),
            ], streamClosed),
    ]

    private static let values: [HostileFrames] = [
        HostileFrames(
            "window of zero", [Frame(Frame.Kind.windowUpdate, Frame.word(0))], protocolError),
        HostileFrames(
            "window beyond 2^31",
            [Frame(Frame.Kind.windowUpdate, Frame.word(0x7FFF_FFFF))], flowControlError),
        HostileFrames(
            "first window beyond 2^31",
            [Frame(Frame.Kind.settings, Frame.setting(4, 0x8000_0000))], flowControlError),
        HostileFrames(
            "frames of one byte", [Frame(Frame.Kind.settings, Frame.setting(5, 1))],
            protocolError),
        HostileFrames(
            "push that is neither on nor off",
            [Frame(Frame.Kind.settings, Frame.setting(2, 2))], protocolError),
        HostileFrames(
            "settings acknowledged that nobody sent",
            Array(
                repeating: Frame(Frame.Kind.settings, flags: Frame.Flag.acknowledgement), count: 5
            ), protocolError),
    ]

    private static func block(_ name: String, _ block: Bytes, _ expected: Answer)
        -> HostileFrames
    {
        HostileFrames(
            name,
            [
                Frame(
                    Frame.Kind.headers, flags: Frame.Flag.endHeaders | Frame.Flag.endStream,
                    stream: 1, block)
            ], expected)
    }

    private static let headerBlocks: [HostileFrames] = [
        block("an index beyond the table", [0xFF, 0x80, 0x01], compressionError),
        block("index zero", [0x80], compressionError),
        block("a text longer than the block", [0, 127, 10, 1], compressionError),
        block("Huffman code with a long end", [0, 0x81, 0xFF, 1, 97], compressionError),
        block("a table of 1 GiB", [0x3F, 0xFF, 0xFF, 0xFF, 0xFF, 0x03], compressionError),
        block(
            "a number without an end", [0x7F] + Bytes(repeating: 0xFF, count: 20),
            compressionError),
    ]

    private static let pseudo = [
        (":method", "POST"), (":scheme", "http"), (":path", "/a/b"), (":authority", "x"),
    ]
    private static let streamError = Answer.reset(1)

    private static let requests: [HostileFrames] = [
        block("no headers", [], streamError),
        block("no path", Frame.block([pseudo[0], pseudo[1]]), streamError),
        block("empty path", Frame.block([pseudo[0], pseudo[1], (":path", "")]), streamError),
        block(
            "path without a slash", Frame.block([pseudo[0], pseudo[1], (":path", "a/b")]),
            streamError),
        block("two methods", Frame.block(pseudo + [(":method", "GET")]), streamError),
        block(
            "the method behind other headers",
            Frame.block([("a", "b")] + pseudo), streamError),
        block("an unknown pseudo header", Frame.block(pseudo + [(":a", "b")]), streamError),
        block("a status", Frame.block(pseudo + [(":status", "200")]), streamError),
        block("capitals in a name", Frame.block(pseudo + [("Content-Type", "a")]), streamError),
        block("a line break in a value", Frame.block(pseudo + [("a", "b\r\nc: d")]), streamError),
        block("connection", Frame.block(pseudo + [("connection", "close")]), streamError),
        block(
            "transfer-encoding", Frame.block(pseudo + [("transfer-encoding", "chunked")]),
            streamError),
        block("te that is not trailers", Frame.block(pseudo + [("te", "gzip")]), streamError),
        HostileFrames(
            "a shorter body than announced",
            [
                Frame(
                    Frame.Kind.headers, flags: Frame.Flag.endHeaders, stream: 1,
                    Call(headers: [("content-length", "100")]).headerBlock),
                Frame(
                    Frame.Kind.data, flags: Frame.Flag.endStream, stream: 1, [0, 0, 0, 0, 0]),
            ], streamError),
        block(
            "17 KiB of headers",
            Frame.block(pseudo + (0..<17).map { ("a\($0)", String(repeating: "b", count: 950)) }),
            .refused(431, "")),
        // Each byte stands for a header of 4,000 bytes that was sent once.
        block(
            "a bomb: 48 MiB of headers in 16 KiB",
            Frame.block(pseudo) + [0x40] + Frame.text("a")
                + Frame.text(String(repeating: "b", count: 4_000))
                + Bytes(repeating: 0xBE, count: 12_000),
            .refused(431, "")),
        HostileFrames(
            "unknown kinds of frames are skipped",
            Frame(0x2A, flags: 255, stream: 9, [1, 2, 3]).bytes()
                + Frame(
                    Frame.Kind.headers, flags: Frame.Flag.endHeaders | Frame.Flag.endStream,
                    stream: 1, Call("/a/b", []).headerBlock
                ).bytes(),
            .status(12, "unknown service a")),
        HostileFrames(
            "one stream more than allowed", streams(1_025), .reset(7)),
    ]

    private static func streams(_ count: Int) -> [Frame] {
        let block = Call("/etcdserverpb.Watch/Watch", body: []).headerBlock
        return (0..<count).map {
            Frame(
                Frame.Kind.headers, flags: Frame.Flag.endHeaders, stream: UInt32(2 * $0 + 1),
                block)
        }
    }
}

/// First bytes that are neither HTTP/2 nor HTTP/1.1.
@Suite struct `Wrong first bytes` {
    @Test func `end the connection`() throws {
        let store = try StoreProcess()
        let rows: [(name: String, bytes: Bytes, expected: Answer)] = [
            ("preface cut off", Bytes("PRI * HTTP/2.0\r\n\r\nSM".utf8), .closed),
            ("preface with another end", Bytes("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".utf8), .closed),
            ("half a preface, then garbage", Bytes("PRI * HTTX".utf8), .closed),
            (
                "headers before settings",
                Frame.preface
                    + Frame(
                        Frame.Kind.headers, flags: Frame.Flag.endHeaders, stream: 1,
                        Call().headerBlock
                    ).bytes(),
                .goAway(1)
            ),
            ("TLS where there is none", [22, 3, 1, 0, 5, 1, 0, 0, 1, 3], .closed),
            ("zeros", Bytes(repeating: 0, count: 1_000), .closed),
            ("ones", Bytes(repeating: 255, count: 1_000), .closed),
        ]
        for row in rows {
            let client = try Conversation(port: store.port, greets: false)
            client.connection.send(row.bytes)
            if row.expected == .closed { client.connection.endSending() }
            let answer = client.ending(patience: 8_000)
            #expect(answer == row.expected, "\(row.name)")
        }
        store.expectServesOthers("wrong first bytes")
    }

    /// GHSA-6vch-q96h-7gc3.
    @Test func `who says nothing is hung up on after five seconds and not before`() throws {
        let store = try StoreProcess()
        let silent = try (0..<100).map { _ in try RawConnection(port: store.port) }
        let slow = try RawConnection(port: store.port)
        slow.send(Bytes("PRI".utf8))
        let talking = try Conversation(port: store.port)
        #expect(silent[0].receive(patience: 4_000) == .silence)
        for connection in silent + [slow] {
            #expect(connection.receive(patience: 3_000) == .closed)
        }
        #expect(talking.call(Call()) == .served)
        store.expectServesOthers("silence")
    }
}
