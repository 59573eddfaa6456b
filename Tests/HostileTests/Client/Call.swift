import Primitives
import Wire

/// One request to be sent over HTTP/2, right in everything that is not said otherwise.
struct Call {
    var path: String
    var method = "POST"
    var contentType: String? = "application/grpc"
    /// More headers.
    var headers: [(String, String)] = []
    /// The whole body; empty for none.
    var body: Bytes
    /// Whether the request ends behind its body.
    var ends = true

    /// A call with one message.
    init(_ path: String, _ message: Bytes) {
        self.path = path
        body = Self.framed(message)
    }

    /// A call whose body is given.
    init(
        _ path: String = "/etcdserverpb.KV/Range", method: String = "POST",
        contentType: String? = "application/grpc", headers: [(String, String)] = [],
        body: Bytes = Call.framed(Message.key("k")), ends: Bool = true
    ) {
        self.path = path
        self.method = method
        self.contentType = contentType
        self.headers = headers
        self.body = body
        self.ends = ends
    }

    /// A message behind its flag and length.
    static func framed(_ message: Bytes, flag: UInt8 = 0) -> Bytes {
        [flag] + Frame.word(UInt32(message.count)) + message
    }

    var headerBlock: Bytes {
        var all = [
            (":method", method), (":scheme", "http"), (":path", path), (":authority", "test"),
        ]
        if let contentType { all.append(("content-type", contentType)) }
        return Frame.block(all + [("te", "trailers")] + headers)
    }
}

/// Messages of etcd's services.
enum Message {
    static func make(_ body: (inout ProtobufWriter) -> Void) -> Bytes {
        var writer = ProtobufWriter()
        body(&writer)
        return writer.bytes
    }

    /// A request whose first field is a key.
    static func key(_ key: String) -> Bytes { make { $0.write(1, Bytes(key.utf8)) } }

    static func put(_ key: String, _ value: String, lease: Int64 = 0) -> Bytes {
        make {
            $0.write(1, Bytes(key.utf8))
            $0.write(2, Bytes(value.utf8))
            $0.write(3, lease)
        }
    }

    /// A request with numbers alone.
    static func numbers(_ fields: [(Int, Int64)]) -> Bytes {
        make { for (field, value) in fields { $0.write(field, value) } }
    }

    /// A message inside another one.
    static func inside(_ field: Int, _ message: Bytes) -> Bytes {
        make { $0.writeEvenIfEmpty(field, message) }
    }
}

/// How a server answered.
enum Answer: Equatable, CustomStringConvertible {
    /// A gRPC status.
    case status(Int, String)
    /// An HTTP status that is not 200, with the gRPC status or the body that came with it.
    case refused(Int, String)
    /// A page.
    case page(String)
    /// RST_STREAM with this code.
    case reset(UInt32)
    /// GOAWAY with this code, and then the end of the connection.
    case goAway(UInt32)
    case closed
    case silence

    static let served = Answer.status(0, "")

    /// Whether an answer is this one; a text that ends with a colon stands for all that begin so.
    func admits(_ answer: Answer) -> Bool {
        guard case .status(let code, let text) = self, text.hasSuffix(": "),
            case .status(code, let given) = answer
        else { return answer == self }
        return given.hasPrefix(text)
    }

    var description: String {
        switch self {
        case .status(let code, let text): "status \(code) \"\(text)\""
        case .refused(let code, let text): "HTTP \(code) \"\(text)\""
        case .page(let text): "page \"\(text)\""
        case .reset(let code): "RST_STREAM \(code)"
        case .goAway(let code): "GOAWAY \(code)"
        case .closed: "closed"
        case .silence: "silence"
        }
    }
}
