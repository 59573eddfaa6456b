internal import Primitives
internal import ReplicatedStore
internal import SimulatedEnvironment

/// Trouble from the schedule.
extension Simulation {
    /// A fault's time has come.
    mutating func strike(_ fault: ScheduledFault) throws(RunFailure) {
        guard liveness == nil else { return }
        note { "fault \(fault)" }
        var random = dice.generator(.fault, UInt64(fault.id))
        switch fault.kind {
        case .partition(let shape, let isOneWay, let lasts):
            divide(shape, isOneWay: isOneWay, lasts: lasts, fault.id, using: &random)
        case .clog(let lasts): clog(lasts, using: &random)
        case .reset: try breakConnection(using: &random)
        case .crash(let target, let point, let downtime):
            guard let slot = slot(of: target, using: &random) else { return }
            try arm(slot, point, downtime: downtime, fault.id)
        case .pause(let target, let lasts):
            guard let slot = slot(of: target, using: &random) else { return }
            coverage.reach(.processPaused)
            // What comes meanwhile is put off until then, so it must not be shortened later.
            machines[slot].pausedUntil = max(
                machines[slot].pausedUntil, min(now + lasts, knobs.safetyNanoseconds))
        case .clockRate(let target, let rate):
            guard let slot = slot(of: target, using: &random) else { return }
            coverage.reach(.clockChanged)
            machines[slot].clock.setRate(permille: Int64(rate * 1_000), at: now)
        case .leaderFalls: nextFall = fault
        case .membership: try administerMembership(using: &random)
        case .transfer: try administerTransfer(using: &random)
        case .slowDisk, .failedSync, .readError, .noSpace, .bitRot, .wipe:
            try strikeDisk(fault, using: &random)
        }
    }

    /// The machine that a fault is for.
    private func slot(of target: FaultTarget, using random: inout SplitMix64) -> Int? {
        let draw = random.next()
        var candidates = runningSlots
        switch target {
        case .leader: if let leader = leaderSlot { candidates = [leader] }
        case .follower:
            let leader = leaderSlot
            let others = candidates.filter { $0 != leader }
            if !others.isEmpty { candidates = others }
        case .anyone: break
        }
        guard !candidates.isEmpty else { return nil }
        return candidates[Int(draw % UInt64(candidates.count))]
    }

    private mutating func divide(
        _ shape: PartitionShape, isOneWay: Bool, lasts: Int64, _ fault: Int,
        using random: inout SplitMix64
    ) {
        let alive = machines.indices.filter { machines[$0].status != .gone }
        guard alive.count >= 2 else { return }
        coverage.reach(.partitionMade)
        let leader = leaderSlot ?? alive[0]
        let pairs = shape.pairs(alive, leader: leader, using: &random)
        let isReversed = random.chance(0.5)
        var cuts: [(from: Int, to: Int)] = []
        for pair in pairs {
            if !isOneWay || !isReversed { cuts.append((pair.one, pair.other)) }
            if !isOneWay || isReversed { cuts.append((pair.other, pair.one)) }
        }
        network.cut(cuts, fault: fault)
        heap.push(.faultEnds(fault), at: now + lasts)
    }

    /// A leader that is to fall had a turn.
    mutating func countTurnsOfLeader(_ slot: Int) throws(RunFailure) {
        guard let fall = machines[slot].fall, liveness == nil else { return }
        guard fall.turns <= 1 else {
            machines[slot].fall?.turns -= 1
            return
        }
        machines[slot].fall = nil
        guard case .leaderFalls(_, let isCutOff, let lasts) = fall.fault.kind else { return }
        note(slot) { "falls" }
        guard isCutOff else {
            try crash(slot, downtime: lasts)
            return
        }
        let others = machines.indices.filter { $0 != slot }
        network.cut(
            others.flatMap { [(from: slot, to: $0), (from: $0, to: slot)] }, fault: fall.fault.id)
        heap.push(.faultEnds(fall.fault.id), at: now + lasts)
    }

    private mutating func clog(_ lasts: Int64, using random: inout SplitMix64) {
        let from = random.below(machines.count)
        for to in machines.indices where to != from && random.chance(0.6) {
            network[Network.link(from: from, to: to)].cloggedUntil = now + lasts
        }
    }

    private mutating func breakConnection(using random: inout SplitMix64) throws(RunFailure) {
        guard machines.count >= 2 else { return }
        let one = random.below(machines.count)
        let other = (one + 1 + random.below(machines.count - 1)) % machines.count
        coverage.reach(.connectionReset)
        network.reset(one, other)
        for (slot, peer) in [(one, machines[other].peer), (other, machines[one].peer)] {
            heap.push(
                .unreachable(slot: slot, epoch: machines[slot].epoch, peer), at: now + millisecond)
        }
    }

    private mutating func arm(
        _ slot: Int, _ point: CrashPoint, downtime: Int64, _ fault: Int
    ) throws(RunFailure) {
        switch point {
        case .now: try crash(slot, downtime: downtime)
        case .job(_, let skipped, _):
            machines[slot].armed = ArmedCrash(
                fault: fault, point: point, downtime: downtime, skipped: skipped)
        case .diskOperation(let count):
            machines[slot].disk.stopAtOperation(
                number: machines[slot].disk.operationCount + count)
        case .backendCall(let count):
            machines[slot].backends.failCall(
                number: machines[slot].backends.callCount + count, with: .killed)
        }
    }
}
