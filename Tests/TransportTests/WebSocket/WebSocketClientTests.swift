import Primitives
import Testing

@testable import Transport

/// The client's end of a WebSocket.
@Suite struct WebSocketClientTests {
    private static let offered = ["v5.x", "v4.x"]

    private static func client() -> WebSocketClient {
        WebSocketClient(offering: offered, entropy: SystemRandomNumberGenerator())
    }

    @Test func `what a client asks for is what the server grants`() throws {
        var client = Self.client()
        let headers = client.headers.map { ($0.name.lowercased(), $0.value) }
        let head = RequestHead(
            method: "GET", target: "/", authority: "h", headers: headers, version: 1)
        let handshake = try WebSocketHandshake(head, speaking: ["v4.x"])
        try client.accept { name in handshake.headers.first { $0.name == name }?.value }
        #expect(client.subprotocol == "v4.x")
        // An answer to somebody else.
        var other = Self.client()
        #expect(throws: WebSocketClient.Refusal.wrongKey) {
            try other.accept { name in handshake.headers.first { $0.name == name }?.value }
        }
        #expect(throws: WebSocketClient.Refusal.noSubprotocol) {
            try client.accept { name in
                let value = handshake.headers.first { $0.name == name }?.value
                return name == "sec-websocket-protocol" ? "v3.x" : value
            }
        }
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func `a server reads what a client writes, and the reverse`(_ count: Int) throws {
        var client = Self.client()
        let payload = Bytes(repeating: 0xA5, count: count)
        let said = WebSocketEvent.data(payload, begins: true, ends: true)
        var server = WebSocketDecoder()
        let frame = client.frame(.binary, payload)
        #expect(try server.take(frame[...]) == [said])
        #expect(count < 4 || !frame.suffix(count).elementsEqual(payload))
        #expect(try server.take(client.close(.normal)[...]) == [.close(1_000)])
        #expect(try client.take(WebSocketFrame.bytes(.binary, payload)) == [said])
        #expect(try client.take(WebSocketFrame.bytes(.ping, [7])) == [.ping([7])])
        #expect(try client.take(WebSocketFrame.close(nil)) == [.close(nil)])
    }

    @Test func `a server's frame comes in any pieces, and never masked`() throws {
        let frame = WebSocketFrame.bytes(.binary, Bytes(0..<200))
        var client = Self.client()
        var heard: Bytes = []
        for byte in frame {
            for case .data(let bytes, _, _) in try client.take([byte]) { heard += bytes }
        }
        #expect(heard == Bytes(0..<200))
        #expect(throws: WebSocketFailure.masked) {
            try client.take(ClientFrame.binary([1]))
        }
    }
}
