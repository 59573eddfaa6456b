import Glibc
import NIOCore
import NIOPosix
import NameServer
import NameService
import Primitives
import ServiceModel
import Testing

private let web = "web.default.svc.cluster.local"
private let database = "db.shop.svc.cluster.local"

/// The server on real sockets.
struct ServerTests {
    @Test func `both carriers give the same answer on one port`() async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let datagrams = try Client(.datagram, port: test.port)
            try datagrams.send(query(web, id: 1))
            let answer = try DNSMessage(decoding: datagrams.receive())
            #expect(answer.id == 1)
            #expect(answer.addresses == [IPv4Address(127, 64, 0, 1)])
            let stream = try Client(.stream, port: test.port)
            try stream.sendFrame(query(web, id: 1))
            #expect(try stream.receiveFrame() == answer)
        }
    }

    @Test func `a thousand datagrams at once do not mix up`() async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let clients = try (0..<20).map { _ in try Client(.datagram, port: test.port) }
            for round in 0..<50 as Range<UInt16> {
                for (number, client) in clients.enumerated() {
                    try client.send(query(web, id: round * 20 + UInt16(number)))
                }
                for (number, client) in clients.enumerated() {
                    let answer = try DNSMessage(decoding: client.receive())
                    #expect(answer.id == round * 20 + UInt16(number))
                }
            }
        }
    }

    /// RFC 7766 §6.2.1.1.
    @Test func `queries that follow each other are answered in order`() async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let client = try Client(.stream, port: test.port)
            var all: Bytes = []
            for id in 0..<200 as Range<UInt16> {
                let asked = query(id % 2 == 0 ? web : database, id: id)
                all += [0, UInt8(asked.count)] + asked
            }
            try client.send(all)
            for id in 0..<200 as Range<UInt16> {
                let answer = try #require(try client.receiveFrame())
                #expect(answer.id == id)
                #expect(answer.addresses.count == (id % 2 == 0 ? 1 : 3))
            }
        }
    }

    @Test func `a query may come byte by byte`() async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let client = try Client(.stream, port: test.port)
            let asked = query(web, id: 9)
            for byte in [0, UInt8(asked.count)] + asked { try client.send([byte]) }
            #expect(try client.receiveFrame()?.id == 9)
        }
    }

    @Test func `who has said all is answered, then hung up on`() async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let client = try Client(.stream, port: test.port)
            try client.sendFrame(query(web, id: 1))
            try client.sendFrame(query(web, id: 2))
            client.endSending()
            #expect(try client.receiveFrame()?.id == 1)
            #expect(try client.receiveFrame()?.id == 2)
            #expect(try client.receive().isEmpty)
        }
    }

    /// Some answers can only be made when the client reads, long after it has said all.
    @Test func `who has said all gets all answers`() async throws {
        try await TestServer.run(zone: exampleZone(count: 250)) { test in
            let client = try Client(.stream, port: test.port, bufferBytes: 16 << 10)
            let asked = query(database, id: 1)
            // 4 KiB for each query: the answers fill all buffers on the way, then the queries.
            let whole = try client.sendFramesUntilStuck(asked)
            client.endSending()
            let zone = try exampleZone(count: 250)
            let expected = try #require(zone.response(to: asked, over: .stream))
            var count = 0
            while case let bytes = try client.receive(), !bytes.isEmpty { count += bytes.count }
            #expect(count == whole * (2 + expected.count))
        }
    }

    @Test func `an answer that was cut comes whole over a connection`() async throws {
        try await TestServer.run(zone: exampleZone(count: 250)) { test in
            let datagrams = try Client(.datagram, port: test.port)
            try datagrams.send(query(database, id: 1))
            let bytes = try datagrams.receive()
            let cut = try DNSMessage(decoding: bytes)
            #expect(bytes.count <= 512)
            #expect(cut.flags.isTruncated)
            let stream = try Client(.stream, port: test.port)
            try stream.sendFrame(query(database, id: 1))
            let whole = try #require(try stream.receiveFrame())
            #expect(!whole.flags.isTruncated)
            #expect(Set(whole.addresses).count == 250)
        }
    }

    @Test func `a new zone is served from the next query on`() async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let datagrams = try Client(.datagram, port: test.port)
            let stream = try Client(.stream, port: test.port)
            for round in 1...100 as ClosedRange<UInt8> {
                let address = IPv4Address(127, 64, 1, round)
                test.server.serve(try exampleZone(address: address))
                try datagrams.send(query(web, id: UInt16(round)))
                try stream.sendFrame(query(web, id: UInt16(round)))
                #expect(
                    try DNSMessage(decoding: datagrams.receive()).addresses == [address])
                #expect(try stream.receiveFrame()?.addresses == [address])
            }
        }
    }

    @Test func `a connection without queries ends`() async throws {
        var limits = DNSServer.Limits()
        limits.idleTime = .milliseconds(50)
        try await TestServer.run(zone: exampleZone(), limits: limits) { test in
            let silent = try Client(.stream, port: test.port)
            let slow = try Client(.stream, port: test.port)
            try slow.send([0, 40, 1])
            #expect(try silent.receive().isEmpty)
            #expect(try slow.receive().isEmpty)
        }
    }

    @Test func `connections beyond the limit are hung up on`() async throws {
        var limits = DNSServer.Limits()
        limits.connectionsMax = 2
        try await TestServer.run(zone: exampleZone(), limits: limits) { test in
            var kept: [Client] = []
            for id in 0..<2 as Range<UInt16> {
                let client = try Client(.stream, port: test.port)
                try client.sendFrame(query(web, id: id))
                #expect(try client.receiveFrame()?.id == id)
                kept.append(client)
            }
            #expect(test.server.connectionCount == 2)
            #expect(try Client(.stream, port: test.port).receive().isEmpty)
            // UDP goes on, and so do those who were there before.
            let datagrams = try Client(.datagram, port: test.port)
            try datagrams.send(query(web, id: 7))
            #expect(try DNSMessage(decoding: datagrams.receive()).id == 7)
            try kept[0].sendFrame(query(web, id: 8))
            #expect(try kept[0].receiveFrame()?.id == 8)
        }
    }

    @Test(arguments: [[0, 0], [0, 3, 1, 2, 3], [0xFF, 0xFF, 0]] as [Bytes])
    func `what is no query ends the connection`(bytes: Bytes) async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let client = try Client(.stream, port: test.port)
            try client.send(bytes)
            #expect(try client.receive().isEmpty)
        }
    }

    /// The answers to a client that asks without reading wait in its socket and ours, not in
    /// memory; then it is hung up on.
    @Test func `who does not read is not answered any more`() async throws {
        var limits = DNSServer.Limits()
        limits.idleTime = .milliseconds(300)
        try await TestServer.run(zone: exampleZone(count: 250), limits: limits) { test in
            let client = try Client(.stream, port: test.port, bufferBytes: 16 << 10)
            let asked = query(database, id: 1)
            // 4 KiB each: more than all buffers on the way can hold.
            let failure = try #require(throws: Client.Failure.self) {
                for _ in 0..<100_000 { try client.sendFrame(asked) }
            }
            // EAGAIN would be the client's own patience at its end.
            #expect(failure.number == ECONNRESET || failure.number == EPIPE, "\(failure)")
        }
    }

    @Test func `a closed server does not listen`() async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let client = try Client(.stream, port: test.port)
            try client.sendFrame(query(web, id: 1))
            #expect(try client.receiveFrame()?.id == 1)
            try await test.server.close().get()
            #expect(try client.receive().isEmpty)
            #expect(throws: Client.Failure.self) { try Client(.stream, port: test.port) }
        }
    }

    @Test func `a server that is closed while it is about to listen does not`() async throws {
        try await TestServer.run(zone: exampleZone()) { test in
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let server = DNSServer(loop: group.next(), zone: try exampleZone())
            let bound = server.bind(host: "127.0.0.1", port: 0)
            try await server.close().get()
            let port = try await bound.get()
            #expect(throws: Client.Failure.self) { try Client(.stream, port: port) }
            try await group.shutdownGracefully()
        }
    }

    @Test func `a port that is taken is an error`() async throws {
        try await TestServer.run(zone: exampleZone()) { first in
            try await TestServer.run(zone: exampleZone()) { second in
                await #expect(throws: (any Error).self) {
                    try await second.server.bind(host: "127.0.0.1", port: first.port).get()
                }
            }
        }
    }
}
