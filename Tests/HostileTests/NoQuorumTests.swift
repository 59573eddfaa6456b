import Primitives
import Testing

/// A member that cannot reach the others.
@Suite struct `Without a quorum` {
    private static let flags = [
        "--name", "a", "--initial-cluster", "a=http://10.255.0.1:2380,b=http://10.255.0.2:2380",
        "--initial-advertise-peer-urls", "http://10.255.0.1:2380",
        "--heartbeat-interval", "20", "--election-timeout", "100",
    ]

    /// A transaction that reads a key.
    private static func reading(isSerializable: Bool) -> Bytes {
        let range = Message.key("k") + Message.numbers([(7, isSerializable ? 1 : 0)])
        return Message.inside(2, Message.inside(1, range))
    }

    private static func call(_ method: String, _ message: Bytes, _ more: (String, String)...)
        -> Call
    {
        Call(
            "/etcdserverpb.KV/" + method, headers: more, body: Call.framed(message))
    }

    private static let expired = Answer.status(4, "context deadline exceeded")
    private static let short = ("grpc-timeout", "300m")

    @Test func `only serializable reads are answered`() throws {
        let store = try StoreProcess(Self.flags, isAlone: true)
        let client = try Conversation(port: store.port)
        let rows: [(name: String, call: Call, expected: Answer)] = [
            (
                "serializable range",
                Self.call("Range", Message.key("k") + Message.numbers([(7, 1)])), .served
            ),
            ("range", Self.call("Range", Message.key("k"), Self.short), Self.expired),
            (
                "serializable transaction",
                Self.call("Txn", Self.reading(isSerializable: true)), .served
            ),
            ("transaction without operations", Self.call("Txn", []), .served),
            (
                "transaction with one range that is not serializable",
                Self.call(
                    "Txn",
                    Self.reading(isSerializable: true) + Self.reading(isSerializable: false),
                    Self.short), Self.expired
            ),
            ("put", Self.call("Put", Message.put("k", "v"), Self.short), Self.expired),
            (
                "put of a client that wants a leader",
                Self.call("Put", Message.put("k", "v"), ("hasleader", "true")),
                .status(14, "etcdserver: no leader")
            ),
            (
                "put of a client that waits", Self.call("Put", Message.put("k", "v")),
                .status(14, "etcdserver: request timed out")
            ),
        ]
        for row in rows {
            let answer = client.call(row.call, patience: 10_000)
            #expect(answer == row.expected, "\(row.name): \(answer)")
        }
        for (path, line) in [
            ("/health", "HTTP/1.1 503"), ("/health?serializable=true", "HTTP/1.1 200"),
            ("/livez", "HTTP/1.1 200"),
        ] {
            let page = try RawConnection(port: store.port)
            page.send(Bytes("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
            let text = String(decoding: page.receiveAll(patience: 10_000) ?? [], as: UTF8.self)
            #expect(text.hasPrefix(line), "\(path): \(text)")
        }
    }
}
