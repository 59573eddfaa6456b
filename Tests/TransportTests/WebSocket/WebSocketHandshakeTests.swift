import Testing

@testable import Transport

/// Requests to upgrade (RFC 6455 §4).
@Suite struct WebSocketHandshakeTests {
    private static let headers = [
        (name: "upgrade", value: "websocket"), (name: "connection", value: "Upgrade"),
        (name: "sec-websocket-version", value: "13"),
        (name: "sec-websocket-key", value: "dGhlIHNhbXBsZSBub25jZQ=="),
        (name: "sec-websocket-protocol", value: "v9.x, v5.x"),
    ]

    private static func handshake(
        method: String = "GET", version: Int = 1, changing name: String = "", to value: String? = ""
    ) throws(WebSocketRefusal) -> WebSocketHandshake {
        let changed = headers.compactMap { header in
            header.name != name ? header : value.map { (name: name, value: $0) }
        }
        let head = RequestHead(method: method, target: "/", headers: changed, version: version)
        return try WebSocketHandshake(head, speaking: ["v5.x", "v4.x"])
    }

    @Test func `the key is answered as in the standard, with the first protocol that is known`()
        throws
    {
        // RFC 6455 §1.3.
        let handshake = try Self.handshake()
        #expect(handshake.subprotocol == "v5.x")
        let answer = handshake.headers.first { $0.name == "sec-websocket-accept" }?.value
        #expect(answer == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [
        ("connection", "keep-alive, upgrade"), ("upgrade", "h2c, WebSocket"),
        ("sec-websocket-protocol", "v4.x"),
    ])
    func `words may stand in lists`(name: String, value: String) throws {
        _ = try Self.handshake(changing: name, to: value)
    }

    private static let wrong: [(String, String?, WebSocketRefusal)] = [
        ("upgrade", nil, .notAsked), ("upgrade", "SPDY/3.1", .notAsked),
        ("connection", nil, .notAsked), ("connection", "keep-alive", .notAsked),
        ("sec-websocket-version", nil, .unknownVersion),
        ("sec-websocket-version", "8", .unknownVersion),
        ("sec-websocket-key", nil, .wrongKey), ("sec-websocket-key", "", .wrongKey),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZ", .wrongKey),
        ("sec-websocket-key", "c2hvcnQ=", .wrongKey),
        ("sec-websocket-protocol", nil, .noSubprotocol),
        ("sec-websocket-protocol", "v3.x,v5.xy", .noSubprotocol),
    ]

    @Test func `what is no request for a protocol that is spoken is refused`() {
        for (name, value, refusal) in Self.wrong {
            #expect(throws: refusal, "\(name): \(value ?? "-")") {
                try Self.handshake(changing: name, to: value)
            }
        }
        #expect(throws: WebSocketRefusal.notAsked) { try Self.handshake(method: "POST") }
        #expect(throws: WebSocketRefusal.notAsked) { try Self.handshake(version: 2) }
    }
}
