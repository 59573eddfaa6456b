import APIClient
import Logging
import Primitives
import ResourceModel
import Synchronization
import Testing

@testable import Reconciliation

@Suite struct InformerTests {
    static let kind = GroupVersionKind(group: "", version: "v1", kind: "ConfigMap")

    /// Runs an informer to the end of a script.
    private func run(
        _ script: [ScriptedTransport.Answer]
    ) async -> (requests: [String], news: [String], pauses: [Int64]) {
        let transport = ScriptedTransport(script)
        let clock = ManualClock(isAutomatic: true)
        let news = Noted<[String]>([])
        let informer = Informer(
            ObjectClient(transport, manager: "test"), Self.kind, clockwork: clock.clockwork,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await withTaskGroup { group in
            group.addTask {
                await informer.run { one in
                    news.withLock {
                        switch one {
                        case .list(let objects, let version):
                            $0.append("list \(objects.count) at \(version)")
                        case .event(let event): $0.append("event \(event.resourceVersion)")
                        }
                    }
                }
            }
            await transport.end()
            group.cancelAll()
        }
        #expect(transport.last.isClosed, "an informer that ends hangs up")
        let requests = transport.requests.map { request in
            request.replacing("GET /api/v1/configmaps?", with: "")
                .replacing("watch=true&allowWatchBookmarks=true&resourceVersion=", with: "watch ")
        }
        return (requests, news.withLock { $0 }, clock.pauses)
    }

    @Test func `a lost watch goes on after the last event that it told`() async {
        let (requests, news, _) = await run([
            .json(200, .list(10)),
            .watch([.event("ADDED", "a", 11)], .serviceUnavailable("lost")),
            .watch([.event("BOOKMARK", "", 20)]),
        ])
        #expect(requests == ["limit=500", "watch 10", "watch 11", "watch 20"])
        #expect(news == ["list 0 at 10", "event 11", "event 20"])
    }

    @Test(arguments: [true, false])
    func `a place that the server has forgotten is listed anew`(isEvent: Bool) async {
        let expired = APIFailure.expired("too old resource version: 10 (100)")
        let (requests, news, _) = await run([
            .json(200, .list(10)),
            isEvent
                ? .watch([["type": "ERROR", "object": expired.status]])
                : .json(410, expired.status),
            .json(200, .list(100)),
        ])
        #expect(requests == ["limit=500", "watch 10", "limit=500", "watch 100"])
        #expect(news == ["list 0 at 10", "list 0 at 100"])
    }

    @Test func `failures are paused after, longer each time, until something is told`() async {
        let lost = ScriptedTransport.Answer.failure(.serviceUnavailable("no server"))
        let (requests, _, pauses) = await run(
            Array(repeating: lost, count: 8) + [
                .json(200, .list(10)), lost, .watch([.event("ADDED", "a", 11)]),
                .watch([], .serviceUnavailable("lost")),
            ])
        #expect(requests.count == 13)
        #expect(pauses[..<8] == [50, 100, 200, 400, 800, 1600, 3200, 5000])
        // A watch that told something is as good as new when it ends.
        #expect(pauses[8...] == [5000, 50, 100])
    }

    @Test func `a server that ends every watch at once is not asked without a pause`() async {
        let (_, _, pauses) = await run([
            .json(200, .list(10)), .watch([]), .watch([]), .watch([]),
        ])
        #expect(pauses == [50, 100, 200])
    }

    @Test func `an event without a version does not lead back to the beginning`() async {
        let (requests, _, _) = await run([
            .json(200, .list(10)), .watch([["type": "BOOKMARK", "object": ["kind": "ConfigMap"]]]),
        ])
        #expect(requests == ["limit=500", "watch 10", "watch 10"])
    }
}
