import Primitives
import Raft
import Testing

/// Long random histories in which anything may happen at any time. The ledger judges each step;
/// afterwards everything heals and the members must agree.
@Suite struct `Random schedules` {
    // RELIABILITY B1, B2, B4–B7, B9: whatever the order of deliveries, finished writes and crashes.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `three members keep the paper's promises`(_ seed: UInt64) {
        var schedule = RandomSchedule(seed: seed, voters: 3)
        schedule.run(steps: 400)
        schedule.finish()
    }

    @Test(arguments: 1...15 as ClosedRange<UInt64>)
    func `five members keep the paper's promises`(_ seed: UInt64) {
        var schedule = RandomSchedule(seed: 1_000 + seed, voters: 5)
        schedule.run(steps: 400)
        schedule.finish()
    }

    // RELIABILITY B20–B24: members come and go, one by one and several at once.
    @Test(arguments: 1...25 as ClosedRange<UInt64>)
    func `changing memberships keep the paper's promises`(_ seed: UInt64) {
        var schedule = RandomSchedule(seed: 2_000 + seed, voters: 3)
        schedule.changesMembership = true
        schedule.run(steps: 500)
        schedule.finish()
    }

    @Test func `the same seed gives the same history`() {
        func journal() -> [String] {
            var schedule = RandomSchedule(seed: 77, voters: 3)
            schedule.changesMembership = true
            schedule.cluster.journal = []
            schedule.run(steps: 200)
            return schedule.cluster.journal ?? []
        }
        let first = journal()
        #expect(first.count > 100)
        #expect(first == journal())
    }
}

/// One seed's history.
struct RandomSchedule {
    var cluster: RaftCluster
    var changesMembership = false
    private var random: SplitMix64
    private var counter: UInt64 = 0

    init(seed: UInt64, voters: Int, mutation: Mutation? = nil) {
        random = SplitMix64(seed: seed)
        var draw = random.split()
        let chunk = [8, 64, 1 << 10][draw.below(3)]
        let appendBytes = [1, 100, 1 << 20][draw.below(3)]
        let inflight = [1, 3, 256][draw.below(3)]
        // Short timeouts make for many elections.
        let electionTicks = [2, 3, 10][draw.below(3)]
        cluster = RaftCluster(voters: voters) {
            $0.seed = seed &* 31 &+ $0.id.rawValue
            $0.electionTicks = electionTicks
            $0.snapshotChunkBytes = chunk
            $0.appendBytesMax = appendBytes
            $0.inflightAppendsMax = inflight
            $0.promotionLagMax = 5
            $0.mutation = mutation
        }
        cluster.toleratesFaults = mutation != nil
    }

    private mutating func anyRunning() -> UInt64? {
        let running = cluster.ids.filter { cluster.machines[$0]!.node != nil }
        return running.isEmpty ? nil : running[random.below(running.count)].rawValue
    }

    private mutating func anyone() -> UInt64 {
        cluster.ids[random.below(cluster.ids.count)].rawValue
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps { act() }
    }

    private mutating func act() {
        switch random.below(100) {
        case ..<46: for _ in 0...random.below(6) { moveMessage() }
        case ..<66: if let id = anyRunning() { cluster.tick(id, 1 + random.below(4)) }
        case ..<78: propose()
        case ..<84: fault()
        case ..<90: if let id = anyRunning() { cluster.persist(id, count: 1 + random.below(2)) }
        case ..<92:
            if let id = anyRunning() { cluster.compact(id, keeping: UInt64(random.below(4))) }
        case ..<97: disturb()
        default: if changesMembership { change() }
        }
        // What a network may hold is bounded too.
        if cluster.network.inFlight.count > 60 { cluster.network.inFlight.removeFirst(30) }
    }

    private mutating func moveMessage() {
        guard !cluster.network.inFlight.isEmpty else { return }
        // Mostly in order, sometimes any.
        let isInOrder = random.chance(0.7)
        let position = isInOrder ? 0 : random.below(cluster.network.inFlight.count)
        let message = cluster.network.inFlight[position]
        if !random.chance(0.1) { cluster.network.inFlight.remove(at: position) }
        if !random.chance(0.05) { cluster.hand(over: message) }
    }

