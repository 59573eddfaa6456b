internal import Primitives
internal import ReplicatedStore
internal import StoreModel

/// A client: one request at a time, to one machine until it has a reason to go to another.
struct Client {
    /// Its number from 0 on.
    let number: Int
    /// When it acts next; an event at any other time is void.
    var wakesAt: Int64 = 0
    /// Requests that it saw done.
    var completed: Int64 = 0
    /// Its last request failed, and it tries another machine.
    var wantsOther = false
    /// How often it acted.
    var ordinal: UInt64 = 0
    /// The machine that it talks to.
    var slot = 0
    /// The request that it waits for.
    var waiting: RequestID?
    var waitingSince: Int64 = 0
    /// The newest revision that it saw.
    var revision = Revision(1)
    /// Leases that it was granted, newest last; a few.
    var leases: [LeaseID] = []
}

/// Clients that put, read, delete, compact and hold leases.
extension Simulation {
    /// Lets the clients begin.
    mutating func addClients() {
        for number in 0..<knobs.clients {
            clients.append(Client(number: number, slot: number % knobs.members))
            wake(client: number, at: start(ofClient: number))
        }
    }

    private func start(ofClient number: Int) -> Int64 {
        second / 5 + Int64(number) * millisecond
    }

    private mutating func wake(client number: Int, at time: Int64) {
        clients[number].wakesAt = time
        heap.push(.client(number), at: time)
    }

    private var clientInterval: Int64 {
        second * Int64(knobs.clients) / Int64(knobs.operationsPerSecond)
    }

    /// A client's time has come.
    mutating func act(client number: Int) throws(RunFailure) {
        guard liveness == nil, clients[number].wakesAt == now else { return }
        let ordinal = clients[number].ordinal
        clients[number].ordinal += 1
        var random = dice.generator(.operation, UInt64(number), ordinal)
        let pause = knobs.keepsUp ? 50 * millisecond : clientInterval
        wake(client: number, at: now + random.around(pause))
        if let waiting = clients[number].waiting {
            guard now - clients[number].waitingSince > knobs.clientTimeout else { return }
            clients[number].waiting = nil
            clients[number].wantsOther = knobs.keepsUp
            try giveUp(waiting)
        }
        guard calls.operationCount < knobs.operationsMax else { return }
        guard let slot = machine(for: number, using: &random) else { return }
        let isLost = random.below(1_000) < knobs.lostAnswersPermille
        let wish = wish(of: number, ordinal, using: &random)
        clients[number].waitingSince = now
        // The answer may come at once, and then nothing is waited for.
        let id = RequestID(UInt64(calls.nextNumber))
        clients[number].waiting = id
        if knobs.keepsUp { wake(client: number, at: now + knobs.clientTimeout + 1) }
        try ask(slot, wish.request, wish.purpose, by: .client(number), isLost: isLost)
    }

    /// The machine to ask: the same as ever, or another one now and then.
    private mutating func machine(for number: Int, using random: inout SplitMix64) -> Int? {
        let wantsOther = random.chance(0.05) || clients[number].wantsOther
        clients[number].wantsOther = false
        let draw = random.next()
        if !wantsOther, machines[clients[number].slot].isRunning { return clients[number].slot }
        let running = runningSlots
        guard !running.isEmpty else { return nil }
        clients[number].slot = running[Int(draw % UInt64(running.count))]
        return clients[number].slot
    }

    /// A client got its answer, or learned that there will be none.
    mutating func goOn(
        _ caller: Call.Caller, _ id: RequestID, succeeded: Bool, isCertain: Bool
    ) {
        switch caller {
        case .client(let number):
            if succeeded { calls.completedCount += 1 }
            guard clients[number].waiting == id else { return }
            clients[number].waiting = nil
            if knobs.keepsUp { keepUp(number, succeeded: succeeded) }
        case .admin: adminAnswered(isCertain: isCertain)
        case .nobody: break
        case .probe: if succeeded { liveness?.probeSucceeded(id) }
        }
    }

    /// A client that lags goes on at once, and after a refusal soon.
    private mutating func keepUp(_ number: Int, succeeded: Bool) {
        clients[number].wantsOther = !succeeded
        if succeeded { clients[number].completed += 1 }
        let due = start(ofClient: number) + clients[number].completed * clientInterval
        let pause = succeeded ? 100 * microsecond : Int64(10 + 3 * number) * millisecond
        wake(client: number, at: max(due, now + pause))
    }

    /// A client saw a revision.
    mutating func see(_ revision: Revision, _ caller: Call.Caller) {
        guard case .client(let number) = caller else { return }
        clients[number].revision = max(clients[number].revision, revision)
    }
}
