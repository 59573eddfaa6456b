import Primitives
import StoreModel
import Testing

extension Behaviour {
    static let compaction: [Behaviour] = [
        Behaviour("history before a compaction is gone, the rest is there") { bench in
            let first = try await bench.put("a", "1")
            let second = try await bench.put("a", "2")
            try await bench.put("a", "3")
            try await bench.client.compact(second)
            let old = await bench.failure { _ = try await bench.get("a", at: first) }
            #expect(isCompacted(old), "\(String(describing: old))")
            #expect(try await bench.get("a", at: second)?.value == Bytes("2".utf8))
            #expect(try await bench.get("a")?.value == Bytes("3".utf8))
        },
        Behaviour("a compaction that is done or too far ahead is refused") { bench in
            let revision = try await bench.put("a")
            try await bench.client.compact(revision)
            let again = await bench.failure { try await bench.client.compact(revision) }
            #expect(isCompacted(again), "\(String(describing: again))")
            let future = await bench.failure { try await bench.client.compact(revision.next) }
            #expect(isFuture(future), "\(String(describing: future))")
        },
        Behaviour("a watch from before a compaction ends and names it") { bench in
            let first = try await bench.put("a")
            let second = try await bench.put("a")
            try await bench.client.compact(second)
            let watch = bench.client.watch(WatchRequest(bench.everything, startRevision: first))
            let failure = await bench.failure { _ = try await watch.events(1) }
            #expect(failure == .watchCompacted(floor: second))
            let again = await bench.failure { _ = try await watch.next() }
            #expect(again == failure)
        },
        Behaviour("a watch from the compacted revision on gets it") { bench in
            let revision = try await bench.put("a")
            try await bench.client.compact(revision)
            let watch = bench.client.watch(
                WatchRequest(bench.everything, startRevision: revision))
            #expect(try await watch.events(1).map(\.keyValue.modRevision) == [revision])
        },
    ]
}
