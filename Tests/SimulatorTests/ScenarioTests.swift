import Primitives
import Testing

@testable import Simulator

/// Small runs with a purpose: a cluster meets one known trouble and must come through, and with
/// the bug that the trouble is known for it must not.
@Suite struct ScenarioTests {
    /// A plan of a few seconds with gentle numbers.
    private func plan(
        seed: UInt64 = 1, members: Int = 3, profile: Profile = .calm,
        _ ingredients: [Ingredient] = [], mutation: Mutation? = nil,
        _ schedule: [(at: Int64, kind: FaultKind)] = [], healing: Healing = .everyone,
        adjust: (inout Knobs) -> Void = { _ in }
    ) -> RunPlan {
        var random = SplitMix64(seed: seed)
        var knobs = Knobs(profile, IngredientSet(ingredients), using: &random)
        knobs.members = members
        knobs.safetyNanoseconds = 8 * second
        knobs.operationsPerSecond = 20
        knobs.electionTicks = 10
        knobs.requestTimeoutTicks = 20
        knobs.delayMin = millisecond
        knobs.delayJitter = millisecond
        knobs.syncNanoseconds = millisecond
        knobs.commitNanoseconds = 5 * millisecond
        knobs.snapshotNanoseconds = 20 * millisecond
        knobs.turnNanoseconds = 0
        adjust(&knobs)
        return RunPlan(
            RunRequest(seed: seed, profile: profile, mutation: mutation), profile, ingredients,
            knobs, schedule: schedule, healing: healing)
    }

    private func run(_ plan: RunPlan) -> RunResult {
        var simulation = Simulation(plan, trace: .last(40))
        return simulation.run()
    }

