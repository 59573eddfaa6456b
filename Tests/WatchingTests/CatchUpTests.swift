import Primitives
import StoreModel
import Testing
import Watching

/// How lagging watches are served.
@Suite struct `Catching up` {
    @Test func `one call reads no more than it may, and whole revisions`() {
        var store = WatchedStore(at: 8)
        store.create(allKeys, from: 2)
        #expect(store.catchUp(eventsMax: 3).flatMap(\.events).count == 3)
        #expect(store.hub.hasWork)
        #expect(store.catchUp(eventsMax: 3).flatMap(\.events).count == 3)
        #expect(store.catchUp(eventsMax: 3).flatMap(\.events).count == 1)
        #expect(!store.hub.hasWork)
        #expect(store.hub.unsyncedCount == 0)
    }

    @Test func `a watch of rare keys does not hold up a call`() {
        var store = WatchedStore(at: 100)
        store.create(key("rare"), from: 2)
        var calls = 0
        while store.hub.hasWork {
            #expect(store.catchUp(eventsMax: 10).isEmpty)
            calls += 1
        }
        #expect(calls == 10)
        #expect(store.apply(put("rare")).summary == ["101:rare"])
    }

    @Test func `watches of nearby positions share a read`() {
        var store = WatchedStore(at: 60)
        for start in Int64(2)..<42 { store.create(allKeys, stream: UInt64(start), from: start) }
        var calls = 0
        while store.hub.hasWork {
            store.catchUp(eventsMax: 100)
            calls += 1
        }
        #expect(calls == 1)
        for start in Int64(2)..<42 {
            let events = store.deliveries.of(0, stream: UInt64(start)).flatMap(\.events)
            #expect(events.map(\.keyValue.modRevision.rawValue) == Array(start...60))
        }
    }

    @Test func `watches far apart take turns`() {
        var store = WatchedStore(at: 100)
        store.create(allKeys, stream: 1, from: 2)
        store.create(allKeys, stream: 2, from: 50)
        var turns: [UInt64] = []
        while store.hub.hasWork {
            turns += store.catchUp(eventsMax: 10).map(\.stream.rawValue)
        }
        #expect(turns.prefix(8) == [1, 2, 1, 2, 1, 2, 1, 2])
    }

    @Test func `a call looks at a bounded number of watches`() {
        var store = WatchedStore(at: 5) { $0.catchUpWatchesMax = 10 }
        for stream in UInt64(0)..<25 { store.create(allKeys, stream: stream, from: 2) }
        let counts = (0..<4).map { _ in store.catchUp().count }
        #expect(counts == [10, 10, 5, 0])
    }

    @Test func `events published meanwhile come behind what is caught up`() {
        var store = WatchedStore(at: 4)
        store.create(allKeys, from: 2)
        #expect(store.apply(put("x")).isEmpty)
        store.catchUp(eventsMax: 2)
        #expect(store.apply(put("y")).isEmpty)
        store.drain()
        #expect(store.apply(put("z")).summary == ["7:z"])
        #expect(
            store.deliveries.summary == ["created", "2:a 3:b", "4:a 5:x 6:y", "7:z"])
    }

    @Test func `deliveries are cut between revisions where they would be too large`() {
        var store = WatchedStore(at: 6) { $0.deliveryBytesMax = 150 }
        store.create(allKeys, from: 2)
        #expect(store.drain().summary == ["2:a 3:b", "4:a 5:b", "6:a"])
    }

    // RELIABILITY B47: a watch opened exactly at the compact revision gets its events, the
    // deletion that compaction stopped at included.
    @Test func `a watch of the compact revision itself is served`() {
        var store = WatchedStore(at: 3)
        store.apply(delete("a"))
        store.apply(put("b"))
        store.history.compact(Revision(4))
        store.create(allKeys, from: 4)
        #expect(store.drain().summary == ["4:-a 5:b"])
        #expect(store.create(allKeys, from: 3).summary == ["created", "compacted@4"])
        #expect(store.hub.watchCount == 1)
    }

    @Test(arguments: [true, false])
    func `a lagging watch that compaction overtook is cancelled`(_ isBlocked: Bool) {
        var store = WatchedStore(at: 6)
        store.create(key("a"))
        store.setWritable(!isBlocked)
        store.create(allKeys, from: 3)
        store.create(allKeys, from: 5)
        store.history.compact(Revision(5))
        if isBlocked {
            #expect(store.drain().isEmpty)
            store.setWritable(true)
        }
        #expect(store.drain().summary == ["compacted@5", "5:b 6:a"])
        #expect(store.apply(put("a")).map(\.watchID) == [0, 2])
    }

    @Test func `compaction up to now does not touch watches that have everything`() {
        var store = WatchedStore(at: 6)
        store.create(allKeys)
        store.history.compact(Revision(6))
        #expect(store.drain().isEmpty)
        #expect(store.apply(put("a")).summary == ["7:a"])
    }

    @Test func `a watch that reads behind a compaction keeps its place`() {
        var store = WatchedStore(at: 9)
        store.create(allKeys, from: 2)
        store.catchUp(eventsMax: 4)
        store.history.compact(Revision(6))
        #expect(store.drain().summary == ["6:a 7:b 8:a 9:b"])
    }
}

