import Primitives
import StoreModel
import Testing

extension Behaviour {
    static let watches: [Behaviour] = [
        Behaviour("a watch from now on says where it opens and tells what follows") { bench in
            let before = try await bench.put("a", "0")
            let watch = bench.client.watch(WatchRequest(bench.everything))
            #expect(try await watch.next() == WatchBatch(revision: before, events: []))
            let first = try await bench.put("a", "1")
            let second = try await bench.delete("a")
            let events = try await watch.events(2)
            #expect(events.map(\.kind) == [.put, .delete])
            #expect(events.map(\.keyValue.modRevision) == [first, second])
            #expect(events[0].keyValue.value == Bytes("1".utf8))
            #expect(events[0].keyValue.version == 2)
            #expect(events.allSatisfy { $0.previous == nil })
        },
        Behaviour("a watch from the past begins with history") { bench in
            let first = try await bench.put("a")
            var last = first
            for _ in 0..<9 { last = try await bench.put("a") }
            let watch = bench.client.watch(
                WatchRequest(bench.everything, startRevision: first))
            let opened = try await watch.next()
            #expect(opened == WatchBatch(revision: first.previous, events: []))
            let events = try await watch.events(10)
            let revisions = events.map(\.keyValue.modRevision.rawValue)
            #expect(revisions == Array(first.rawValue...last.rawValue))
        },
        Behaviour("a watch from the future waits for it") { bench in
            let now = try await bench.put("a")
            let watch = bench.client.watch(
                WatchRequest(bench.everything, startRevision: now.next.next))
            #expect(try await watch.next()?.events == [])
            try await bench.put("a")
            let wanted = try await bench.put("a")
            #expect(try await watch.events(1).map(\.keyValue.modRevision) == [wanted])
        },
        Behaviour("the events of a revision come together") { bench in
            let before = try await bench.put("x")
            let watch = bench.client.watch(
                WatchRequest(bench.everything, startRevision: before.next))
            _ = try await watch.next()
            let puts = (10..<60).map { PutRequest(key: bench.key("\($0)"), value: []) }
            let request = TransactionRequest(success: puts.map { .put($0) })
            let revision = try await bench.client.transaction(request).revision
            let batch = try await watch.next()
            #expect(batch?.revision == revision)
            #expect(batch?.events.map(\.keyValue.key) == puts.map(\.key))
        },
        Behaviour("a revision that is larger than a message comes together") { bench in
            let value = String(repeating: "v", count: 20_000)
            for number in 100..<220 { try await bench.put("\(number)", value) }
            let before = try await bench.put("999")
            var request = WatchRequest(bench.everything, startRevision: before.next)
            request.wantsPrevious = true
            let watch = bench.client.watch(request)
            _ = try await watch.next()
            let deletion = DeleteRangeRequest(bench.everything)
            let transaction = TransactionRequest(success: [.deleteRange(deletion)])
            let revision = try await bench.client.transaction(transaction).revision
            let batch = try #require(try await watch.next())
            #expect(batch.revision == revision)
            #expect(batch.events.count == 121)
            #expect(batch.events.dropLast().allSatisfy { $0.previous?.value.count == 20_000 })
        },
        Behaviour("a watch sees its keys alone, filtered, with what was before") { bench in
            let before = try await bench.put("a", "1")
            var request = WatchRequest(
                KeyRange(key: bench.key("a")), startRevision: before.next)
            request.wantsPrevious = true
            request.filtersDeletes = true
            let watch = bench.client.watch(request)
            try await bench.put("b", "1")
            try await bench.put("a", "2")
            try await bench.delete("a")
            try await bench.put("a", "3")
            let events = try await watch.events(2)
            #expect(events.map(\.keyValue.value) == [Bytes("2".utf8), Bytes("3".utf8)])
            #expect(events.map(\.previous?.value) == [Bytes("1".utf8), nil])
            #expect(events[1].isCreate)
        },
        Behaviour("a watch that is asked how far it is says so") { bench in
            let revision = try await bench.put("a")
            let watch = bench.client.watch(WatchRequest(KeyRange(key: bench.key("quiet"))))
            #expect(try await watch.next() == WatchBatch(revision: revision, events: []))
            let later = try await bench.put("a")
            watch.requestProgress()
            #expect(try await watch.next() == WatchBatch(revision: later, events: []))
        },
        Behaviour("a reader that lags loses nothing") { bench in
            let before = try await bench.put("a")
            let watch = bench.client.watch(
                WatchRequest(bench.everything, startRevision: before.next))
            _ = try await watch.next()
            let value = String(repeating: "v", count: 20_000)
            var last = before
            for _ in 0..<600 { last = try await bench.put("a", value) }
            let events = try await watch.events(600)
            let revisions = events.map(\.keyValue.modRevision.rawValue)
            #expect(revisions == Array(before.next.rawValue...last.rawValue))
            #expect(events.allSatisfy { $0.keyValue.value.count == value.utf8.count })
        },
        Behaviour("a watch ends when it is closed or its reader is cancelled") { bench in
            let closed = bench.client.watch(WatchRequest(bench.everything))
            _ = try await closed.next()
            try await bench.put("a")
            closed.close()
            #expect(try await closed.next() == nil)
            let abandoned = bench.client.watch(WatchRequest(bench.everything))
            _ = try await abandoned.next()
            let batch = try await withThrowingTaskGroup(of: WatchBatch?.self) { group in
                group.addTask { try await abandoned.next() }
                group.cancelAll()
                return try await group.next() ?? nil
            }
            #expect(batch == nil)
            #expect(try await abandoned.next() == nil)
        },
        Behaviour("a watch of nothing is refused") { bench in
            let range = KeyRange(key: bench.key("b"), end: bench.key("a"))
            let watch = bench.client.watch(WatchRequest(range))
            let failure = await bench.failure { _ = try await watch.events(1) }
            #expect(isRefused(failure), "\(String(describing: failure))")
        },
    ]
}
