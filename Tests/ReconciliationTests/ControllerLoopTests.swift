import APIClient
import Environment
import Logging
import Planning
import Primitives
import ResourceModel
import Synchronization
import Testing

@testable import Reconciliation
@testable import copier

/// The loop with the example controller, over a server of a few lines and a clock that the tests
/// set.
@Suite struct ControllerLoopTests {
    private let api = FakeAPI()
    private let clock = ManualClock()

    private func loop(
        _ planner: any Planner = ConfigMapCopier(), _ transport: (any APITransport)? = nil,
        mayWrite: @escaping @Sendable () -> Bool = { true }
    ) -> ControllerLoop {
        ControllerLoop(
            [planner], client: ObjectClient(transport ?? api, manager: "test"),
            instance: "test", clockwork: clock.clockwork,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, mayWrite: mayWrite)
    }

    /// Runs `body` beside a loop, which then has to end.
    private func run(_ loop: ControllerLoop, _ body: @Sendable () async -> Void) async {
        await withTaskGroup { group in
            group.addTask { await loop.run() }
            await body()
            group.cancelAll()
        }
    }

    private func putSource(_ name: String = "a", to namespaces: String, value: String = "1") {
        api.put(
            "configmaps",
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": .string(name), "namespace": "default",
                    "annotations": [ConfigMapCopier.copyTo: .string(namespaces)],
                ],
                "data": ["key": .string(value)],
            ])
    }

    @Test func `actual state follows the desired one`() async {
        putSource(to: "x y")
        await run(loop()) {
            await api.writes(2)
            putSource(to: "y z", value: "2")
            await api.writes(5)
            api.delete("configmaps/default/a")
            await api.writes(7)
        }
        #expect(api.objects("configmaps").isEmpty)
        #expect(
            api.writes[..<2] == ["POST x/a", "POST y/a"]
                && api.writes[2..<5].sorted() == ["DELETE x/a", "PATCH y/a", "POST z/a"]
                && api.writes[5...].sorted() == ["DELETE y/a", "DELETE z/a"])
    }

    @Test func `nothing is planned before the own writes are seen`() async {
        let planner = Counting()
        api.put("configmaps", Counting.configMap)
        await run(loop(planner)) {
            await planner.planned(1)
            api.holdEvents(of: "configmaps")
            planner.wantsWrite.withLock { $0 = true }
            api.put("secrets", Counting.secret)
            await api.writes(1)
            for _ in 0..<20 { api.put("secrets", Counting.secret) }
            for _ in 0..<500 { await Task.yield() }
            #expect(planner.count.withLock { $0 } == 2)
            api.releaseEvents()
            await planner.planned(3)
        }
        #expect(api.writes.count == 1)
    }

    @Test func `writes that are never seen are waited for five minutes`() async {
        let planner = Counting()
        await run(loop(planner)) {
            api.put("configmaps", Counting.configMap)
            await planner.planned(1)
            api.holdEvents(of: "configmaps")
            planner.wantsWrite.withLock { $0 = true }
            // The event is held, so the plan comes by the clock.
            await clock.sleepers(1, until: 60_000)
            clock.advance(to: 60_000)
            await planner.planned(2)
            await clock.sleepers(1, until: 120_000)
            clock.advance(to: 120_000)
            await clock.sleepers(1, until: 360_000)
            #expect(planner.count.withLock { $0 } == 2)
            clock.advance(to: 360_000)
            await planner.planned(3)
        }
    }

    @Test func `failures back off, are told to the planner, and are forgotten`() async {
        let planner = Counting()
        planner.wantsWrite.withLock { $0 = true }
        let left = Noted(5)
        api.refuse { _ in
            left.withLock { left in
                left -= 1
                return left < 0 ? nil : .internalError("no")
            }
        }
        api.put("configmaps", Counting.configMap)
        await run(loop(planner)) {
            for (index, due) in [Int64(5), 15, 35, 75, 155].enumerated() {
                await planner.planned(index + 1)
                await clock.sleepers(1, until: due)
                clock.advance(to: due)
            }
            // What went well is seen, planned again, and has nothing to tell.
            await planner.planned(7)
            #expect(planner.failures.withLock { $0 } == 5)
        }
        #expect(api.writes.count == 6)
    }

    @Test func `once it may not write, a plan stops in the middle`() async {
        putSource(to: "u v w x y z")
        let allowed = Noted(3)
        let refused = AsyncStream<Void>.makeStream()
        let loop = loop {
            let may = allowed.withLock { count in
                count -= 1
                return count >= 0
            }
            if !may { refused.continuation.yield() }
            return may
        }
        await run(loop) { for await _ in refused.stream { break } }
        // The first by itself, then two at a time.
        #expect(api.writes.first == "POST u/a")
        #expect(api.writes.sorted() == ["POST u/a", "POST v/a", "POST w/a"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `copies are made several at a time`() async {
        putSource(to: "a b c d e f g")
        // The last four are let through when all of them are there.
        let crowd = CrowdTransport(api, free: 3, crowd: 4)
        await run(loop(ConfigMapCopier(), crowd)) { await api.writes(7) }
        #expect(api.writes.sorted() == "abcdefg".map { "POST \($0)/a" })
    }

    @Test func `after a refusal no more is asked for, and what was done is not done again`() async {
        putSource(to: "a b c d e f g")
        let isRefusing = Noted(true)
        let (lasts, last) = AsyncStream<Void>.makeStream()
        api.refuse { line in
            if line == "POST g/a" { last.yield() }
            return isRefusing.withLock { $0 } && line == "POST c/a" ? .internalError("no") : nil
        }
        await run(loop()) {
            // It comes back by the clock, and perhaps because of what it has made.
            await clock.sleepers(1, until: 5)
            #expect(Set(api.writes) == ["POST a/a", "POST b/a", "POST c/a"])
            isRefusing.withLock { $0 = false }
            clock.advance(to: 5)
            for await _ in lasts { break }
        }
        let others = api.writes.filter { $0 != "POST c/a" }
        #expect(others.sorted() == "abdefg".map { "POST \($0)/a" })
    }

    @Test func `what changes often while it is worked on is planned once more`() async {
        let planner = Counting()
        let gate = GatedTransport(api, gated: "/api/v1/namespaces/default/configmaps/a")
        planner.wantsWrite.withLock { $0 = true }
        api.put("configmaps", Counting.configMap)
        await run(loop(planner, gate)) {
            await gate.asked()
            for _ in 0..<100 { api.put("secrets", Counting.secret) }
            for _ in 0..<500 { await Task.yield() }
            #expect(planner.count.withLock { $0 } == 1)
            gate.open()
            await planner.planned(2)
        }
        // Once for all that changed, once for the own write.
        #expect(planner.count.withLock { $0 } <= 3)
    }

    @Test func `nothing is planned before every kind was listed`() async {
        let planner = TwoKinds()
        api.put("configmaps", Counting.configMap)
        let gate = GatedTransport(api, gated: "/api/v1/secrets?limit")
        await run(loop(planner, gate)) {
            await gate.asked()
            for _ in 0..<200 { await Task.yield() }
            #expect(planner.kinds.withLock { $0 }.isEmpty)
            api.put("secrets", Counting.secret)
            gate.open()
            await planner.planned()
        }
        #expect(planner.kinds.withLock { $0 } == [[1, 1]])
    }
}
