import Primitives
import StoreModel
import Testing
import Watching

/// The watch guarantees W1–W9 (RELIABILITY, intro), one after the other.
@Suite struct `What a watch is told` {
    @Test(arguments: [
        (key("a"), ["2:a", "5:a", "6:-a"]),
        (key("b"), ["2:b", "6:b"]),
        (key("zz"), []),
        (keys("a", "c"), ["2:a 2:ab 2:b", "4:ab", "5:a", "6:-a 6:b"]),
        (keys("ab", "b"), ["2:ab", "4:ab"]),
        (KeyRange(key: bytes("b"), end: [0]), ["2:b", "3:c", "6:b"]),
        (allKeys, ["2:a 2:ab 2:b", "3:c", "4:ab", "5:a", "6:-a 6:b"]),
    ])
    func `W1: only events of its keys come`(_ range: KeyRange, _ expected: [String]) {
        var store = WatchedStore()
        store.create(range)
        store.apply(put("a"), put("ab"), put("b"))
        store.apply(put("c"))
        store.apply(put("ab"))
        store.apply(put("a"))
        store.apply(delete("a"), put("b"))
        #expect(store.deliveries.summary == ["created"] + expected)
        // A watch that reads all of it from history is told the same.
        store.create(range, stream: 2, from: 2)
        let told = store.drain().flatMap(\.events)
        #expect(told == store.deliveries.of(0).flatMap(\.events))
    }

    @Test(arguments: [(false, true, ["2:a", "4:a"]), (true, false, ["3:-a"]), (true, true, [])])
    func `W1: filters leave out puts or deletions`(
        _ filtersPuts: Bool, _ filtersDeletes: Bool, _ expected: [String]
    ) {
        var store = WatchedStore()
        for stream in UInt64(1)...2 {
            let changes = stream == 2 ? [put("a"), delete("a"), put("a")] : []
            for change in changes { store.apply(change) }
            store.create(key("a"), stream: stream, from: 2) { request in
                request.filtersPuts = filtersPuts
                request.filtersDeletes = filtersDeletes
            }
        }
        store.drain()
        let published = store.deliveries.of(0).dropFirst().map(\.summary)
        let read = store.deliveries.of(0, stream: 2).flatMap(\.events)
        #expect(published == expected)
        #expect(read == store.deliveries.of(0).flatMap(\.events))
    }

    @Test func `W2 and W3: events come in order and once, however often the outlet stalls`() {
        var store = WatchedStore()
        store.create(allKeys)
        for number in 0..<30 {
            store.setWritable(number % 3 == 0)
            store.apply(put("k\(number)"))
            if number % 4 == 0 { store.catchUp(eventsMax: 2) }
        }
        store.setWritable(true)
        store.drain(eventsMax: 3)
        let revisions = store.deliveries.flatMap(\.events).map(\.keyValue.modRevision.rawValue)
        #expect(revisions == Array(2...31))
    }

    // RELIABILITY B49: the events of one revision are not split, and none comes twice.
    @Test(arguments: [1, 2, 3, 100])
    func `W4: a revision comes whole, whatever the bounds`(_ eventsMax: Int) {
        var store = WatchedStore { configuration in
            configuration.deliveryBytesMax = 1
            configuration.catchUpBytesMax = 1
        }
        store.apply(put("a"), put("b"), put("c"))
        store.apply(put("a"), put("b"))
        store.create(allKeys, from: 2)
        store.drain(eventsMax: eventsMax)
        store.apply(put("a"), put("b"))
        #expect(store.deliveries.summary == ["created", "2:a 2:b 2:c", "3:a 3:b", "4:a 4:b"])
    }

    @Test func `W4: fragments come only where allowed, marked but the last`() {
        for isLate in [false, true] {
            var store = WatchedStore { $0.deliveryBytesMax = 150 }
            let changes = ["a", "b", "c", "d", "e"].map { put($0) }
            if isLate { store.apply(changes) }
            store.create(allKeys, from: 2) { $0.allowsFragments = true }
            store.create(allKeys, from: 2)
            if !isLate { store.apply(changes) }
            store.drain()
            #expect(store.deliveries.of(0).summary == ["created", "2:a 2:b+", "2:c 2:d+", "2:e"])
            #expect(store.deliveries.of(1).summary == ["created", "2:a 2:b 2:c 2:d 2:e"])
        }
    }

    // RELIABILITY B44: progress is told on the stream behind the events, never before.
    @Test func `W5: progress comes behind the events up to its revision`() {
        var store = WatchedStore(at: 5)
        store.create(allKeys, from: 2)
        #expect(store.requestProgress().summary == [])
        #expect(store.catchUp(eventsMax: 2).summary == ["2:a 3:b"])
        store.apply(put("a"))
        #expect(store.catchUp(eventsMax: 2).summary == ["4:a 5:b"])
        #expect(store.catchUp(eventsMax: 2).summary == ["6:a", "progress@6"])
    }