/// The state is replaced by an image of another member.
@Suite struct `Watches and installed images` {
    // RELIABILITY B45: no watch goes back in time, repeats or skips when an image is installed.
    @Test func `every watch goes on where it was`() {
        var store = WatchedStore(at: 3)
        store.create(allKeys, stream: 1, from: 2)
        store.drain()
        store.create(allKeys, stream: 2)
        store.create(allKeys, stream: 3, from: 3)
        store.create(allKeys, stream: 4)
        store.setWritable(false, stream: 4)
        store.apply(put("x"))
        #expect(store.install([[put("y")], [put("z"), put("a")]]).isEmpty)
        store.setWritable(true, stream: 4)
        store.drain()
        store.apply(put("end"))
        let expected: [UInt64: [Int64]] = [
            1: [2, 3, 4, 5, 6, 6, 7], 2: [4, 5, 6, 6, 7], 3: [3, 4, 5, 6, 6, 7],
            4: [4, 5, 6, 6, 7],
        ]
        for (stream, revisions) in expected {
            let events = store.deliveries.of(0, stream: stream).flatMap(\.events)
            #expect(events.map(\.keyValue.modRevision.rawValue) == revisions)
        }
    }

    @Test func `a watch whose next event the image compacted is cancelled`() {
        var store = WatchedStore(at: 3)
        store.create(allKeys, stream: 1)
        store.create(allKeys, stream: 2)
        store.setWritable(false, stream: 2)
        #expect(store.install([[put("x")], [put("y")]], compact: 5).summary == ["compacted@5"])
        store.setWritable(true, stream: 2)
        #expect(store.drain().summary == ["compacted@5"])
        #expect(store.hub.watchCount == 0)
    }

    @Test func `a watch that only needs what the image kept is not cancelled`() {
        var store = WatchedStore(at: 3)
        store.create(key("x"))
        #expect(store.install([[put("x")], [put("y")]], compact: 4).isEmpty)
        #expect(store.drain().summary == ["4:x"])
    }

    @Test func `an image of the same revision changes nothing`() {
        var store = WatchedStore(at: 3)
        store.create(allKeys)
        #expect(store.install([], compact: 3).isEmpty)
        #expect(!store.hub.hasWork)
        #expect(store.apply(put("a")).summary == ["4:a"])
    }

    @Test func `progress waits for what the image brought`() {
        var store = WatchedStore(at: 3) { $0.progressTicks = 1 }
        store.create(allKeys) { $0.wantsProgress = true }
        store.install([[put("x")]])
        #expect(store.requestProgress().isEmpty)
        #expect(store.tick(3).isEmpty)
        #expect(store.catchUp().summary == ["4:x", "progress@4"])
    }
}
