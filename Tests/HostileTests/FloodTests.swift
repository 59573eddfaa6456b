import Primitives
import Testing

/// Much of what is allowed in small numbers.
@Suite struct Floods {
    /// What a flood may add to the memory of the store while it lasts.
    private static let growthMax = 64 << 20

    private static let request = Frame.preface + Frame(Frame.Kind.settings).bytes()

    /// The frames of a flood, sent in pieces until all are or the server has hung up.
    private struct Flood: Sendable {
        var name: String
        var count: Int
        var expected: Answer
        var frames: @Sendable (Int) -> Bytes
    }

    private static let floods: [Flood] = [
        // CVE-2023-44487.
        Flood(name: "10,000 streams that are reset at once", count: 10_000, expected: .goAway(2)) {
            stream in
            let id = UInt32(2 * stream + 1)
            return Frame(
                Frame.Kind.headers, flags: Frame.Flag.endHeaders, stream: id, Call().headerBlock
            ).bytes() + Frame(Frame.Kind.reset, stream: id, Frame.word(8)).bytes()
        },
        // CVE-2024-28182.
        Flood(name: "a header block in 10,000 pieces", count: 10_000, expected: .goAway(1)) {
            piece in
            piece == 0
                ? Frame(Frame.Kind.headers, stream: 1, Call().headerBlock).bytes()
                : Frame(Frame.Kind.continuation, stream: 1, Frame.block([("a", "b")])).bytes()
        },
        // CVE-2019-9512.
        Flood(name: "30,000 pings of who does not read", count: 30_000, expected: .goAway(11)) {
            _ in Frame(Frame.Kind.ping, Bytes(repeating: 0, count: 8)).bytes()
        },
        // CVE-2019-9515.
        Flood(name: "100,000 settings", count: 100_000, expected: .goAway(1)) { _ in
            Frame(Frame.Kind.settings, Frame.setting(3, 100)).bytes()
        },
        Flood(name: "33 settings in a frame", count: 1, expected: .goAway(11)) { _ in
            Frame(Frame.Kind.settings, (0..<33).flatMap { _ in Frame.setting(3, 1) }).bytes()
        },
    ]

    @Test func `end the connection of who makes them`() throws {
        let store = try StoreProcess()
        let before = store.residentBytes
        for flood in Self.floods {
            let client = try Conversation(port: store.port)
            var next = 0
            while next < flood.count {
                let end = min(flood.count, next + 500)
                guard client.connection.send((next..<end).flatMap(flood.frames)) else { break }
                next = end
            }
            let answer = client.ending()
            // Bytes that were not read make the farewell get lost now and then.
            #expect(
                answer == flood.expected || answer == .closed, "\(flood.name): \(answer)")
            store.expectServesOthers(flood.name)
        }
        #expect(store.residentBytes - before < Self.growthMax)
    }

    /// What costs nothing is carried; CVE-2019-9518 and others.
    @Test func `of frames without content are carried and cost no memory`() throws {
        let store = try StoreProcess()
        let before = store.residentBytes
        let client = try Conversation(port: store.port)
        let stream = client.open(
            Call("/etcdserverpb.Watch/Watch", body: [], ends: false))
        let empty = Frame(Frame.Kind.data, stream: stream).bytes()
        let priority = Frame(Frame.Kind.priority, stream: stream, Frame.word(0) + [1]).bytes()
        let window = Frame(Frame.Kind.windowUpdate, stream: stream, Frame.word(1)).bytes()
        for _ in 0..<200 {
            client.connection.send((0..<500).flatMap { _ in empty + priority + window })
        }
        #expect(client.call(Call()) == .served)
        #expect(store.residentBytes - before < Self.growthMax)
        store.expectServesOthers("frames without content")
    }

    @Test func `of calls without an end are bounded by the streams of a connection`() throws {
        let store = try StoreProcess()
        let before = store.residentBytes
        let clients = try (0..<4).map { _ in try Conversation(port: store.port) }
        for client in clients {
            // Each says that 2 MiB are to come, and sends a few.
            for _ in 0..<1_000 {
                client.open(
                    Call(
                        "/etcdserverpb.KV/Put", headers: [],
                        body: [0, 0, 31, 255, 255] + Bytes(repeating: 0, count: 1_000),
                        ends: false))
            }
        }
        store.expectServesOthers("4,000 calls without an end")
        #expect(store.residentBytes - before < Self.growthMax)
    }

    @Test func `of 1,000 connections that come and go leave nothing`() throws {
        let store = try StoreProcess()
        for _ in 0..<100 { _ = try Conversation(port: store.port).call(Call()) }
        let before = store.residentBytes
        for _ in 0..<1_000 {
            let client = try Conversation(port: store.port)
            client.open(Call("/etcdserverpb.Watch/Watch", body: [], ends: false))
        }
        store.expectServesOthers("1,000 connections")
        #expect(store.residentBytes - before < 16 << 20)
    }

    /// Requests on a stream are answered on it; who does not read the answers may not ask on.
    @Test func `of requests on one stream whose answers are not read end the stream`() throws {
        let store = try StoreProcess()
        let before = store.residentBytes
        let client = try Conversation(port: store.port, settings: Frame.setting(4, 0))
        let stream = client.open(
            Call("/etcdserverpb.Watch/Watch", body: [], ends: false))
        // A watch of no range is refused with an answer.
        let refused = Call.framed(
            Message.inside(1, Message.make { $0.write(1, [98]); $0.write(2, [97]) }))
        let part = (0..<1_000).flatMap { _ in refused }
        for _ in 0..<400 { client.sendBody(part, on: stream) }
        #expect(client.answer(stream) == .reset(11))
        #expect(client.call(Call("/a/b", [])) == .status(12, "unknown service a"))
        #expect(store.residentBytes - before < Self.growthMax)
        store.expectServesOthers("400,000 requests on a stream")
    }
}
