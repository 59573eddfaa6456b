internal import Crypto
internal import ResourceModel

/// What is wrong with a request to upgrade.
package enum WebSocketRefusal: Error, Equatable {
    /// It does not ask for a WebSocket.
    case notAsked
    /// It asks for another version than 13.
    case unknownVersion
    /// Its key is not 16 bytes in base64.
    case wrongKey
    /// None of the subprotocols is spoken here.
    case noSubprotocol
}

/// A request to upgrade to a WebSocket that can be granted (RFC 6455 §4.2).
package struct WebSocketHandshake: Sendable {
    /// The subprotocol: the first that the client offers and that is spoken.
    package let subprotocol: String
    private let answerKey: String

    /// What a server makes of a client's key.
    static func answer(to key: String) -> String {
        let identifier = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return Base64.encode(Array(Insecure.SHA1.hash(data: Array((key + identifier).utf8))))
    }

    /// Reads a request.
    package init(_ head: RequestHead, speaking known: [String]) throws(WebSocketRefusal) {
        guard head.version == 1, head.method == "GET",
            head.words("upgrade").contains(where: { $0.lowercased() == "websocket" }),
            head.words("connection").contains(where: { $0.lowercased() == "upgrade" })
        else { throw .notAsked }
        guard head.header("sec-websocket-version") == "13" else { throw .unknownVersion }
        let key = head.header("sec-websocket-key") ?? ""
        guard Base64.decode(key)?.count == 16 else { throw .wrongKey }
        let offered = head.words("sec-websocket-protocol")
        guard let subprotocol = offered.first(where: known.contains) else { throw .noSubprotocol }
        self.subprotocol = subprotocol
        answerKey = Self.answer(to: key)
    }

    /// The headers that grant it, with 101.
    var headers: [(name: String, value: String)] {
        [
            ("upgrade", "websocket"), ("connection", "Upgrade"),
            ("sec-websocket-accept", answerKey), ("sec-websocket-protocol", subprotocol),
        ]
    }
}

extension RequestHead {
    /// The words of a header that is a list, over all its lines.
    fileprivate func words(_ name: String) -> [String] {
        headers.filter { $0.name == name }.flatMap { $0.value.split(separator: ",") }
            .map { $0.filter { $0 != " " && $0 != "\t" } }
    }
}
