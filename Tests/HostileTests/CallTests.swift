import Primitives
import Testing
import Wire

/// A request and what becomes of it.
struct HostileCall: CustomStringConvertible {
    var name: String
    var call: Call
    var expected: Answer

    init(_ name: String, _ call: Call, _ expected: Answer) {
        self.name = name
        self.call = call
        self.expected = expected
    }

    var description: String { name }
}

/// gRPC that is wrong below the level of any service; the codes and texts are grpc-go's, which
/// etcd's clients know.
@Suite struct `Wrong gRPC` {
    @Test func `is answered as grpc-go does, and nobody else notices`() throws {
        let store = try StoreProcess()
        let client = try Conversation(port: store.port)
        for row in Self.names + Self.heads + Self.timeouts + Self.messages + Self.encodings {
            let answer = client.call(row.call)
            #expect(row.expected.admits(answer), "\(row.name): \(answer)")
            if client.isClosed { break }
        }
        store.expectServesOthers("wrong gRPC")
    }

    private static let names: [HostileCall] = [
        HostileCall(
            "unknown service", Call("/foo.Bar/Baz"), .status(12, "unknown service foo.Bar")),
        HostileCall(
            "unknown method", Call("/etcdserverpb.KV/Foo"),
            .status(12, "unknown method Foo for service etcdserverpb.KV")),
        HostileCall(
            "method in other letters", Call("/etcdserverpb.KV/range"),
            .status(12, "unknown method range for service etcdserverpb.KV")),
        HostileCall(
            "no method", Call("/etcdserverpb.KV"),
            .status(12, "malformed method name: \"/etcdserverpb.KV\"")),
        HostileCall(
            "empty method", Call("/etcdserverpb.KV/"),
            .status(12, "unknown method  for service etcdserverpb.KV")),
        HostileCall("three parts", Call("/a/b/c"), .status(12, "unknown service a/b")),
        HostileCall("root", Call("/"), .status(12, "malformed method name: \"/\"")),
        HostileCall(
            "long path", Call("/" + String(repeating: "a", count: 8_000) + "/b"),
            .status(12, "unknown service " + String(repeating: "a", count: 8_000))),
        HostileCall(
            "query behind the method", Call("/etcdserverpb.KV/Range?a=b"),
            .status(12, "unknown method Range?a=b for service etcdserverpb.KV")),
    ]

    private static let heads: [HostileCall] = [
        HostileCall(
            "content type of a form", Call(contentType: "application/x-www-form-urlencoded"),
            .refused(
                415,
                "3 invalid gRPC request content-type: \"application/x-www-form-urlencoded\"")),
        HostileCall(
            "no content type", Call(contentType: nil),
            .refused(415, "3 invalid gRPC request content-type: \"\"")),
        HostileCall(
            "content type that only begins right", Call(contentType: "application/grpcfoo"),
            .refused(415, "3 invalid gRPC request content-type: \"application/grpcfoo\"")),
        HostileCall(
            "content type of a codec", Call(contentType: "application/grpc+proto"), .served),
        HostileCall(
            "content type with a parameter", Call(contentType: "application/grpc;a=b"), .served),
        HostileCall(
            "GET", Call(method: "GET"),
            .refused(
                405, "13 Received a HEADERS frame with :method \"GET\" which should be POST")),
        HostileCall(
            "a method that nobody has", Call(method: "FROB"),
            .refused(
                405, "13 Received a HEADERS frame with :method \"FROB\" which should be POST")),
        HostileCall(
            "page by POST", Call("/health", contentType: nil, body: []),
            .refused(415, "3 invalid gRPC request content-type: \"\"")),
        HostileCall(
            "page that is not there",
            Call("/nope", method: "GET", contentType: nil, body: []),
            .refused(404, "404 page not found\n")),
        HostileCall(
            "metadata in base 64 that is none", Call(headers: [("a-bin", "%%%")]), .served),
    ]

    private static func timeout(_ text: String, _ problem: String) -> HostileCall {
        HostileCall(
            "timeout \(text)", Call(headers: [("grpc-timeout", text)]),
            .refused(400, "13 malformed grpc-timeout: \(problem)"))
    }