    private func expectPass(_ plan: RunPlan, reaching landmarks: [Landmark] = []) {
        let result = run(plan)
        #expect(
            result.failure == nil,
            "\(result.failure?.description ?? "")\n\(result.trace.joined(separator: "\n"))")
        for landmark in landmarks {
            #expect(result.coverage.count(landmark) > 0, "\(landmark.name) was not reached")
        }
    }

    /// The first of the seeds that fails under the bug and passes without it.
    private func killer(
        of mutation: Mutation, seeds: ClosedRange<UInt64>, _ make: (UInt64, Mutation?) -> RunPlan
    ) -> String? {
        for seed in seeds {
            guard let failure = run(make(seed, mutation)).failure else { continue }
            #expect(run(make(seed, nil)).failure == nil, "seed \(seed) fails without the bug")
            return failure.checker
        }
        return nil
    }

    private func crashes(_ point: CrashPoint, of target: FaultTarget) -> [(Int64, FaultKind)] {
        (1...7 as ClosedRange<Int64>).map { number in
            (number * second, .crash(target, point, downtime: second / 5))
        }
    }

    // RELIABILITY B2: a vote must be on the disk before it leaves, or a crash gives it again.
    @Test func `a member that forgets a vote is caught, whoever wins`() {
        let checker = killer(of: .votesBeforePersisting, seeds: 1...40) { seed, mutation in
            RunPlan(RunRequest(seed: seed, profile: .crashes, mutation: mutation))
        }
        #expect(checker == "R6" || checker == "R1")
    }

    // RELIABILITY B3: neither follower nor leader counts an entry that a crash can still take.
    @Test func `an entry counted before its sync is caught`() {
        let schedule = crashes(.job(.sync, skipped: 0, .before), of: .leader)
        expectPass(plan([.crash], schedule), reaching: [.crashBeforeSync, .leaderElected])
        let checker = killer(of: .acknowledgesAppendBeforeSync, seeds: 1...3) { seed, mutation in
            plan(seed: seed, [.crash], mutation: mutation, schedule)
        }
        #expect(checker == "R5")
    }

    // RELIABILITY B3: a single member too answers only what it has synced (etcd #14370).
    @Test func `a single member loses nothing it answered, wherever it crashes`() {
        for phase in CrashPhase.allCases {
            for kind in [JobKind.sync, .commit] {
                let schedule = crashes(.job(kind, skipped: 0, phase), of: .anyone)
                expectPass(plan(members: 1, profile: .single, [.crash, .tornWrites], schedule))
            }
        }
    }

    // RELIABILITY B12: a leader that hears nobody must not hold the others.
    @Test func `a deaf leader is replaced`() {
        expectPass(
            plan(healing: .butOne(.deaf)),
            reaching: [.livenessWithHalfOpenMember, .leaderStoppedLeading])
        let checker = killer(of: .noCheckQuorum, seeds: 1...3) { seed, mutation in
            plan(seed: seed, mutation: mutation, healing: .butOne(.deaf))
        }
        #expect(checker == "Liveness")
    }

    // RELIABILITY B13, B18: cut off, a member asks for pre-votes and begins no term, so it
    // deposes nobody when it is back.
    @Test func `a member that comes back deposes nobody`() {
        expectPass(
            plan(healing: .butOne(.away)), reaching: [.livenessWithReturningMember])
        let checker = killer(of: .noPreVote, seeds: 1...6) { seed, mutation in
            plan(seed: seed, mutation: mutation, healing: .butOne(.away))
        }
        #expect(checker == "Liveness")
    }

    // RELIABILITY B18: quorum loss, a chain and a ring (Omni-Paxos): somebody always reaches a
    // majority, and no write is lost on the way.
    @Test(arguments: [PartitionShape.bridge, .ring, .minority, .leader])
    func `partial partitions of five members do no harm`(_ shape: PartitionShape) {
        let schedule: [(Int64, FaultKind)] = [
            (second, .partition(shape, isOneWay: false, lasts: 3 * second)),
            (5 * second, .partition(shape, isOneWay: true, lasts: 3 * second)),
        ]
        expectPass(
            plan(members: 5, [.partition, .oneWayPartition], schedule),
            reaching: [.partitionMade])
    }

    // RELIABILITY B19: leadership is passed on in the middle of writes.
    @Test func `transfers during writes lose nothing`() {
        let schedule: [(Int64, FaultKind)] = (1...14 as ClosedRange<Int64>).map {
            ($0 * second / 2, .transfer)
        }
        expectPass(
            plan([.transfer, .transactions], schedule) { $0.operationsPerSecond = 60 },
            reaching: [.leadershipTransferred])
    }

    // RELIABILITY B25: a wiped disk comes back only under a new identity, and votes anew.
    @Test func `a wiped member is replaced by another`() {
        let changes: [(Int64, FaultKind)] = (3...15 as ClosedRange<Int64>).map {
            ($0 * second / 2, .membership)
        }
        let schedule = [(second, FaultKind.wipe(.anyone))] + changes
        expectPass(
            plan(seed: 2, [.wipe, .membership], schedule),
            reaching: [.memberWiped, .memberRemoved])
    }

    // RELIABILITY B28: the leader is paused in the middle of reads, and late answers to old read
    // requests must not serve new ones (etcd #20418).
    @Test func `reads around a paused leader are not stale`() {
        let schedule: [(Int64, FaultKind)] = (1...5 as ClosedRange<Int64>).map {
            ($0 * 3 * second / 2, .pause(.leader, lasts: second + $0 * second / 7))
        }
        expectPass(
            plan(seed: 3, [.pause, .delay], schedule) { knobs in
                knobs.delayJitter = 100 * millisecond
                knobs.operationsPerSecond = 60
            },
            reaching: [.processPaused, .readIndexRetried])
    }

    // RELIABILITY B36: a tail that a crash took away leaves a hard state that is ahead of it.
    @Test func `a member starts from a log whose tail is lost`() {
        let schedule = crashes(.job(.sync, skipped: 2, .before), of: .anyone)
        for seed in 1...3 as ClosedRange<UInt64> {
            expectPass(
                plan(seed: seed, [.crash, .tornWrites], schedule), reaching: [.crashBeforeSync])
        }
    }

    // RELIABILITY B35: the log goes only behind what the backend has durably.
    @Test func `a log released too early is caught`() {
        let checker = killer(of: .releasesLogBeforeDurable, seeds: 1...10) { seed, mutation in
            RunPlan(RunRequest(seed: seed, profile: .snapshots, mutation: mutation))
        }
        #expect(checker == "R6")
    }

    // RELIABILITY B37: the applied index is durable together with what was applied.
    @Test func `an applied index that lags behind its data is caught`() {
        let checker = killer(of: .commitsAppliedIndexSeparately, seeds: 1...5) { seed, mutation in
            RunPlan(RunRequest(seed: seed, profile: .single, mutation: mutation))
        }
        #expect(checker == "R6" || checker == "S2")
    }

    // RELIABILITY B45: a watch goes on where it was when its member gets an image (etcd #15271).
    @Test func `a watch over an installed image goes on where it was`() {
        let schedule: [(Int64, FaultKind)] = [
            (4 * second, .partition(.one, isOneWay: false, lasts: 2 * second))
        ]
        func make(_ seed: UInt64, _ mutation: Mutation?) -> RunPlan {
            plan(seed: seed, [.partition, .shortLog, .watches], mutation: mutation, schedule) {
                $0.entriesKept = 5
                $0.watchers = 6
                $0.operationsPerSecond = 40
            }
        }
        expectPass(make(1, nil), reaching: [.snapshotInstalled])
        let checker = killer(of: .resetsWatchersOnSnapshot, seeds: 1...10, make)
        #expect(checker?.hasPrefix("W") == true)
    }

    // RELIABILITY B46, B49: slow outlets lose nothing, and revisions come whole.
    @Test(arguments: [Mutation.dropsSlowWatcherBatch, .splitsRevisionAcrossBatches])
    func `a watch that is served wrongly is caught`(_ mutation: Mutation) {
        let checker = killer(of: mutation, seeds: 1...12) { seed, mutation in
            RunPlan(RunRequest(seed: seed, profile: .watches, mutation: mutation))
        }
        #expect(checker?.hasPrefix("W") == true)
    }

    // RELIABILITY B50: a leader of the past must not end a lease that the present one renews.
    @Test func `a lease ended by a leader of the past is caught`() {
        let checker = killer(of: .oldLeaderRevokesLeases, seeds: 1...12) { seed, mutation in
            RunPlan(RunRequest(seed: seed, profile: .leases, mutation: mutation))
        }
        #expect(checker == "L1")
    }
}
