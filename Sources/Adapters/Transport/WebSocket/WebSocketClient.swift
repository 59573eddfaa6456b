package import Primitives
internal import ResourceModel

/// A client's end of a WebSocket (RFC 6455): what it asks for, says and hears, as bytes. Whoever
/// holds it has the connection.
package struct WebSocketClient: Sendable {
    /// Why an answer grants no WebSocket.
    package enum Refusal: Error, Sendable, Equatable {
        /// The answer is not to this request.
        case wrongKey
        /// The server speaks nothing that was offered.
        case noSubprotocol
    }

    private let key: String
    private let offered: [String]
    /// What both ends have agreed on; empty before that.
    package private(set) var subprotocol = ""
    private var decoder = WebSocketDecoder()
    private var entropy: any RandomNumberGenerator & Sendable

    /// Asks for nothing yet.
    package init(
        offering subprotocols: [String], entropy: any RandomNumberGenerator & Sendable
    ) {
        var entropy = entropy
        key = Base64.encode((0..<16).map { _ in UInt8.random(in: 0...255, using: &entropy) })
        offered = subprotocols
        self.entropy = entropy
        decoder.sender = .server
    }

    /// The headers of the request.
    package var headers: [(name: String, value: String)] {
        [
            ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key),
            ("Sec-WebSocket-Protocol", offered.joined(separator: ", ")),
        ]
    }

    /// Looks at an answer with status 101.
    /// - Parameter header: the value of a header whose name is in small letters.
    package mutating func accept(_ header: (String) -> String?) throws(Refusal) {
        guard header("sec-websocket-accept") == WebSocketHandshake.answer(to: key) else {
            throw .wrongKey
        }
        guard let chosen = header("sec-websocket-protocol"), offered.contains(chosen) else {
            throw .noSubprotocol
        }
        subprotocol = chosen
    }

    /// A frame with a whole message, or a control frame.
    package mutating func frame(_ opcode: WebSocketOpcode, _ payload: Bytes) -> Bytes {
        WebSocketFrame.bytes(opcode, payload, mask: mask())
    }

    /// A frame that says that nothing more is said.
    package mutating func close(_ code: WebSocketCloseCode) -> Bytes {
        WebSocketFrame.close(code.rawValue, mask: mask())
    }

    /// Takes bytes of the server and answers with what they say.
    package mutating func take(_ bytes: Bytes) throws(WebSocketFailure) -> [WebSocketEvent] {
        try decoder.take(bytes[...])
    }

    private mutating func mask() -> Bytes {
        (0..<4).map { _ in UInt8.random(in: 0...255, using: &entropy) }
    }
}
