internal import Environment
internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import SimulatedEnvironment
internal import StoreModel

/// Processes that start, tick, and end.
extension Simulation {
    /// Adds a machine with an empty disk; nothing runs on it yet.
    @discardableResult
    mutating func addMachine(joins: Bool) -> Int {
        let slot = machines.count
        var random = dice.generator(.start, UInt64(slot))
        let disk = SimulatedDisk(seed: random.next())
        let backends = MemoryBackendProvider(seed: random.next())
        machines.append(Machine(slot: slot, joins: joins, disk: disk, backends: backends))
        return slot
    }

    /// Lets a process start later.
    mutating func scheduleStart(_ slot: Int, after delay: Int64) {
        machines[slot].status = .stopped
        heap.push(.start(slot: slot, epoch: machines[slot].epoch), at: now + delay)
    }

    /// Starts a process on what its disk holds.
    mutating func start(_ slot: Int) throws(RunFailure) {
        guard machines[slot].status == .stopped, machines[slot].process == nil else { return }
        machines[slot].starts += 1
        var random = dice.generator(.start, UInt64(slot), machines[slot].starts)
        // A boot starts the monotonic clock anywhere, in the same direction as ever.
        machines[slot].clock = SimulatedClock(
            trueNanoseconds: now,
            reading: MonotonicInstant(nanoseconds: random.between(0, 3_600) * second),
            ratePermille: machines[slot].clock.ratePermille)
        do {
            let member = try Member.open(
                configuration: configuration(slot, seed: random.next()),
                disk: machines[slot].disk, backends: machines[slot].backends,
                now: machines[slot].clock.reading(at: now))
            machines[slot].process = MemberProcess(member)
        } catch {
            try failedToStart(slot, error)
            return
        }
        machines[slot].status = .running
        if !machines[slot].hasFaultyDisk {
            // What went wrong before is no excuse for this process.
            machines[slot].excuses.hasFailedSync = false
            machines[slot].excuses.hadDiskErrors = false
        }
        note(slot) { "starts" }
        try observeStart(slot)
        heap.push(
            .tick(slot: slot, epoch: machines[slot].epoch),
            at: now + random.between(1, knobs.tickNanoseconds))
        // What the member wants done about what it found.
        try endTurn(slot)
    }

    private mutating func failedToStart(
        _ slot: Int, _ failure: MemberFailure
    ) throws(RunFailure) {
        note(slot) { "does not start: \(failure)" }
        if machines[slot].isKilled {
            try crash(slot, downtime: second / 2)
            return
        }
        if machines[slot].excuses.isDamaged {
            coverage.reach(.corruptedDiskRefused)
            machines[slot].status = .gone
            machines[slot].epoch += 1
            return
        }
        guard machines[slot].excuses != Excuses() else {
            throw RunFailure(
                    "R6", "member \(slot + 1) refuses to start on a sound disk: \(failure)")
        }
        machines[slot].disk.endProcess()
        var random = dice.generator(.crash, UInt64(slot), machines[slot].epoch)
        machines[slot].backends.crash(using: &random)
        machines[slot].epoch += 1
        scheduleStart(slot, after: second)
    }

    private func configuration(_ slot: Int, seed: UInt64) -> MemberConfiguration {
        var configuration = MemberConfiguration(
            id: machines[slot].peer, clusterID: 9, directory: "/member", seed: seed)
        if !machines[slot].joins {
            configuration.initialMembers = (1...UInt64(knobs.members)).map {
                (PeerID($0), MemberAttributes(name: "m\($0)"))
            }
        }
        configuration.raft.electionTicks = knobs.electionTicks
        configuration.raft.appendBytesMax = knobs.appendBytesMax
        configuration.raft.inflightAppendsMax = knobs.inflightAppendsMax
        configuration.raft.uncommittedBytesMax = knobs.uncommittedBytesMax
        configuration.raft.snapshotChunkBytes = knobs.snapshotChunkBytes
        configuration.raft.inflightSnapshotChunksMax = knobs.inflightSnapshotChunksMax
        configuration.raft.promotionLagMax = knobs.promotionLagMax
        configuration.tickNanoseconds = knobs.tickNanoseconds
        configuration.entriesKept = knobs.entriesKept
        configuration.commitTicks = knobs.commitTicks
        configuration.commitRecordsMax = knobs.commitRecordsMax
        configuration.requestTimeoutTicks = knobs.requestTimeoutTicks
        configuration.requestsMax = knobs.requestsMax
        configuration.segmentBytes = knobs.segmentBytes
        configuration.compactionSliceMax = knobs.compactionSliceMax
        configuration.watchCatchUpEventsMax = knobs.watchCatchUpEventsMax
        configuration.watchDeliveryBytesMax = knobs.watchDeliveryBytesMax
        configuration.watchProgressTicks = knobs.watchProgressTicks
        configuration.leaseCheckpointSeconds = knobs.leaseCheckpointSeconds
        configuration.quotaBytes = knobs.quotaBytes
        configuration.mutation = plan.request.mutation
        return configuration
    }

