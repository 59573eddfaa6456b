import NIOCore
import NIOPosix
import Primitives
import Testing

@testable import Transport

/// WebSockets over TCP connections, with a server that a test plays.
@Suite struct WebSocketTests {
    /// Grants every request for a WebSocket, and answers others with a long page.
    private final class Service: StreamRouter, StreamReceiver {
        private let loop: any EventLoop
        private let sockets: AsyncStream<WebSocket>.Continuation
        private let heartbeat: TimeAmount

        init(
            _ loop: any EventLoop, _ sockets: AsyncStream<WebSocket>.Continuation,
            _ heartbeat: TimeAmount
        ) {
            self.loop = loop
            self.sockets = sockets
            self.heartbeat = heartbeat
        }

        func accept(_ stream: HTTPStream) {
            stream.receiver = self
            waiting = stream
        }

        private var waiting: HTTPStream?

        func requestEnded() {
            guard let stream = waiting else { return }
            // One that is none gets a page.
            if let handshake = try? WebSocketHandshake(stream.head, speaking: ["v5.x"]) {
                let socket = WebSocket(
                    granting: handshake, on: stream, loop: loop, heartbeat: heartbeat)
                sockets.yield(socket)
            } else {
                stream.start(status: 200, headers: [])
                stream.send(WebSocketTests.page)
                stream.finish()
            }
        }

        func received(_ bytes: UnsafeRawBufferPointer) {}
        func cancelled() {}
        func becameWritable() {}
    }

    private static let page = Bytes(repeating: 0x78, count: 8 << 20)

    private static let normalClose: Bytes = [0x88, 2, 0x03, 0xE8]

    private static let request = Bytes(
        """
        GET /a HTTP/1.1\r
        Host: a\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Protocol: v5.x\r
        \r

        """.utf8)

