/// A request's head while its headers arrive over HTTP/2, held to RFC 9113 §8.2 and §8.3. nghttp2
/// could do this, but it refuses an `:authority` that is a whole URL, as etcdctl 3.4 sends.
struct IncomingHead {
    /// The stream.
    let id: Int32
    /// Bytes of its header list so far, as HPACK counts them.
    var bytes = 0
    /// What was kept of it.
    private(set) var head = RequestHead(method: "", target: "", version: 2)
    /// What `content-length` says.
    private(set) var announcedBytes: Int?
    private var seen: PseudoHeaders = []
    private var hasPlainHeader = false
    private var isMalformed = false

    /// Headers that belong to a connection of HTTP/1.1.
    private static let forbidden: Set = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
    ]

    /// What HPACK counts for a header beside its name and value (RFC 7541 §4.1).
    static let headerOverheadBytes = 32

    private struct PseudoHeaders: OptionSet {
        var rawValue: UInt8

        static let method = PseudoHeaders(rawValue: 1)
        static let path = PseudoHeaders(rawValue: 2)
        static let authority = PseudoHeaders(rawValue: 4)
        static let scheme = PseudoHeaders(rawValue: 8)
        static let required: PseudoHeaders = [.method, .path, .scheme]
    }

    init(id: Int32) {
        self.id = id
        head.headers.reserveCapacity(8)
    }

    /// What has arrived, once no more headers come; nil if it is no head of a request.
    var finished: RequestHead? {
        let isPlace = head.target.hasPrefix("/") || (head.method == "OPTIONS" && head.target == "*")
        guard !isMalformed, seen.isSuperset(of: .required), isPlace else { return nil }
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
        if isWrong || !Self.isPlain(value) { isMalformed = true }
        if name == "content-length" {
            let isDigits = value.utf8.allSatisfy { (0x30...0x39).contains($0) }
            let bytes = isDigits ? Int(value) : nil
            if bytes == nil || announcedBytes != nil { isMalformed = true }
            announcedBytes = bytes
        }
        // Other strange names hurt nobody if nobody sees them (nghttp2 does the same).
        if Self.isName(name) { head.headers.append((name, value)) }
    }

    private mutating func takePseudoHeader(_ name: String, _ value: String) {
        let kind: PseudoHeaders
        switch name {
        case ":method":
            kind = .method
            head.method = value
        case ":path":
            kind = .path
            head.target = value
        case ":authority":
            kind = .authority
            head.authority = value
        case ":scheme": kind = .scheme
        default:
            isMalformed = true
            return
        }
        if hasPlainHeader || !seen.insert(kind).inserted || !Self.isPlain(value) {
            isMalformed = true
        }
    }

    private static func isPlain(_ value: String) -> Bool {
        value.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }
    }
}