    private mutating func propose() {
        guard let id = anyRunning() else { return }
        counter += 1
        switch random.below(4) {
        case 0: cluster.read(id, counter)
        default: cluster.propose(id, "p\(counter)")
        }
    }

    private mutating func fault() {
        let id = anyone()
        let machine = cluster.machine(id)
        if machine.node == nil {
            cluster.restart(id)
            return
        }
        switch random.below(8) {
        case 0: cluster.crash(id, unreported: random.below(3))
        case 1: cluster.holdDisk(id)
        case 2: cluster.releaseDisk(id)
        case 3: cluster.isolate(id)
        case 4: cluster.network.blocked.insert(Link(id, anyone()))
        default:
            cluster.network.blocked = []
            for id in cluster.ids { cluster.releaseDisk(id.rawValue) }
        }
    }

    private mutating func disturb() {
        guard let id = anyRunning() else { return }
        switch random.below(6) {
        case 0, 1: cluster.campaign(id)
        case 2: depose(id)
        case 3: cluster.step(id, .transferLeadership(to: PeerID(anyone())))
        case 4: cluster.step(id, .peerUnreachable(PeerID(anyone())))
        default: cluster.machines[PeerID(id)]!.damagesNextImage = true
        }
    }

    /// Everybody else has waited in vain for a leader, and the member campaigns.
    private mutating func depose(_ id: UInt64) {
        for other in cluster.ids where other.rawValue != id {
            guard cluster.machines[other]!.node != nil else { continue }
            cluster.tick(other.rawValue, cluster.machines[other]!.configuration.electionTicks)
        }
        cluster.network.inFlight.removeAll { $0.to.rawValue != id && $0.from.rawValue != id }
        cluster.campaign(id)
        for _ in 0..<12 { moveMessage() }
    }

    private mutating func change() {
        guard let id = anyRunning() else { return }
        let target = PeerID(1 + UInt64(random.below(6)))
        if cluster.machines[target] == nil {
            let mutation = cluster.machine(id).configuration.mutation
            cluster.add(target) { $0.mutation = mutation }
        }
        let step: MembershipStep = switch random.below(4) {
        case 0: .addLearner(target)
        case 1: .addVoter(target)
        case 2: .demote(target)
        default: .remove(target)
        }
        var steps = [step]
        let other = PeerID(1 + UInt64(random.below(6)))
        if random.chance(0.3), other != target, cluster.machines[other] != nil {
            steps.append(random.chance(0.5) ? .remove(other) : .addVoter(other))
        }
        cluster.step(id, .proposeMembership(MembershipChange(steps: steps)))
    }

    /// Everything works again: a leader comes, a write commits and all members agree.
    mutating func finish(sourceLocation: SourceLocation = #_sourceLocation) {
        cluster.heal()
        for id in cluster.ids {
            if cluster.machines[id]!.node == nil { cluster.restart(id.rawValue) }
            cluster.machines[id]!.damagesNextImage = false
            cluster.releaseDisk(id.rawValue)
        }
        let leader = cluster.settle(within: 600)
        guard leader != 0 else {
            Issue.record("no leader after healing", sourceLocation: sourceLocation)
            return
        }
        // A transfer under way may still refuse it.
        for _ in 0..<60 where !cluster.applied(leader).contains("last") {
            cluster.commit(cluster.leaders.last ?? leader, "last")
            cluster.tickAll()
        }
        cluster.tickAll(60)
        let end = cluster.leaders.first ?? leader
        for id in cluster.node(end).membership.everyone where cluster.machines[id] != nil {
            #expect(
                cluster.applied(id.rawValue) == cluster.applied(end), "\(id) and \(end)",
                sourceLocation: sourceLocation)
            #expect(
                cluster.applied(id.rawValue).last == "last", "\(id)",
                sourceLocation: sourceLocation)
        }
    }
}
