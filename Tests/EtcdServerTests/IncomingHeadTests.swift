import Testing

@testable import Transport

/// RFC 9113 §8.2 and §8.3, which nghttp2 is told to leave to us.
@Suite struct `Heads of HTTP/2 requests` {
    private static let whole = [
        (":method", "POST"), (":scheme", "http"), (":path", "/a/b"), (":authority", "host"),
        ("content-type", "application/grpc"), ("te", "trailers"),
    ]

    private func read(_ headers: [(String, String)]) -> RequestHead? {
        var incoming = IncomingHead(id: 1)
        for (name, value) in headers { incoming.take(name: name, value: value) }
        return incoming.finished
    }

    @Test func `a head has its pseudo-headers and the others in order`() throws {
        let head = try #require(read(Self.whole + [("x", "1"), ("x", "2")]))
        #expect(head.method == "POST")
        #expect(head.target == "/a/b")
        #expect(head.authority == "host")
        #expect(head.headers.map(\.name) == ["content-type", "te", "x", "x"])
    }

    @Test func `an authority may be a whole URL, as etcdctl 3.4 sends it`() throws {
        var headers = Self.whole
        headers[3].1 = "http://127.0.0.1:0"
        #expect(try #require(read(headers)).authority == "http://127.0.0.1:0")
    }

    @Test(arguments: 0..<3)
    func `method, scheme and path must be there`(missing: Int) {
        var headers = Self.whole
        headers.remove(at: missing)
        #expect(read(headers) == nil)
    }

    @Test(
        arguments: [
            (":path", "/again"), (":status", "200"), (":protocol", "x"), ("Upper", "x"),
            ("connection", "close"), ("transfer-encoding", "chunked"), ("te", "gzip"),
            ("x", "a\nb"), ("x", "a\0b"), ("content-length", "x"), ("content-length", "-1"),
        ])
    func `what HTTP forbids makes the request malformed`(name: String, value: String) {
        #expect(read(Self.whole + [(name, value)]) == nil)
    }

    @Test func `a pseudo-header behind another header or with a line end is malformed`() {
        #expect(read([("x", "1")] + Self.whole) == nil)
        var headers = Self.whole
        headers[2].1 = "/a\nb"
        #expect(read(headers) == nil)
    }

    @Test(arguments: [("", "a"), ("a b", "c")])
    func `headers with strange names are left out`(name: String, value: String) throws {
        let head = try #require(read(Self.whole + [(name, value)]))
        #expect(head.headers.map(\.name) == ["content-type", "te"])
    }
}
