/// A request's head while its headers arrive over HTTP/2, held to RFC 9113 §8.2 and §8.3. nghttp2
/// could do this, but it refuses an `:authority` that is a whole URL, as etcdctl 3.4 sends.
struct IncomingHead {
    /// The stream.
    let id: Int32
    private var head = RequestHead(method: "", target: "", version: 2)
    private var seen: Set<String> = []
    private var hasPlainHeader = false
    private var isMalformed = false

    /// Headers that belong to a connection of HTTP/1.1.
    private static let forbidden: Set = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
    ]
    private static let required: Set = [":method", ":scheme", ":path"]

    init(id: Int32) {
        self.id = id
        head.headers.reserveCapacity(8)
    }

    /// What has arrived, once no more headers come; nil if it is no head of a request.
    var finished: RequestHead? {
        guard !isMalformed, Self.required.isSubset(of: seen), !head.target.isEmpty else {
            return nil
        }
        return head
    }

    /// Takes one header in.
    mutating func take(name: String, value: String) {
        if name.utf8.first == UInt8(ascii: ":") {
            takePseudoHeader(name, value)
            return
        }
        hasPlainHeader = true
        let isWrong =
            name.utf8.contains { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }
            || Self.forbidden.contains(name) || (name == "te" && value != "trailers")
        if isWrong { isMalformed = true }
        // Other strange headers hurt nobody if nobody sees them (nghttp2 does the same).
        if Self.isPlain(value), Self.isName(name) { head.headers.append((name, value)) }
    }

    private mutating func takePseudoHeader(_ name: String, _ value: String) {
        if hasPlainHeader || !seen.insert(name).inserted || !Self.isPlain(value) {
            isMalformed = true
        }
        switch name {
        case ":method": head.method = value
        case ":path": head.target = value
        case ":authority": head.authority = value
        case ":scheme": break
        default: isMalformed = true
        }
    }

    private static func isPlain(_ value: String) -> Bool {
        value.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }
    }
}
