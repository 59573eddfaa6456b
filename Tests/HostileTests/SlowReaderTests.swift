import Primitives
import Testing

/// Clients that open watches and do not read.
@Suite struct `Slow readers` {
    /// RELIABILITY E: 10,000 stalled watchers may add this to the memory of the store.
    private static let growthMax = 200 << 20

    @Test func `10,000 stalled watches take a bounded amount of memory`() throws {
        let store = try StoreProcess()
        store.expectServesOthers("nothing")
        let before = store.residentBytes
        let clients = try (0..<10).map { _ in
            try Conversation(port: store.port, receiveBytes: 4_096)
        }
        let create = Call.framed(Message.inside(1, Message.key("stalled")))
        for client in clients {
            for _ in 0..<1_000 {
                client.open(Call("/etcdserverpb.Watch/Watch", body: create, ends: false))
            }
        }
        let writer = try Conversation(port: store.port)
        // 10,000 deliveries each, 4 GiB in all.
        let value = String(repeating: "v", count: 4_096)
        for _ in 0..<100 {
            let answer = writer.call(
                Call("/etcdserverpb.KV/Put", Message.put("stalled", value)), patience: 60_000)
            #expect(answer == .served)
        }
        let growth = store.residentBytes - before
        #expect(growth < Self.growthMax, "10,000 stalled watches took \(growth >> 20) MiB")
        store.expectServesOthers("10,000 stalled watches")
        print("10,000 stalled watches, 100 events of 4 KiB each: \(growth >> 20) MiB")
    }

    @Test func `10,000 stalled watches on one stream too`() throws {
        let store = try StoreProcess()
        let before = store.residentBytes
        let client = try Conversation(port: store.port, receiveBytes: 4_096)
        let create = Call.framed(Message.inside(1, Message.key("stalled")))
        let stream = client.open(
            Call("/etcdserverpb.Watch/Watch", body: create, ends: false))
        for _ in 1..<100 {
            client.sendBody((0..<100).flatMap { _ in create }, on: stream)
        }
        let writer = try Conversation(port: store.port)
        let value = String(repeating: "v", count: 4_096)
        for _ in 0..<100 {
            let answer = writer.call(
                Call("/etcdserverpb.KV/Put", Message.put("stalled", value)), patience: 60_000)
            #expect(answer == .served)
        }
        let growth = store.residentBytes - before
        #expect(growth < 64 << 20, "10,000 watches of one stream took \(growth >> 20) MiB")
        store.expectServesOthers("10,000 stalled watches on one stream")
    }

    /// What was held back comes when the client reads again: each event once, in order.
    @Test func `a stalled watch that goes on has missed nothing`() throws {
        let store = try StoreProcess()
        let client = try Conversation(
            port: store.port, settings: Frame.setting(4, 0), receiveBytes: 4_096)
        let stream = client.open(
            Call(
                "/etcdserverpb.Watch/Watch",
                body: Call.framed(Message.inside(1, Message.key("k"))), ends: false))
        #expect(client.call(Call("/a/b", [])) == .status(12, "unknown service a"))
        let writer = try Conversation(port: store.port)
        let value = String(repeating: "v", count: 60_000)
        for number in 0..<100 {
            let put = Message.put("k", "<\(number)>" + value)
            #expect(writer.call(Call("/etcdserverpb.KV/Put", put)) == .served)
        }
        client.send(
            Frame(Frame.Kind.settings, Frame.setting(4, 1 << 20)),
            Frame(Frame.Kind.windowUpdate, Frame.word(1 << 24)))
        #expect(client.answer(stream, patience: 2_000) == .silence)
        let text = String(decoding: client.messages[stream] ?? [], as: UTF8.self)
        let numbers = text.split(separator: "<").dropFirst().compactMap { part in
            part.firstIndex(of: ">").flatMap { Int(part[..<$0]) }
        }
        #expect(numbers == Array(0..<100))
    }
}
