internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel

// Simulator: whole clusters of the real `Member`, on simulated disks, clocks and networks, in one
// thread and one loop over a heap of events. One seed decides everything that happens. While it
// runs, and at its end, the checkers of RELIABILITY C1 hold what the members do against what they
// may do. A run is two phases: trouble, then a time in which all must come right.

/// One run of one seed.
package struct Simulation {
    /// Events after which a run is given up: it would not end.
    static let eventsMax: UInt64 = 20_000_000

    let plan: RunPlan
    let knobs: Knobs
    let dice: Dice
    /// True time in nanoseconds since the beginning.
    var now: Int64 = 0
    var heap = EventHeap<SimulatedEvent>()
    var machines: [Machine] = []
    var network = Network()
    var truth: Truth
    var calls = Calls()
    var clients: [Client] = []
    var watchers = Watchers()
    var leases = LeaseTruth()
    var admin = Admin()
    /// Nil while there is trouble.
    var liveness: Liveness?
    var coverage = Coverage()
    var trace: Trace
    var hashes: HashLog
    /// What becomes of the next leader.
    var nextFall: ScheduledFault?
    /// Events handled so far.
    private(set) var handled: UInt64 = 0
    /// The hash of the history of the first member asked at the end.
    var finalHash: UInt32?
    /// Whether all has come right.
    var isOver = false

    /// Prepares the run of a plan. `sink` gets each line of the trace as it is made.
    package init(
        _ plan: RunPlan, trace: TraceMode = .off, sink: ((String) -> Void)? = nil,
        recordsHashes: Bool = false
    ) {
        self.plan = plan
        knobs = plan.knobs
        dice = plan.dice
        self.trace = Trace(trace, sink: sink)
        hashes = HashLog(recordsAll: recordsHashes)
        truth = Truth()
    }

    /// Runs to the end, or to the first property that does not hold.
    package mutating func run() -> RunResult {
        var failure: RunFailure?
        do throws(RunFailure) {
            try begin()
            while !isOver, let (time, event) = heap.pop() {
                invariant(time >= now, "the simulation's time went back")
                now = time
                handled += 1
                hashes.add(event: event, at: time)
                try handle(event)
                if handled > Self.eventsMax {
                    throw RunFailure("Liveness", "the run does not end")
                }
            }
            try conclude()
        } catch {
            failure = error
            note { "FAILED \(error)" }
        }
        return RunResult(
            seed: plan.request.seed, failure: failure, failedAt: now,
            simulatedNanoseconds: now, events: handled, operations: calls.operationCount,
            completed: calls.completedCount, hash: hashes.value, eventHashes: hashes.all,
            coverage: coverage, trace: trace.kept)
    }

    /// Builds the cluster and schedules what is known in advance.
    private mutating func begin() throws(RunFailure) {
        let plan = plan
        note { "seed \(plan.request.seed), profile \(plan.profile.rawValue)" }
        note { "contains: \(plan.ingredients)" }
        try truth.bootstrap(entries: knobs.members)
        for _ in 0..<knobs.members { addMachine(joins: false) }
        for slot in 0..<knobs.members { scheduleStart(slot, after: millisecond * Int64(slot)) }
        for position in plan.schedule.indices {
            heap.push(.fault(position), at: plan.schedule[position].at)
        }
        addClients()
        addWatchers()
        heap.push(.heal, at: knobs.safetyNanoseconds)
    }

    private mutating func handle(_ event: SimulatedEvent) throws(RunFailure) {
        if let slot = event.slot, machines[slot].pausedUntil > now {
            heap.push(event, at: machines[slot].pausedUntil)
            return
        }
        switch event {
        case .tick(let slot, let epoch): try tick(slot, epoch)
        case .turn(let slot, let epoch):
            guard machines[slot].epoch == epoch else { return }
            try endTurn(slot)
        case .message(let link, let linkEpoch, let from, let to, let message):
            try arrive(message, link: link, linkEpoch: linkEpoch, from: from, to: to)
        case .unreachable(let slot, let epoch, let peer):
            guard machines[slot].epoch == epoch else { return }
            try give(slot, .peerUnreachable(peer))
        case .job(let slot, let epoch, let number):
            guard machines[slot].epoch == epoch else { return }
            try finishJob(slot, number)
        case .start(let slot, let epoch):
            guard machines[slot].epoch == epoch else { return }
            try start(slot)
        case .client(let client): try act(client: client)
        case .watcher(let watcher): try act(watcher: watcher)
        case .fault(let position): try strike(plan.schedule[position])
        case .faultEnds(let fault): network.heal(fault: fault)
        case .diskRecovers(let slot, _): recoverDisk(slot)
        case .admin(let step): try administer(step)
        case .heal: try heal()
        case .rejoin: rejoin()
        case .inspect: try inspect()
        }
    }

    /// Adds a line to the trace if there is one.
    mutating func note(_ line: () -> String) {
        if trace.isOn { trace.add(seconds(now) + "  " + line()) }
    }

    /// Adds a line about a member.
    mutating func note(_ slot: Int, _ line: () -> String) {
        if trace.isOn { trace.add(seconds(now) + "  m\(slot + 1) " + line()) }
    }
}

extension SimulatedEvent {
    /// The machine whose process must be awake for it.
    var slot: Int? {
        switch self {
        case .tick(let slot, _), .turn(let slot, _), .unreachable(let slot, _, _),
            .job(let slot, _, _), .message(_, _, _, let slot, _):
            return slot
        case .start, .client, .watcher, .fault, .faultEnds, .diskRecovers, .admin, .heal, .rejoin,
            .inspect:
            return nil
        }
    }
}
