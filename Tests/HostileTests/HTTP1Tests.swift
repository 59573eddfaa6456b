import Primitives
import Testing

/// HTTP/1.1 that is wrong, on the clients' port.
@Suite struct `Wrong HTTP/1.1` {
    private static let rows: [(name: String, text: String, begins: String)] = [
        ("garbage", "GARBAGE\r\n\r\n", "HTTP/1.1 400 "),
        ("no such method", "FROB /health HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400 "),
        ("POST to a page", "POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 405 "),
        ("DELETE of a page", "DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 "),
        ("no such version", "GET /health HTTP/9.9\r\nHost: a\r\n\r\n", "HTTP/1.1 400 "),
        ("no such page", "GET /nope HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 "),
        ("a way out", "GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 "),
        ("another way out", "GET /metrics/%2e%2e/x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 "),
        ("a space in the name", "GET /health HTTP/1.1\r\nHo st: a\r\n\r\n", "HTTP/1.1 400 "),
        ("a null in the name", "GET /health HTTP/1.1\r\nHo\u{0}st: a\r\n\r\n", "HTTP/1.1 400 "),
        ("negative length", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
            "HTTP/1.1 400 "),
        ("a length beyond 2^64",
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 400 "),
        ("two lengths",
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 400 "),
        ("length and chunks",
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5"
                + "\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 400 "),
        ("gRPC",
            "POST /etcdserverpb.KV/Range HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc"
                + "\r\nContent-Length: 5\r\n\r\n\u{0}\u{0}\u{0}\u{0}\u{0}",
            "HTTP/1.1 404 "),
        ("an upgrade that is not made",
            "GET /health HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n",
            "HTTP/1.1 200 "),
        ("200 KiB of headers",
            "GET /health HTTP/1.1\r\nHost: a\r\nA: "
                + String(repeating: "b", count: 200 << 10) + "\r\n\r\n",
            "HTTP/1.1 431 "),
        ("a target of 200 KiB",
            "GET /" + String(repeating: "b", count: 200 << 10) + " HTTP/1.1\r\nHost: a\r\n\r\n",
            "HTTP/1.1 431 "),
        ("10,000 headers",
            "GET /health HTTP/1.1\r\nHost: a\r\n"
                + (0..<10_000).map { "a\($0): b\r\n" }.joined() + "\r\n",
            "HTTP/1.1 431 "),
    ]

    @Test func `is refused with a status, and nobody else notices`() throws {
        let store = try StoreProcess()
        for row in Self.rows {
            let client = try RawConnection(port: store.port)
            client.send(Bytes(row.text.utf8))
            var line = "nothing"
            if case .bytes(let bytes) = client.receive() {
                line = String(decoding: bytes.prefix(40), as: UTF8.self)
            }
            #expect(line.hasPrefix(row.begins), "\(row.name): \(line)")
        }
        store.expectServesOthers("wrong HTTP/1.1")
    }

    @Test func `a broken chunk ends the connection`() throws {
        let store = try StoreProcess()
        let client = try RawConnection(port: store.port)
        client.send(
            Bytes(
                "GET /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n".utf8))
        #expect(client.receiveAll() != nil)
        store.expectServesOthers("a broken chunk")
    }

    @Test func `requests that come together are answered in order`() throws {
        let store = try StoreProcess()
        let client = try RawConnection(port: store.port)
        let one = "GET /version HTTP/1.1\r\nHost: a\r\n\r\n"
        client.send(Bytes(String(repeating: one, count: 1_000).utf8))
        client.send(Bytes("GET /nope HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
        let text = String(decoding: client.receiveAll() ?? [], as: UTF8.self)
        #expect(text.split(separator: "HTTP/1.1 200 OK").count == 1_000)
        #expect(text.contains("404"))
        store.expectServesOthers("1,000 requests at once")
    }

    @Test func `a head that never ends is not waited for`() throws {
        let store = try StoreProcess()
        let client = try RawConnection(port: store.port)
        client.send(Bytes("GET /health HTTP/1.1\r\nHost: a\r\n".utf8))
        #expect(client.receive(patience: 4_000) == .silence)
        #expect(client.receiveAll(patience: 4_000) != nil)
        store.expectServesOthers("a head without its end")
    }
}
