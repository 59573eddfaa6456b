import Primitives
import StoreModel
import Testing
import Watching

/// Creating and ending watches and streams.
@Suite struct `Watches come and go` {
    @Test func `identifiers are chosen from 0 on, past those that clients chose`() {
        var store = WatchedStore()
        let ids = [0, 2, 0, 0, -5, 1_000].map { id in
            store.create(key("a"), id: id)[0].watchID
        }
        #expect(ids == [0, 2, 1, 3, 4, 1_000])
        store.cancel(id: 0)
        #expect(store.create(key("a"))[0].watchID == 5)
        #expect(store.create(key("a"), stream: 2)[0].watchID == 0)
    }

    // RELIABILITY B48: a negative revision is refused instead of being read from the beginning.
    @Test(arguments: [
        (key("a"), Int64(0), Int64(7), "mvcc: duplicate watch ID provided on the WatchStream"),
        (keys("b", "b"), 0, 0, "mvcc: watcher range is empty"),
        (keys("b", "a"), 0, 7, "mvcc: watcher range is empty"),
        (key("a"), -1, 0, "etcdserver: mvcc: required revision has been compacted"),
        (key("a"), .min, 7, "etcdserver: mvcc: required revision has been compacted"),
    ])
    func `what makes no sense is refused in etcd's words`(
        _ range: KeyRange, _ start: Int64, _ id: Int64, _ reason: String
    ) {
        var store = WatchedStore(at: 3)
        store.create(key("a"), id: 7)
        let answers = store.create(range, from: start, id: id)
        #expect(
            answers == [
                WatchDelivery(
                    stream: WatchStreamID(1), watchID: -1, revision: Revision(3),
                    body: .cancelled(compactRevision: .zero, reason: reason))
            ])
        #expect(store.hub.watchCount == 1)
        #expect(store.apply(put("a")).summary == ["4:a"])
    }

    @Test func `there are not more watches than the bound`() {
        var store = WatchedStore { $0.watchesMax = 2 }
        for stream in UInt64(1)...2 { store.create(key("a"), stream: stream) }
        #expect(store.create(key("a"), stream: 3).summary == ["refused"])
        store.cancel(id: 0)
        #expect(store.create(key("a"), stream: 3).summary == ["created"])
    }

    @Test func `a cancelled watch says so and is silent from then on`() {
        var store = WatchedStore()
        store.create(key("a"))
        store.create(allKeys)
        #expect(store.cancel(id: 0).summary == ["cancelled"])
        #expect(store.cancel(id: 0).isEmpty)
        #expect(store.cancel(stream: 9, id: 0).isEmpty)
        #expect(store.apply(put("a")).of(0).isEmpty)
        #expect(store.deliveries.of(1).summary == ["created", "2:a"])
    }

    @Test(arguments: [true, false])
    func `lagging watches can be cancelled, and streams with them closed`(_ isWritable: Bool) {
        var store = WatchedStore(at: 5)
        store.setWritable(isWritable)
        for _ in 0..<4 { store.create(allKeys, from: 2) }
        store.create(allKeys, stream: 2, from: 2)
        store.cancel(id: 1)
        store.cancel(id: 3)
        store.call { hub, _, _ in hub.close(WatchStreamID(1)) }
        #expect(store.hub.watchCount == 1)
        #expect(store.hub.unsyncedCount == 1)
        #expect(store.drain().summary == ["2:a 3:b 4:a 5:b"])
    }

    @Test func `a closed stream can be opened again`() {
        var store = WatchedStore(at: 3)
        store.create(key("a"), from: 2)
        store.setWritable(false)
        store.requestProgress()
        store.call { hub, _, _ in hub.close(WatchStreamID(1)) }
        store.setWritable(true)
        #expect(store.create(key("a"))[0].watchID == 0)
        #expect(store.tick().isEmpty)
        #expect(store.drain().isEmpty)
        #expect(store.apply(put("a")).summary == ["4:a"])
        store.call { hub, _, _ in hub.close(WatchStreamID(8)) }
    }

    @Test func `a thousand watches of a key and ten thousand of others are found`() {
        var store = WatchedStore()
        store.call { hub, _, new in
            func create(_ range: KeyRange, _ stream: Int) {
                hub.create(
                    WatchStreamID(UInt64(stream)), WatchRequest(range), revision: Revision(1),
                    compactRevision: .zero, into: &new)
            }
            for number in 0..<1_000 { create(key("hot"), number) }
            for number in 0..<10_000 { create(key("k\(number)"), number) }
            for number in 0..<10_000 { create(keys("r\(number)", "r\(number)~"), number) }
            for number in 0..<500 { hub.close(WatchStreamID(UInt64(number))) }
        }
        #expect(store.apply(put("hot")).count == 500)
        #expect(store.apply(put("k7")).isEmpty)
        #expect(store.apply(put("k1007")).count == 1)
        #expect(store.apply(put("r1007/x")).count == 1)
    }

    // RELIABILITY B46: stalled clients cost a bounded amount of memory, not what they miss.
    @Test func `ten thousand stalled watches keep nothing of what they miss`() {
        var hub = WatchHub(configuration: WatchConfiguration())
        var history = ToyHistory()
        var deliveries: [WatchDelivery] = []
        for number in UInt64(0)..<10_000 {
            hub.create(
                WatchStreamID(number), WatchRequest(allKeys), revision: history.revision,
                compactRevision: .zero, into: &deliveries)
            hub.setWritable(WatchStreamID(number), false)
        }
        deliveries = []
        var sent = 0
        for _ in 0..<20 {
            let events = history.apply([put("a", String(repeating: "v", count: 1_000))])
            sent += eventCount(in: events)
            hub.publish(events, revision: history.revision, into: &deliveries)
        }
        #expect(sent == 20)
        #expect(deliveries.isEmpty)
        #expect(hub.unsyncedCount == 10_000)
        #expect(!hub.hasWork)
        #expect(eventCount(in: hub) == 0)
        hub.checkInvariants()
    }

    /// How many events are stored anywhere in the hub.
    private func eventCount(in value: Any, depth: Int = 0) -> Int {
        if value is Event { return 1 }
        if value is WatchRequest || depth > 6 { return 0 }
        return Mirror(reflecting: value).children.reduce(0) {
            $0 + eventCount(in: $1.value, depth: depth + 1)
        }
    }
}