    /// Runs `body` with a client, and the sockets of the server that it talks to.
    private func run(
        heartbeat: TimeAmount = WebSocket.heartbeat,
        _ body: (RawClient, inout AsyncStream<WebSocket>.Iterator) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let (sockets, socket) = AsyncStream<WebSocket>.makeStream()
        let listener = try await loop.submit {
            try Listener(
                loop: loop, router: Service(loop, socket, heartbeat), turn: LoopTurn(loop: loop),
                tls: nil)
        }.get()
        let port = try await listener.bind(host: "127.0.0.1", port: 0).get()
        let client = try await RawClient.connect(group, port: port)
        var iterator = sockets.makeAsyncIterator()
        do {
            try await body(client, &iterator)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        client.close()
        try await loop.flatSubmit { listener.close(graceSeconds: 1) }.get()
        try await group.shutdownGracefully()
    }

    /// The same with the upgrade made.
    private func converse(
        heartbeat: TimeAmount = WebSocket.heartbeat,
        _ body: (RawClient, WebSocket) async throws -> Void
    ) async throws {
        try await run(heartbeat: heartbeat) { client, sockets in
            try await client.send(Self.request)
            let head = try await client.receive { $0.ends(with: [13, 10, 13, 10]) }
            #expect(head.starts(with: Bytes("HTTP/1.1 101 Switching Protocols\r\n".utf8)))
            let socket = try #require(await sockets.next())
            try await body(client, socket)
        }
    }

    private func message(_ socket: WebSocket) async throws -> Bytes? {
        var message: Bytes = []
        while let piece = try await socket.next() {
            message += piece.bytes
            if piece.ends { return message }
        }
        return nil
    }

    @Test func `what a client sends without waiting for the upgrade arrives`() async throws {
        try await run { client, sockets in
            try await client.send(Self.request + ClientFrame.binary([1, 2, 3]))
            let socket = try #require(await sockets.next())
            #expect(try await message(socket) == [1, 2, 3])
            try await socket.send([9])
            let frame: Bytes = [0x82, 1, 9]
            let heard = try await client.receive { $0.ends(with: frame) }
            #expect(String(decoding: heard, as: UTF8.self).contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        }
    }

    @Test func `megabytes go both ways unharmed`() async throws {
        try await converse { client, socket in
            let pattern = (0..<(2 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            async let sent: Void = client.send(ClientFrame.binary(pattern))
            async let echoed: Void = {
                while let piece = try await socket.next() {
                    try await socket.send(piece.bytes)
                    if piece.ends { break }
                }
                socket.close(.normal)
            }()
            let heard = try await client.receive { $0.ends(with: Self.normalClose) }
            try await sent
            try await echoed
            let isUnharmed = ServerFrames.payload(heard) == pattern
            #expect(isUnharmed)
        }
    }

    @Test func `pings are answered, between the parts of a message too`() async throws {
        try await converse { client, socket in
            try await client.send(
                ClientFrame(opcode: 2, payload: [1], isFinal: false).bytes
                    + ClientFrame.ping("here") + ClientFrame(opcode: 0, payload: [2]).bytes)
            #expect(try await message(socket) == [1, 2])
            let pong: Bytes = [0x8A, 4] + Bytes("here".utf8)
            #expect(try await client.receive { $0.count >= 6 } == pong)
        }
    }

    @Test func `who breaks the protocol is told so and hung up on`() async throws {
        try await converse { client, socket in
            try await client.send(ClientFrame(opcode: 2, payload: [1], mask: nil).bytes)
            #expect(try await client.receive() == [0x88, 2, 0x03, 0xEA])
            #expect(try await socket.next() == nil)
            await #expect(throws: WebSocketGone.self) { try await socket.send([1]) }
        }
    }

    @Test func `a client's close is answered with its code`() async throws {
        try await converse { client, socket in
            try await client.send(ClientFrame.binary([5]) + ClientFrame.close(3_001))
            #expect(try await client.receive() == [0x88, 2, 0x0B, 0xB9])
            await socket.ended()
            await #expect(throws: WebSocketGone.self) { try await socket.send([1]) }
        }
    }

    @Test func `what was said before a close arrives, though the client still speaks`()
        async throws
    {
        try await converse { client, socket in
            let answer = Bytes(repeating: 7, count: 300_000)
            // Far more than is fetched.
            async let spoken: Void = client.send(
                ClientFrame.bulk(Bytes(repeating: 1, count: 4 << 20)))
            _ = try await socket.next()
            try await socket.send(answer)
            socket.close(.normal)
            let heard = try await client.receive { $0.ends(with: Self.normalClose) }
            let isWhole = ServerFrames.payload(heard) == answer
            #expect(isWhole)
            try await spoken
            try await client.send(ClientFrame.close(1_000))
            #expect(try await client.receive() == [])
        }
    }

    @Test func `who sends faster than is fetched is held up, and shown that the server lives`()
        async throws
    {
        try await converse(heartbeat: .milliseconds(20)) { client, socket in
            let total = 16 << 20
            async let spoken: Void = client.send(
                ClientFrame.bulk(Bytes(repeating: 1, count: total)))
            let pongs = try await client.receive { $0.count >= 6 }
            #expect(pongs.prefix(6) == [0x8A, 0, 0x8A, 0, 0x8A, 0])
            let waiting = try await socket.waitingBytes()
            // What one pass of reading brings comes on top.
            #expect(waiting <= WebSocketConnection.waitingBytesMax + (4 * 262_144) + 4_096)
            var fetched = 0
            while let piece = try await socket.next() {
                fetched += piece.bytes.count
                if piece.ends { break }
            }
            try await spoken
            #expect(fetched == total)
        }
    }

    @Test func `who does not read holds the sender up, and gets one pong for many pings`()
        async throws
    {
        try await converse { client, socket in
            try await client.setReading(false)
            let chunk = Bytes(repeating: 3, count: 65_535)
            // More than kernel and server keep for it.
            async let sent: Void = {
                for _ in 0..<200 { try await socket.send(chunk) }
                socket.close(.normal)
            }()
            let pings = (0..<2_000).flatMap { ClientFrame.ping("\($0)") }
            try await client.send(pings + ClientFrame.binary([1]))
            #expect(try await message(socket) == [1])
            try await client.setReading(true)
            let heard = try await client.receive { $0.ends(with: Self.normalClose) }
            try await sent
            let count = ServerFrames.payload(heard).count
            #expect(count == 200 * chunk.count)
        }
    }

    @Test func `a task that is cancelled waits for the client no longer`() async throws {
        try await converse { client, socket in
            await withThrowingTaskGroup { group in
                group.addTask { _ = try await socket.next() }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            socket.close(.goingAway)
            let heard = try await client.receive { $0.count >= 4 }
            #expect(heard == [0x88, 2, 0x03, 0xE9])
        }
    }

    @Test func `a client that goes ends the wait for it`() async throws {
        try await converse { client, socket in
            client.close()
            let piece = try await socket.next()
            #expect(piece == nil)
            await socket.ended()
        }
    }

    @Test(arguments: ["Connection: close", "Connection: Upgrade\r\nUpgrade: h2c"])
    func `a page that is read slowly comes whole before the connection ends`(
        header: String
    ) async throws {
        try await run { client, _ in
            try await client.setReading(false)
            try await client.send(Bytes("GET / HTTP/1.1\r\nHost: a\r\n\(header)\r\n\r\n".utf8))
            try await client.setReading(true)
            let heard = try await client.receive()
            let head = String(decoding: heard.prefix(200), as: UTF8.self)
            #expect(head.contains("connection: close"))
            // Of so much nothing is printed.
            let count = heard.count { $0 == 0x78 }
            let isComplete = heard.ends(with: Bytes("0\r\n\r\n".utf8))
            #expect(count == Self.page.count && isComplete)
        }
    }
}

extension Bytes {
    fileprivate func ends(with end: Bytes) -> Bool {
        count >= end.count && self[(count - end.count)...].elementsEqual(end)
    }
}

/// What a server has sent.
private enum ServerFrames {
    /// The payload of all its messages.
    static func payload(_ bytes: Bytes) -> Bytes {
        var payload: Bytes = []
        var rest = bytes[...]
        while let first = rest.popFirst(), let second = rest.popFirst() {
            let opcode = first & 0x0F
            var length = Int(second)
            let width = length == 126 ? 2 : length == 127 ? 8 : 0
            if width > 0 { length = rest.prefix(width).reduce(0) { $0 << 8 | Int($1) } }
            rest = rest.dropFirst(width)
            if opcode <= 2 { payload += rest.prefix(length) }
            rest = rest.dropFirst(length)
        }
        return payload
    }
}
