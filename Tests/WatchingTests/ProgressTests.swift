import Primitives
import StoreModel
import Testing
import Watching

/// Progress notifications, periodic and on request.
@Suite struct `Progress notifications` {
    @Test(arguments: [1, 5, 40])
    func `a silent watch is told how far it is, about once in the interval`(_ ticks: Int) {
        var store = WatchedStore(at: 4) { $0.progressTicks = ticks }
        store.create(key("q")) { $0.wantsProgress = true }
        store.create(key("q"))
        #expect(store.tick(ticks - 1).isEmpty)
        let told = store.tick(9 * ticks + 1)
        #expect(told.allSatisfy { $0.watchID == 0 && $0.summary == "progress@4" })
        #expect((8...10).contains(told.count))
    }

    @Test func `events put the notification off`() {
        var store = WatchedStore { $0.progressTicks = 4 }
        store.create(key("a")) { $0.wantsProgress = true }
        for _ in 0..<10 {
            #expect(store.tick(3).isEmpty)
            store.apply(put("a"))
        }
        #expect(store.tick(4).summary == ["progress@11"])
    }

    @Test func `many watches are all told, a part at each tick`() {
        var store = WatchedStore { $0.progressTicks = 160 }
        for stream in UInt64(0)..<200 {
            store.create(key("a"), stream: stream) { $0.wantsProgress = true }
        }
        #expect(store.tick(159).isEmpty)
        var most = 0
        var told = 0
        for _ in 0..<10 {
            let now = store.tick().count
            most = max(most, now)
            told += now
        }
        #expect(told == 200)
        #expect(most <= 20)
    }

    // RELIABILITY B44: a watch that lags, or whose outlet is stalled, is told no progress.
    @Test func `a watch that lags or is stalled is not told`() {
        var store = WatchedStore(at: 4) { $0.progressTicks = 1 }
        store.create(allKeys, stream: 1, from: 2) { $0.wantsProgress = true }
        store.create(key("q"), stream: 2) { $0.wantsProgress = true }
        store.setWritable(false, stream: 2)
        #expect(store.tick(5).isEmpty)
        store.drain()
        store.setWritable(true, stream: 2)
        #expect(Set(store.tick(2).map(\.stream.rawValue)) == [1, 2])
    }

    // RELIABILITY B44: a request is answered on the whole stream, behind all of its watches.
    @Test func `a request is answered once all watches of the stream are synced`() {
        var store = WatchedStore(at: 4)
        store.create(allKeys, from: 2)
        store.create(key("q"))
        #expect(store.requestProgress().isEmpty)
        #expect(store.requestProgress().isEmpty)
        let answers = store.drain()
        #expect(answers.summary == ["2:a 3:b 4:a", "progress@4"])
        #expect(answers.map(\.watchID) == [0, -1])
        #expect(store.requestProgress().summary == ["progress@4"])
    }

    @Test func `a stalled outlet gets the answer later`() {
        var store = WatchedStore(at: 4)
        store.create(key("q"))
        store.setWritable(false)
        #expect(store.requestProgress().isEmpty)
        #expect(!store.hub.hasWork)
        store.apply(put("a"))
        #expect(store.tick().isEmpty)
        store.setWritable(true)
        #expect(store.hub.hasWork)
        #expect(store.drain().summary == ["progress@5"])
        #expect(!store.hub.hasWork)
    }

    @Test func `the end of the one lagging watch lets the answer out`() {
        var store = WatchedStore(at: 4)
        store.create(allKeys, from: 2)
        store.create(key("q"))
        store.requestProgress()
        #expect(store.cancel(id: 0).summary == ["cancelled", "progress@4"])
    }

    @Test func `a stream without watches has no progress`() {
        var store = WatchedStore(at: 4)
        #expect(store.requestProgress().isEmpty)
        store.create(allKeys, from: 2)
        store.requestProgress()
        #expect(store.cancel(id: 0).summary == ["cancelled"])
        store.create(key("q"))
        #expect(store.tick().isEmpty)
        #expect(store.requestProgress().summary == ["progress@4"])
    }

    // RELIABILITY B48: nor has one with a watch of a future revision, until that is next.
    @Test func `a stream with a future watch waits with the answer`() {
        var store = WatchedStore(at: 4)
        store.create(key("q"))
        store.create(key("q"), from: 7)
        #expect(store.requestProgress().isEmpty)
        store.apply(put("a"))
        #expect(store.tick().isEmpty)
        store.apply(put("a"))
        #expect(store.tick().summary == ["progress@6"])
        store.create(key("q"), from: 100)
        #expect(store.requestProgress().isEmpty)
        #expect(store.cancel(id: 2).summary == ["cancelled", "progress@6"])
    }

    @Test func `one stream's lag does not hold up another's answer`() {
        var store = WatchedStore(at: 4)
        store.create(allKeys, stream: 1, from: 2)
        store.create(allKeys, stream: 2)
        #expect(store.requestProgress(stream: 1).isEmpty)
        #expect(store.requestProgress(stream: 2).summary == ["progress@4"])
    }
}
