import APIClient
import Logging
import Primitives
import ResourceModel
import Synchronization
import Testing

@testable import Reconciliation

/// Lease 15 s, renewed for 10 s, tried every 2 s: client-go's numbers.
@Suite struct LeaderElectionTests {
    /// A process that wants to lead.
    private final class Candidate: Sendable {
        let link: Link
        let clock: ManualClock
        let stop: AsyncStream<Void>.Continuation
        private let stopping: AsyncStream<Void>
        private let identity: String
        /// Every leadership that was ever had.
        let terms = Mutex<[Leadership]>([])
        private let begun: AsyncStream<Void>
        private let begin: AsyncStream<Void>.Continuation
        let running = Mutex(0)

        init(
            _ api: FakeAPI, _ clock: ManualClock, _ identity: String,
            by transport: (any APITransport)? = nil
        ) {
            link = Link(transport ?? api)
            self.clock = clock
            self.identity = identity
            (stopping, stop) = AsyncStream.makeStream()
            (begun, begin) = AsyncStream.makeStream()
        }

        var leads: Bool { terms.withLock { $0.contains(where: \.isHeld) } }

        /// Waits until it has begun to lead.
        func leading() async { for await _ in begun { break } }

        func run() async {
            let election = LeaderElection(
                LeaderElection.Settings(name: "test", identity: identity),
                client: ObjectClient(link, manager: "test"), clockwork: clock.clockwork,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            await election.run(until: stopping) { leadership in
                self.terms.withLock { $0.append(leadership) }
                self.running.withLock { $0 += 1 }
                self.begin.yield()
                let (endless, _) = AsyncStream<Void>.makeStream()
                for await _ in endless {}
                self.running.withLock { $0 -= 1 }
            }
        }
    }

    private let api = FakeAPI()
    private let clock = ManualClock()

    private func holder() -> String? {
        api.objects("leases")["kube-system/test"]?.value(at: "spec.holderIdentity")?.stringValue
    }

    @Test func `one leads and another takes over when it is dead for the lease's time`() async {
        let (one, two) = (Candidate(api, clock, "one"), Candidate(api, clock, "two"))
        await withTaskGroup { group in
            group.addTask { await one.run() }
            await one.leading()
            group.addTask { await two.run() }
            await clock.sleepers(2, until: 2_000)
            // Its renewals hang: it stops by itself 10 s after the last that went well.
            one.link.state = .hanging
            for now in stride(from: Int64(2_000), through: 14_000, by: 2_000) {
                clock.advance(to: now)
                #expect(one.leads == (now < 10_000) && !two.leads, "at \(now)")
                await clock.sleepers(now == 10_000 ? 2 : 1, until: now + 2_000)
            }
            #expect(holder() == "one")
            clock.advance(to: 16_000)
            await two.leading()
            #expect(two.leads && !one.leads && one.running.withLock { $0 } == 0)
            #expect(holder() == "two")
            group.cancelAll()
        }
    }

    @Test func `a lease is waited for from the answer on that told of it`() async {
        // The question of `two` is asked at 0 s and answered at 8 s, after `one` has renewed.
        let gate = GatedTransport(api, gated: "/apis/coordination.k8s.io")
        let (one, two) = (Candidate(api, clock, "one"), Candidate(api, clock, "two", by: gate))
        await withTaskGroup { group in
            group.addTask { await one.run() }
            await one.leading()
            await clock.sleepers(1, until: 2_000)
            group.addTask { await two.run() }
            await gate.asked()
            for now in [Int64(2_000), 4_000, 6_000, 8_000] {
                clock.advance(to: now)
                // At 10 s the first deadline and the patience of `two` end as well.
                await clock.sleepers(now == 8_000 ? 3 : 1, until: now + 2_000)
            }
            one.link.state = .hanging
            gate.open()
            for now in stride(from: Int64(8_000), through: 40_000, by: 500) {
                clock.advance(to: now)
                for _ in 0..<300 { await Task.yield() }
                #expect(one.leads == (now < 18_000) && !(now < 23_000 && two.leads), "at \(now)")
            }
            #expect(two.leads)
            group.cancelAll()
        }
    }

    @Test func `a clean stop releases the lease`() async {
        let (one, two) = (Candidate(api, clock, "one"), Candidate(api, clock, "two"))
        await withTaskGroup { group in
            group.addTask { await one.run() }
            await one.leading()
            one.stop.finish()
            await group.next()
            #expect(holder() == "" && !one.leads && one.running.withLock { $0 } == 0)
            group.addTask { await two.run() }
            // At once: the time stands still.
            await two.leading()
            #expect(holder() == "two")
            let lease = api.objects("leases")["kube-system/test"]
            #expect(lease?.value(at: "spec.leaseTransitions")?.integerValue == 1)
            group.cancelAll()
        }
    }

    @Test func `a process that was killed goes on at once under its old name`() async {
        let (one, again) = (Candidate(api, clock, "one"), Candidate(api, clock, "one"))
        await withTaskGroup { group in
            group.addTask { await one.run() }
            await one.leading()
            group.cancelAll()
            await group.next()
        }
        #expect(holder() == "one", "who is cancelled does not release")
        await withTaskGroup { group in
            group.addTask { await again.run() }
            await again.leading()
            #expect(again.leads)
            group.cancelAll()
        }
    }

    @Test func `what has ended does not come back`() {
        let leadership = Leadership(clock.clockwork)
        #expect(!leadership.isHeld)
        leadership.extend(until: .init(nanoseconds: 10_000_000_000))
        #expect(leadership.isHeld)
        clock.advance(to: 10_000)
        leadership.extend(until: .init(nanoseconds: 30_000_000_000))
        #expect(!leadership.isHeld, "it was not extended in time")
    }

    @Test(arguments: 1...20)
    func `whatever links and clocks do, never two lead`(seed: Int) async {
        var random = SplitMix64(seed: UInt64(seed))
        let candidates = ["one", "two", "three"].map { Candidate(api, clock, $0) }
        await withTaskGroup { group in
            for candidate in candidates { group.addTask { await candidate.run() } }
            for _ in 0..<200 {
                let states: [Link.State] = [.up, .up, .up, .down, .hanging]
                candidates[Int(random.next() % 3)].link.state = states[Int(random.next() % 5)]
                clock.advance(to: clock.now + Int64(random.next() % 3_000))
                for _ in 0..<random.next() % 40 { await Task.yield() }
                #expect(candidates.count(where: \.leads) <= 1)
            }
            // When all is well again, somebody leads.
            for candidate in candidates { candidate.link.state = .up }
            var rounds = 0
            while !candidates.contains(where: \.leads), rounds < 100_000 {
                rounds += 1
                if rounds % 100 == 0 { clock.advance(to: clock.now + 2_000) }
                await Task.yield()
            }
            #expect(candidates.count(where: \.leads) == 1)
            group.cancelAll()
        }
    }
}