    @Test(arguments: Array(Int64(1)...8))
    func `W6: a watch begins with the first event at or after its start`(_ start: Int64) {
        var store = WatchedStore(at: 5)
        store.create(allKeys, from: start)
        store.drain()
        for _ in 0..<4 { store.apply(put("a")) }
        let revisions = store.deliveries.flatMap(\.events).map(\.keyValue.modRevision.rawValue)
        #expect(revisions == Array(max(2, start)...9))
    }

    // RELIABILITY B48: a watch of a future revision gets nothing older, events or progress.
    @Test func `W6: a watch of a future revision waits for it`() {
        var store = WatchedStore(at: 3) { $0.progressTicks = 1 }
        store.create(allKeys, from: 6) { $0.wantsProgress = true }
        store.apply(put("a"))
        #expect(store.requestProgress().summary == [])
        #expect(store.tick(3).summary == [])
        store.apply(put("a"))
        #expect(store.tick(3).summary.contains("progress@5"))
        #expect(store.apply(put("a")).summary == ["6:a"])
        // Also after an outlet that stalled and an image that was installed in between.
        var other = WatchedStore(at: 3)
        other.create(allKeys, from: 6)
        other.setWritable(false)
        other.apply(put("a"))
        #expect(other.install([[put("a")]]).summary == [])
        other.setWritable(true)
        other.drain()
        #expect(other.apply(put("b")).summary == ["6:b"])
    }

    @Test func `W6: zero means from now on`() {
        var store = WatchedStore(at: 3)
        let created = store.create(allKeys)
        #expect(created.map(\.revision) == [Revision(3)])
        #expect(store.apply(put("x")).summary == ["4:x"])
    }

    // RELIABILITY B46: what came while the outlet was stalled comes later.
    @Test func `W7: nothing is lost while an outlet is stalled`() {
        var store = WatchedStore()
        store.create(allKeys)
        store.setWritable(false)
        for name in ["a", "b", "c"] {
            #expect(store.apply(put(name)).isEmpty)
            #expect(!store.hub.hasWork)
        }
        #expect(store.catchUp().isEmpty)
        store.setWritable(true)
        #expect(store.hub.hasWork)
        #expect(store.drain().summary == ["2:a 3:b 4:c"])
        #expect(store.apply(put("d")).summary == ["5:d"])
    }

    @Test func `W7: an outlet that stalls in the middle of catching up loses nothing`() {
        var store = WatchedStore(at: 9)
        store.create(allKeys, from: 2)
        #expect(store.catchUp(eventsMax: 3).summary == ["2:a 3:b 4:a"])
        store.setWritable(false)
        #expect(store.drain().isEmpty)
        store.apply(put("c"))
        store.setWritable(true)
        #expect(store.drain().summary == ["5:b 6:a 7:b 8:a 9:b 10:c"])
    }

    @Test func `W8: the version before comes with the event where it was asked for`() {
        var store = WatchedStore()
        store.apply(put("a", "1"))
        store.create(key("a"), stream: 1, from: 2) { $0.wantsPrevious = true }
        store.create(key("a"), stream: 2, from: 2)
        store.drain()
        store.apply(put("a", "2"))
        store.apply(delete("a"))
        store.apply(put("a", "3"))
        let with = store.deliveries.of(0).flatMap(\.events)
        #expect(with.map { $0.previous?.value } == [nil, bytes("1"), bytes("2"), nil])
        let without = store.deliveries.of(0, stream: 2).flatMap(\.events)
        #expect(without.allSatisfy { $0.previous == nil })
        #expect(without.map(\.keyValue) == with.map(\.keyValue))
        // And from history.
        store.create(key("a"), stream: 3, from: 2) { $0.wantsPrevious = true }
        #expect(store.drain().flatMap(\.events) == with)
    }

    @Test func `previous versions are wanted exactly while a watch wants them`() {
        var store = WatchedStore()
        #expect(!store.hub.wantsPreviousVersions)
        store.create(key("a"), id: 7) { $0.wantsPrevious = true }
        store.create(key("a"))
        #expect(store.hub.wantsPreviousVersions)
        store.cancel(id: 7)
        #expect(!store.hub.wantsPreviousVersions)
    }

    @Test func `W9: only the put that makes a key is a creation`() {
        var store = WatchedStore()
        store.create(key("a"))
        for change in [put("a"), put("a"), delete("a"), put("a")] { store.apply(change) }
        let creations = store.deliveries.flatMap(\.events).map(\.isCreate)
        #expect(creations == [true, false, false, true])
    }
}