    private static let timeouts: [HostileCall] = [
        timeout("S", "transport: timeout string is too short: \"S\""),
        timeout("123456789S", "transport: timeout string is too long: \"123456789S\""),
        timeout("5X", "transport: timeout unit is not recognized: \"5X\""),
        timeout("5s", "transport: timeout unit is not recognized: \"5s\""),
        timeout("-1S", "strconv.ParseUint: parsing \"-1\": invalid syntax"),
        timeout("1.5S", "strconv.ParseUint: parsing \"1.5\": invalid syntax"),
        timeout("+1S", "strconv.ParseUint: parsing \"+1\": invalid syntax"),
        timeout("xxS", "strconv.ParseUint: parsing \"xx\": invalid syntax"),
        HostileCall("longest timeout", Call(headers: [("grpc-timeout", "99999999H")]), .served),
        HostileCall(
            "no time at all", Call(headers: [("grpc-timeout", "0n")]),
            .status(4, "context deadline exceeded")),
        HostileCall(
            "a stream whose time is short",
            Call(
                "/etcdserverpb.Watch/Watch", headers: [("grpc-timeout", "50m")], body: [],
                ends: false),
            .status(4, "context deadline exceeded")),
    ]

    private static let messages: [HostileCall] = [
        HostileCall("no message", Call(body: []), .status(2, "EOF")),
        HostileCall("half a prefix", Call(body: [0, 0, 0]), .status(2, "unexpected EOF")),
        HostileCall(
            "half a message", Call(body: [0, 0, 0, 0, 5, 1]), .status(2, "unexpected EOF")),
        HostileCall(
            "longest length", Call(body: [0, 255, 255, 255, 255]),
            .status(8, "grpc: received message larger than max (4294967295 vs. 2097152)")),
        HostileCall(
            "one byte too long", Call(body: [0, 0, 32, 0, 1]),
            .status(8, "grpc: received message larger than max (2097153 vs. 2097152)")),
        HostileCall(
            "unknown flag", Call(body: [2, 0, 0, 0, 0]),
            .status(13, "grpc: received unexpected payload format 2")),
        HostileCall(
            "message behind the last", Call(body: Call.framed([10, 1, 97]) + [0, 0, 0, 0, 0]),
            .served),
        malformed("a number without its end", [24, 255]),
        malformed("a number of eleven bytes", [24] + Bytes(repeating: 255, count: 11)),
        malformed("another wire type", [8, 1]),
        malformed("field zero", [0, 1]),
        malformed("wire type 7", [15, 1]),
        malformed("the end of a group", [12]),
        malformed("a length beyond the end", [10, 127]),
        malformed("a length of 2^64 - 1", [10] + Bytes(repeating: 255, count: 9) + [1]),
        HostileCall(
            "unknown fields", Call("/etcdserverpb.KV/Range", Message.key("k") + [0xF8, 7, 1]),
            .served),
        HostileCall(
            "a stream's message that is none",
            Call("/etcdserverpb.Watch/Watch", [10, 127]),
            .status(
                13, "grpc: failed to unmarshal the received message: ")),
    ]

    private static func malformed(_ name: String, _ message: Bytes) -> HostileCall {
        HostileCall(
            name, Call("/etcdserverpb.KV/Range", message),
            .status(13, "grpc: error unmarshalling request: "))
    }

    private static let encodings: [HostileCall] = [
        HostileCall(
            "unknown encoding", Call(headers: [("grpc-encoding", "snappy")]),
            .status(12, "grpc: Decompressor is not installed for grpc-encoding \"snappy\"")),
        HostileCall(
            "packed without an encoding", Call(body: Call.framed([1, 2, 3], flag: 1)),
            .status(13, "grpc: compressed flag set with identity or empty encoding")),
        HostileCall(
            "gzip that is none",
            Call(
                headers: [("grpc-encoding", "gzip")], body: Call.framed([1, 2, 3], flag: 1)),
            .status(13, "grpc: failed to decompress the received message")),
    ]
}
