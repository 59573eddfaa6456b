internal import Primitives
internal import Raft
internal import SimulatedEnvironment

/// Disks that fail.
extension Simulation {
    /// A disk's trouble begins.
    mutating func strikeDisk(
        _ fault: ScheduledFault, using random: inout SplitMix64
    ) throws(RunFailure) {
        guard let slot = diskSlot(fault.kind, using: &random) else { return }
        switch fault.kind {
        case .failedSync, .readError, .noSpace: machines[slot].hasFaultyDisk = true
        default: break
        }
        var rates = DiskFaultRates()
        switch fault.kind {
        case .slowDisk(_, let lasts):
            machines[slot].diskSlowness = Int64(random.between(5, 200))
            heap.push(.diskRecovers(slot: slot, fault: fault.id), at: now + lasts)
        case .failedSync:
            rates.syncError = 1
            machines[slot].excuses.hasFailedSync = true
            machines[slot].disk.injectFaults(rates, seed: random.next())
            heap.push(.diskRecovers(slot: slot, fault: fault.id), at: now + second / 2)
        case .readError(_, let lasts):
            rates.readError = 0.3
            machines[slot].excuses.hadDiskErrors = true
            machines[slot].disk.injectFaults(rates, seed: random.next())
            heap.push(.diskRecovers(slot: slot, fault: fault.id), at: now + lasts)
        case .noSpace(_, let lasts):
            rates.noSpace = random.pick([0.1, 1])
            var backendRates = BackendFaultRates()
            backendRates.noSpace = random.pick([rates.noSpace / 2, 1])
            machines[slot].backends.injectFaults(backendRates, seed: random.next())
            // The log has its room beforehand: mostly only the backend feels that there is none.
            let isLogHit = random.chance(0.4)
            let diskSeed = random.next()
            if isLogHit {
                machines[slot].excuses.hadDiskErrors = true
                machines[slot].disk.injectFaults(rates, seed: diskSeed)
            }
            heap.push(.diskRecovers(slot: slot, fault: fault.id), at: now + lasts)
        case .bitRot: try rot(slot, using: &random)
        case .wipe: wipe(slot)
        default: break
        }
    }

    private func diskSlot(_ kind: FaultKind, using random: inout SplitMix64) -> Int? {
        let draw = random.next()
        let isLoss: Bool
        switch kind {
        case .bitRot, .wipe: isLoss = true
        default: isLoss = false
        }
        let candidates = runningSlots.filter { slot in
            isLoss ? canLose(slot) : true
        }
        guard !candidates.isEmpty else { return nil }
        return candidates[Int(draw % UInt64(candidates.count))]
    }

    /// The atlas of faults: whether the cluster may lose this machine's disk and still owe
    /// everybody every acknowledged write. In every membership that any member goes by, a majority
    /// of the voters must remain that never lost anything.
    func canLose(_ slot: Int) -> Bool {
        // A change under way may lead anywhere.
        guard admin.unsettledUntil <= now else { return false }
        let lost = machines.filter { $0.slot == slot || isLost($0) }.map(\.peer)
        return machines.allSatisfy { machine in
            machine.shadow.memberships.allSatisfy { known in
                let membership = known.membership
                let left = membership.everyone.filter { !lost.contains($0) }
                return membership.everyone.isEmpty
                    || MembershipRules.isQuorum(left, of: membership)
            }
        }
    }

    /// Whether a machine's disk is lost or damaged.
    func isLost(_ machine: Machine) -> Bool {
        machine.excuses.isDamaged || machine.isWiped
    }

    /// One bit of one file turns over. The end of the log is spared: damage there looks like a
    /// write that was torn, and no store can tell (Alagappan et al., FAST 2018).
    private mutating func rot(_ slot: Int, using random: inout SplitMix64) throws(RunFailure) {
        let disk = machines[slot].disk
        let files = disk.files.filter { path in
            path.contains("/log/") && (disk.contents(of: path)?.contains { $0 != 0 } ?? false)
        }
        guard !files.isEmpty else { return }
        let path = files[random.below(files.count)]
        let contents = disk.contents(of: path) ?? []
        let used = (contents.lastIndex { $0 != 0 } ?? 0) + 1
        let offset = random.below(max(1, used / 2))
        disk.flipBit(in: path, offset: offset, bit: random.below(8))
        machines[slot].excuses.isDamaged = true
        note(slot) { "a bit of \(path) turns over at \(offset) of \(used)" }
        // Somebody will read it only after a restart.
        try crash(slot, downtime: second)
    }

    /// A bit of an image on its way turns over. No copy is lost by that: it must be noticed, and
    /// the image sent anew.
    mutating func damageImage(_ slot: Int, using random: inout SplitMix64) {
        let isHit = random.chance(0.2)
        guard isHit, liveness == nil, plan.ingredients.contains(.bitRot) else { return }
        let damaged = machines[slot].disk.rot(using: &random) { $0.hasSuffix(".snapshot") }
        if let damaged { note(slot) { "a bit of \(damaged.path) turns over" } }
    }

    /// The disk is gone, and the member with it.
    private mutating func wipe(_ slot: Int) {
        coverage.reach(.memberWiped)
        note(slot) { "is wiped" }
        remove(slot)
        machines[slot].isWiped = true
    }

    /// A disk is as it should be again.
    mutating func recoverDisk(_ slot: Int) {
        machines[slot].diskSlowness = 1
        machines[slot].disk.stopFaults()
        machines[slot].backends.stopFaults()
        machines[slot].hasFaultyDisk = false
        for injected in machines[slot].disk.takeInjectedFaults() {
            switch (injected.fault, injected.operation) {
            case (.noSpace, _): coverage.reach(.noSpaceHit)
            case (.ioError, .read): coverage.reach(.readErrorHit)
            default: break
            }
        }
    }
}
