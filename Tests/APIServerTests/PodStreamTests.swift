import Primitives
import ResourceModel
import Testing

@testable import APIServer
@testable import Transport

/// Clients that talk to what runs in pods.
@Suite struct PodStreamTests {
    private static let pods = "/api/v1/namespaces/default/pods"
    private static let exec = pods + "/p/exec?container=c&stdin=1&stdout=1&stderr=1&command="

    /// Runs `body` with a server that has a pod.
    private static func run(
        _ body: @escaping @Sendable (TestServer, TestPods) async throws -> Void
    ) async throws {
        let pods = TestPods()
        try await TestServer.run(pods: pods) { server in
            let pod: JSON = [
                "metadata": ["name": "p"],
                "spec": ["nodeName": "n", "containers": [["name": "c", "image": "host"]]],
            ]
            #expect(try await server.send("POST", Self.pods, pod).status == 201)
            try await body(server, pods)
        }
    }

    private static func upgrade(
        _ server: TestServer, _ target: String, _ subprotocol: String = "v5.channel.k8s.io"
    ) async throws -> TestStream {
        try await server.open(
            "GET", target,
            headers: [
                ("upgrade", "websocket"), ("connection", "Upgrade"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("sec-websocket-protocol", subprotocol),
            ], version: 1)
    }

    /// A client's frame, with a mask that changes nothing.
    private static func frame(_ text: String, channel: UInt8? = nil) -> Bytes {
        part((channel.map { [$0] } ?? []) + Bytes(text.utf8), opcode: 2, isFinal: true)
    }

    private static func part(_ payload: Bytes, opcode: UInt8, isFinal: Bool) -> Bytes {
        [(isFinal ? 0x80 : 0) | opcode, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
    }

    /// The messages of a server: frames that are whole in each piece.
    private struct Messages {
        var pieces: AsyncStream<Bytes>.Iterator

        /// The next message; nil at the end, and for Close.
        mutating func next() async -> Bytes? {
            guard let frame = await pieces.next(), frame[0] & 0x0F == 2 else { return nil }
            return Bytes(frame.dropFirst(frame[1] == 126 ? 4 : 2))
        }

        /// Puts what comes on each channel together until all is there.
        mutating func expect(_ wanted: [UInt8: String]) async {
            var said: [UInt8: String] = [:]
            while said != wanted, let message = await next() {
                let text = String(decoding: message.dropFirst(), as: UTF8.self)
                said[message[0], default: ""] += text
            }
            #expect(said == wanted)
        }
    }

    @Test(arguments: CommandConversation.subprotocols)
    func `a client and a command talk on channels`(subprotocol: String) async throws {
        try await Self.run { server, _ in
            let client = try await Self.upgrade(server, Self.exec + "cat", subprotocol)
            var messages = Messages(pieces: client.pieces.makeAsyncIterator())
            await messages.expect([2: "listening"])
            // A message in four parts, the first without a byte.
            try await client.say(
                Self.part([], opcode: 2, isFinal: false) + Self.part([0], opcode: 0, isFinal: false)
                    + Self.part(Bytes("hel".utf8), opcode: 0, isFinal: false)
                    + Self.part(Bytes("lo".utf8), opcode: 0, isFinal: true))
            await messages.expect([1: "hello"])
            for message in [
                // What is no size, no channel, no channel of the client's, and no message at all.
                Self.frame("{\"Width\":80}", channel: 4), Self.frame("wide", channel: 4),
                Self.frame("{\"Width\":70000,\"Height\":1}", channel: 4),
                Self.frame("what", channel: 9), Self.frame("what", channel: 1), Self.frame(""),
                Self.frame(String(repeating: " ", count: 100), channel: 255),
                Self.frame("{\"Width\":80,\"Height\":24}", channel: 4),
            ] { try await client.say(message) }
            await messages.expect([1: "80x24"])
            try await client.say(Self.frame("\0", channel: 255))
            await messages.expect([3: "{\"metadata\":{},\"status\":\"Success\"}"])
            #expect(await messages.next() == nil)
        }
    }

    @Test func `a command that cannot be started says why on the channel of its end`()
        async throws
    {
        try await Self.run { server, _ in
            let client = try await Self.upgrade(server, Self.exec + "nonsense")
            var messages = Messages(pieces: client.pieces.makeAsyncIterator())
            let message = try #require(await messages.next())
            let status = try JSON(parsing: Bytes(message.dropFirst()))
            #expect(message[0] == 3 && status["reason"] == "InternalError")
            #expect(
                status["message"] == .string(
                    "Internal error occurred: error executing command in container: "
                        + "there is no such thing"))
        }
    }

    @Test func `ends have names`() {
        let status = CommandConversation.status(exitCode: 7)
        #expect(status["reason"] == "NonZeroExitCode" && status["status"] == "Failure")
        #expect(status["details"]["causes"] == [["reason": "ExitCode", "message": "7"]])
    }

    @Test func `a command ends when its client goes, or says that it does`() async throws {
        try await Self.run { server, pods in
            var kills = pods.kills.makeAsyncIterator()
            for saysSo in [false, true] {
                let client = try await Self.upgrade(server, Self.exec + "cat")
                var messages = Messages(pieces: client.pieces.makeAsyncIterator())
                await messages.expect([2: "listening"])
                if saysSo {
                    try await client.say(Self.part([0x03, 0xE8], opcode: 8, isFinal: true))
                } else {
                    try await client.hangUp()
                }
                await kills.next()
            }
        }
    }

    @Test func `only so many talk at a time`() async throws {
        try await Self.run { server, pods in
            var clients: [TestStream] = []
            for _ in 0..<APIRouter.conversationsMax {
                let client = try await Self.upgrade(server, Self.exec + "cat")
                var messages = Messages(pieces: client.pieces.makeAsyncIterator())
                await messages.expect([2: "listening"])
                clients.append(client)
            }
            let late = try await Self.upgrade(server, Self.exec + "cat").answer()
            #expect(late.status == 429)
            // Others are served as ever.
            #expect(try await server.send("GET", Self.pods).status == 200)
            for client in clients { try await client.hangUp() }
        }
    }

    /// SPDY's frames in a WebSocket's.
    private static func tunnelled(_ frame: Bytes) -> Bytes {
        part(frame, opcode: 2, isFinal: true)
    }

    /// SYN_STREAM with headers in a stored block of zlib's.
    private static func open(_ stream: UInt8, _ kind: String, port: String) -> Bytes {
        let words = ["port", port, "requestid", "1", "streamtype", kind]
        let block: Bytes =
            [0, 0, 0, 3] + words.flatMap { [0, 0, 0, UInt8($0.utf8.count)] + Bytes($0.utf8) }
        let size = UInt8(block.count)
        let packed = (stream == 1 ? [0x78, 0x01] : []) + [0, size, 0, ~size, 0xFF] + block
        return tunnelled(
            [0x80, 3, 0, 1, 0, 0, 0, UInt8(10 + packed.count), 0, 0, 0, stream, 0, 0, 0, 0, 0, 0]
                + packed)
    }

    @Test func `ports of a pod are reached through a tunnel`() async throws {
        try await Self.run { server, _ in
            let client = try await Self.upgrade(
                server, Self.pods + "/p/portforward", PortForwarding.subprotocols[0])
            await client.started()
            var messages = Messages(pieces: client.pieces.makeAsyncIterator())
            var encoder = SPDYEncoder()
            try await client.say(
                Self.open(1, "error", port: "7") + Self.open(3, "data", port: "7")
                    + Self.tunnelled(SPDYEncoder.ping(9)))
            #expect(await messages.next() == encoder.reply(1))
            #expect(await messages.next() == encoder.reply(3))
            #expect(await messages.next() == SPDYEncoder.ping(9))
            let hello = SPDYEncoder.data(3, Bytes("hello".utf8))
            try await client.say(Self.tunnelled(hello))
            #expect(await messages.next() == hello)
            try await client.say(Self.tunnelled(SPDYEncoder.data(3, [], ends: true)))
            #expect(await messages.next() == SPDYEncoder.data(3, [], ends: true))
            #expect(await messages.next() == SPDYEncoder.data(1, [], ends: true))
            // A stream whose other one is not there, and no port.
            try await client.say(
                Self.open(5, "data", port: "7") + Self.open(7, "error", port: "70000"))
            #expect(await messages.next() == SPDYEncoder.reset(5, .refused))
            #expect(await messages.next() == SPDYEncoder.reset(7, .refused))
            try await client.say(
                Self.open(9, "error", port: "8") + Self.open(11, "data", port: "8"))
            #expect(await messages.next() == encoder.reply(9))
            #expect(await messages.next() == encoder.reply(11))
            let failure = try #require(await messages.next())
            let text = String(decoding: failure.dropFirst(8), as: UTF8.self)
            #expect(text.hasPrefix("error forwarding port 8 to pod p, uid "), "\(text)")
            #expect(text.hasSuffix(": there is no such thing"), "\(text)")
            #expect(await messages.next() == SPDYEncoder.data(11, [], ends: true))
            // Nonsense ends all of it.
            try await client.say(Self.tunnelled([0x80, 2, 0, 1, 0, 0, 0, 0]))
            #expect(await messages.next() == nil)
        }
    }
}
