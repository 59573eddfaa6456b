import Dispatch
import Glibc
import NIOCore
import Primitives
import ServiceModel
import ServiceProxy
import Testing

/// What passes through a connection, and how it ends: as if there were no proxy.
struct PipeTests {
    /// Runs `body` with a client and the server that it was led to.
    private func withPair(
        receiveBytes: Int32? = nil, _ body: (Socket, Socket) async throws -> Void
    ) async throws {
        try await TestProxy.run { test in
            let listener = try Socket.listening(at: Addresses.pod())
            try await test.lead(to: [listener.place])
            let client = try test.connect(receiveBytes: receiveBytes)
            let server = try listener.accepted(receiveBytes: receiveBytes)
            try await body(client, server)
        }
    }

    @Test func `bytes pass in both directions`() async throws {
        try await withPair { client, server in
            try client.send("question")
            #expect(try server.receiveText(8) == "question")
            try server.send("answer")
            #expect(try client.receiveText(6) == "answer")
        }
    }

    @Test func `a server may speak first`() async throws {
        try await withPair { client, server in
            try server.send("220 ready")
            #expect(try client.receiveText(9) == "220 ready")
        }
    }

    @Test func `what a client ends, the server sees ended, and can still answer`() async throws {
        try await withPair { client, server in
            try client.send("all of it")
            client.endSending()
            #expect(try server.receiveAll() == Bytes("all of it".utf8))
            try server.send("thanks")
            #expect(try client.receiveText(6) == "thanks")
            server.endSending()
            #expect(try client.receiveAll().isEmpty)
        }
    }

    /// The event loop looks up only when the client has said and ended everything.
    @Test func `what a client says and ends before it is led anywhere arrives`() async throws {
        try await TestProxy.run { test in
            let listener = try Socket.listening(at: Addresses.pod())
            try await test.lead(to: [listener.place])
            for round in 0..<50 {
                let (isBusy, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
                test.group.next().execute {
                    isBusy.signal()
                    goesOn.wait()
                }
                isBusy.waitOrFail()
                let client = try test.connect()
                try client.send("round \(round)")
                client.endSending()
                goesOn.signal()
                let server = try listener.accepted()
                #expect(try server.receiveAll() == Bytes("round \(round)".utf8))
                try server.send("heard")
                server.closeNow()
                #expect(try client.receiveAll() == Bytes("heard".utf8))
            }
        }
    }

    @Test func `what a server ends, the client sees ended, and can still speak`() async throws {
        try await withPair { client, server in
            try server.send("bye")
            server.endSending()
            #expect(try client.receiveAll() == Bytes("bye".utf8))
            try client.send("one more thing")
            #expect(try server.receiveText(14) == "one more thing")
            client.endSending()
            #expect(try server.receiveAll().isEmpty)
        }
    }

    /// The end waits for what goes before it, in both directions at once.
    @Test func `nothing is lost when both sides end behind much that waits`() async throws {
        try await withPair(receiveBytes: 16 << 10) { client, server in
            let bytes = pattern(64 << 20)
            let asked = client.sendUntilStuck(bytes)
            let answered = server.sendUntilStuck(bytes)
            client.endSending()
            server.endSending()
            let heard = (try server.receiveAll(), try client.receiveAll())
            #expect(heard.0.count == asked && bytes.starts(with: heard.0))
            #expect(heard.1.count == answered && bytes.starts(with: heard.1))
        }
    }

    @Test func `a reset server resets the client`() async throws {
        try await withPair { client, server in
            try client.send("x")
            #expect(try server.receiveText(1) == "x")
            server.resetsWhenClosed()
            server.closeNow()
            #expect(throws: Socket.Failure(number: ECONNRESET)) { try client.receive() }
        }
    }

    @Test func `a server that breaks after the client has ended resets it`() async throws {
        try await withPair { client, server in
            client.endSending()
            let heard = try server.receiveAll()
            #expect(heard.isEmpty)
            server.resetsWhenClosed()
            server.closeNow()
            #expect(throws: Socket.Failure(number: ECONNRESET)) { try client.receive() }
        }
    }

    @Test func `a reset client resets the server`() async throws {
        try await withPair { client, server in
            try server.send("x")
            #expect(try client.receiveText(1) == "x")
            client.resetsWhenClosed()
            client.closeNow()
            #expect(throws: Socket.Failure(number: ECONNRESET)) { try server.receive() }
        }
    }

    /// A server that answers and hangs up without listening any longer (HTTP/1.0, an error to a
    /// long upload): its answer arrives.
    @Test func `an answer before the server leaves arrives`() async throws {
        try await withPair { client, server in
            try client.send("x")
            #expect(try server.receiveText(1) == "x")
            try server.send("too long")
            server.closeNow()
            #expect(try client.receiveText(8) == "too long")
            #expect(try client.receiveAll().isEmpty)
        }
    }

    /// What the server does not hear any more is not kept, either.
    @Test func `who speaks on to a server that left is hung up on`() async throws {
        try await withPair { client, server in
            try server.send("bye")
            server.closeNow()
            #expect(try client.receiveAll() == Bytes("bye".utf8))
            let bytes = Bytes(repeating: 1, count: 1 << 16)
            let failure = try #require(throws: Socket.Failure.self) {
                for _ in 0..<1_000 { try client.send(bytes) }
            }
            #expect(failure.number == ECONNRESET || failure.number == EPIPE, "\(failure)")
        }
    }

    @Test(arguments: [true, false])
    func `who does not read holds the other side up`(isServerSlow: Bool) async throws {
        try await withPair(receiveBytes: 32 << 10) { client, server in
            let (slow, fast) = isServerSlow ? (server, client) : (client, server)
            let bytes = pattern(64 << 20)
            let taken = fast.sendUntilStuck(bytes)
            // The system's send buffer grows to 4 MiB, ours are below 1 MiB.
            #expect(taken < 16 << 20)
            // Then it goes on where it stopped.
            let heard = try slow.receive(exactly: taken)
            #expect(heard.count == taken && bytes.starts(with: heard))
            try fast.send("end")
            #expect(try slow.receiveText(3) == "end")
        }
    }

    @Test func `closed connections are forgotten`() async throws {
        try await TestProxy.run { test in
            let listener = try Socket.listening(at: Addresses.pod())
            try await test.lead(to: [listener.place])
            for _ in 0..<20 {
                let client = try test.connect()
                let server = try listener.accepted()
                client.closeNow()
                #expect(try server.receiveAll().isEmpty)
            }
            try await test.proxy.whenUnused(listener.place.address).get()
            let statistics = try #require(try await test.statistics())
            #expect(statistics.accepted == 20)
            #expect(statistics.active == 0)
            #expect(statistics.backends[listener.place]?.total == 20)
        }
    }

    private func pattern(_ count: Int) -> Bytes {
        var generator = SplitMix64(seed: 1)
        let block = (0..<65_521).map { _ in UInt8(generator.below(256)) }
        var bytes: Bytes = []
        while bytes.count < count { bytes += block }
        return Bytes(bytes[..<count])
    }
}

extension DispatchSemaphore {
    /// Waits as long as a test may. Not from an `async` function directly, which forbids waiting.
    fileprivate func waitOrFail() {
        #expect(wait(timeout: .now() + .seconds(10)) == .success)
    }
}
