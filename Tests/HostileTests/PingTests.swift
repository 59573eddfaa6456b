import Primitives
import Testing

/// Pings in both directions; RELIABILITY D, keepalive.
@Suite struct Pings {
    private static let ping = Frame(Frame.Kind.ping, Bytes(repeating: 7, count: 8))
    private static let watch = Call("/etcdserverpb.Watch/Watch", body: [], ends: false)

    @Test func `without a call are too many when the fourth comes at once`() throws {
        let store = try StoreProcess()
        let client = try Conversation(port: store.port)
        for _ in 0..<3 { client.send(Self.ping) }
        #expect(client.answer(1, patience: 300) == .silence)
        client.send(Self.ping)
        #expect(client.ending() == .goAway(11))
        #expect(client.farewell == "too_many_pings")
        store.expectServesOthers("too many pings")
    }

    @Test func `of a client that waits on a watch may come at the least distance`() throws {
        let store = try StoreProcess(["--grpc-keepalive-min-time", "100ms"])
        let client = try Conversation(port: store.port)
        client.open(Self.watch)
        for _ in 0..<10 {
            client.send(Self.ping)
            #expect(client.answer(1, patience: 150) == .silence)
        }
        #expect(!client.isClosed)
        for _ in 0..<4 { client.send(Self.ping) }
        #expect(client.ending() == .goAway(11))
    }

    /// grpc-go sends one with the first bytes of each answer to measure the connection.
    @Test func `that measure the connection are carried`() throws {
        let store = try StoreProcess()
        let client = try Conversation(port: store.port)
        for _ in 0..<100 {
            #expect(client.call(Call()) == .served)
            client.send(Self.ping)
        }
        #expect(client.call(Call()) == .served)
    }

    private static let impatient = [
        "--grpc-keepalive-interval", "200ms", "--grpc-keepalive-timeout", "300ms",
    ]

    @Test func `are sent to a silent client, which is hung up on if it stays so`() throws {
        let store = try StoreProcess(Self.impatient)
        let silent = try Conversation(port: store.port)
        silent.open(Self.watch)
        #expect(silent.ending(patience: 3_000) == .closed)
        #expect(silent.pings == 1)
        store.expectServesOthers("a silent client")
    }

    @Test func `that are answered keep a silent client connected`() throws {
        let store = try StoreProcess(Self.impatient)
        let client = try Conversation(port: store.port)
        client.open(Self.watch)
        var answered = 0
        while answered < 5, let frame = client.frame(patience: 3_000) {
            guard frame.kind == Frame.Kind.ping else { continue }
            client.send(
                Frame(
                    Frame.Kind.ping, flags: Frame.Flag.acknowledgement, frame.payload))
            answered += 1
        }
        #expect(answered == 5)
        #expect(client.call(Call()) == .served)
    }
}