    /// A member's clock ticks.
    mutating func tick(_ slot: Int, _ epoch: UInt64) throws(RunFailure) {
        guard machines[slot].epoch == epoch, machines[slot].isRunning else { return }
        let reading = machines[slot].clock.reading(at: now)
        let next = MonotonicInstant(nanoseconds: reading.nanoseconds + knobs.tickNanoseconds)
        heap.push(
            .tick(slot: slot, epoch: epoch),
            at: max(now + 1, machines[slot].clock.trueNanoseconds(at: next)))
        try give(slot, .tick(reading))
    }

    /// A process ends without a word, its machine perhaps with it, and starts again later.
    mutating func crash(_ slot: Int, downtime: Int64) throws(RunFailure) {
        var random = dice.generator(.crash, UInt64(slot), machines[slot].epoch)
        note(slot) { "ends; again in \(seconds(downtime))" }
        finishSomeJobs(slot, using: &random)
        noteCrash(slot)
        // Unsynced data outlive a process, but not a machine.
        if random.chance(0.7) {
            let faults =
                plan.ingredients.contains(.tornWrites)
                ? CrashFaults.drawn(using: &random) : .losesUnsynced
            machines[slot].disk.crash(using: &random, faults: faults)
        } else {
            machines[slot].disk.endProcess()
        }
        machines[slot].backends.crash(using: &random)
        endProcess(slot)
        scheduleStart(slot, after: downtime)
    }

    /// Jobs under way at a crash may have had their effect on the disk.
    private mutating func finishSomeJobs(_ slot: Int, using random: inout SplitMix64) {
        guard machines[slot].isRunning, !machines[slot].isKilled else { return }
        for job in machines[slot].jobs where random.chance(0.5) {
            do {
                guard let result = try machines[slot].process?.member.perform(job.job) else {
                    continue
                }
                noteEffect(of: job, result, slot)
            } catch {
                note(slot) { "\(job.kind) failed at the end: \(error)" }
            }
        }
    }

    /// Forgets all that belonged to a process.
    private mutating func endProcess(_ slot: Int) {
        machines[slot].process = nil
        machines[slot].epoch += 1
        machines[slot].jobs = []
        machines[slot].hasCommitToRepeat = false
        machines[slot].armed = nil
        machines[slot].fall = nil
        machines[slot].awaitsTurn = false
        machines[slot].pausedUntil = 0
        machines[slot].status = .stopped
        machines[slot].position.isLeader = false
        loseRequests(slot)
        loseWatches(slot)
        for other in machines.indices where other != slot {
            network.reset(slot, other)
        }
    }

    /// Stops a machine for good.
    mutating func remove(_ slot: Int) {
        if let process = machines[slot].process {
            process.member.close()
            machines[slot].disk.endProcess()
        }
        endProcess(slot)
        machines[slot].status = .gone
    }

    private mutating func noteCrash(_ slot: Int) {
        let kinds = machines[slot].jobs.map(\.kind)
        if kinds.contains(.sync) { coverage.reach(.crashBeforeSync) }
        if kinds.contains(.commit) { coverage.reach(.crashAroundCommit) }
        if kinds.contains(.writeSnapshot) { coverage.reach(.crashAroundSnapshotWrite) }
        if kinds.contains(.install) { coverage.reach(.crashAroundInstall) }
        if machines[slot].disk.isStopped { coverage.reach(.crashWithinDiskOperations) }
        if machines[slot].backends.isKilled { coverage.reach(.crashWithinBackendCall) }
    }

    /// A member says that it cannot go on.
    mutating func memberFailed(_ slot: Int, _ failure: MemberFailure) throws(RunFailure) {
        note(slot) { "fails: \(failure)" }
        if machines[slot].isKilled {
            try crash(slot, downtime: second / 2)
            return
        }
        let excuses = machines[slot].excuses
        guard excuses != Excuses() else {
            throw RunFailure("Member", "member \(slot + 1) failed without a fault: \(failure)")
        }
        if excuses.hasFailedSync { coverage.reach(.failedSyncDeath) }
        try crash(slot, downtime: second)
    }

    /// The machine of a member.
    func slot(of peer: PeerID) -> Int? {
        let slot = Int(peer.rawValue) - 1
        return machines.indices.contains(slot) ? slot : nil
    }

    /// The machine of the leader of the highest term, if one runs.
    var leaderSlot: Int? {
        machines.indices.filter { machines[$0].isRunning && machines[$0].position.isLeader }
            .max { machines[$0].position.term < machines[$1].position.term }
    }

    /// The machines whose processes run.
    var runningSlots: [Int] { machines.indices.filter { machines[$0].isRunning } }
}
