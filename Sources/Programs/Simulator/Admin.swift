internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel

/// The operator: adds, promotes, demotes, replaces and removes members, one change at a time.
struct Admin {
    /// A change is under way.
    var isBusy = false
    /// When it was asked for.
    var busySince: Int64 = 0
    /// Until then a change that was asked for may still get into some log.
    var unsettledUntil: Int64 = 0
    /// Steps so far; names the follow-ups.
    var step = 0
    /// Members that are to be stopped once the cluster no longer has them.
    var removed: [PeerID] = []
}

extension Simulation {
    /// An occasion for a change of membership.
    mutating func administerMembership(using random: inout SplitMix64) throws(RunFailure) {
        if admin.isBusy, now - admin.busySince < 3 * second { return }
        guard let asked = runningSlots.isEmpty ? nil : random.pick(runningSlots) else { return }
        let membership = currentMembership
        guard !membership.isJoint else { return }
        let steps = steps(from: membership, using: &random)
        guard !steps.isEmpty else { return }
        var attributes: [(PeerID, MemberAttributes)] = []
        for step in steps {
            if let peer = step.added(to: membership) {
                attributes.append((peer, MemberAttributes(name: "m\(peer)")))
                startJoining(peer)
            }
            if case .remove(let peer) = step { admin.removed.append(peer) }
        }
        admin.isBusy = true
        admin.busySince = now
        admin.unsettledUntil = now + 30 * second
        admin.step += 1
        heap.push(.admin(admin.step), at: now + 4 * second)
        try ask(
            asked, .changeMembership(steps, attributes: attributes), .other, by: .admin)
    }

    /// The membership as the member sees it that has applied most.
    var currentMembership: Membership {
        let newest = machines.filter(\.isRunning).max {
            $0.position.appliedEntry.index < $1.position.appliedEntry.index
        }
        return newest?.shadow.membership ?? Membership(voters: [])
    }

    /// What to change.
    private func steps(
        from membership: Membership, using random: inout SplitMix64
    ) -> [MembershipStep] {
        let lost = membership.everyone.filter { peer in
            slot(of: peer).map { isLost(machines[$0]) } ?? true
        }
        let draw = random.below(100)
        let leader = leaderSlot.map { machines[$0].peer }
        if let peer = lost.first, membership.voters.count > 1 || !membership.isVoter(peer) {
            guard draw < 40, let fresh = newPeer(membership) else { return [.remove(peer)] }
            return [.addVoter(fresh), .remove(peer)]
        }
        // A voter less must not make the rest depend on one that may be lost.
        let canShrink = membership.voters.count > 2 && lost.isEmpty
        if let learner = membership.learners.first, draw < 50 { return [.addVoter(learner)] }
        switch draw {
        case 0..<65 where membership.everyone.count < 5:
            guard let fresh = newPeer(membership) else { return [] }
            return [random.chance(0.7) ? .addLearner(fresh) : .addVoter(fresh)]
        case 65..<75 where canShrink: return [.demote(random.pick(membership.voters))]
        case 75..<88 where canShrink:
            return [.remove(random.chance(0.4) ? leader ?? membership.voters[0]
                : random.pick(membership.voters))]
        case 88..<97 where canShrink:
            guard let fresh = newPeer(membership) else { return [] }
            return [.addVoter(fresh), .remove(random.pick(membership.voters))]
        default:
            guard let learner = membership.learners.first else { return [] }
            return [.remove(learner)]
        }
    }

    /// A member that the cluster does not have and never had.
    private func newPeer(_ membership: Membership) -> PeerID? {
        for machine in machines where machine.joins && machine.status != .gone {
            let isKnown = machines.contains { other in
                other.shadow.memberships.contains { $0.membership.everyone.contains(machine.peer) }
            }
            if !isKnown, !membership.everyone.contains(machine.peer) { return machine.peer }
        }
        guard machines.count < Network.machinesMax - 1 else { return nil }
        return PeerID(UInt64(machines.count) + 1)
    }

    /// Starts the machine of a member that is about to be added.
    private mutating func startJoining(_ peer: PeerID) {
        if slot(of: peer) == nil { addMachine(joins: true) }
        guard let slot = slot(of: peer), machines[slot].status == .waiting else { return }
        scheduleStart(slot, after: second / 10)
    }

    /// The operator got an answer.
    mutating func adminAnswered(isCertain: Bool) {
        admin.isBusy = false
        if isCertain { admin.unsettledUntil = now }
    }

    /// Some time after a change: what was removed is switched off.
    mutating func administer(_ step: Int) throws(RunFailure) {
        let membership = currentMembership
        for peer in admin.removed {
            guard let slot = slot(of: peer), !isStillKnown(peer, membership) else { continue }
            if machines[slot].isRunning || machines[slot].status == .stopped {
                note(slot) { "is switched off: it was removed" }
                remove(slot)
            }
        }
        admin.removed = admin.removed.filter { peer in
            slot(of: peer).map { machines[$0].status != .gone } ?? false
        }
    }

    /// Whether any membership that may be in force still has the member.
    private func isStillKnown(_ peer: PeerID, _ membership: Membership) -> Bool {
        if membership.everyone.contains(peer) { return true }
        return machines.contains { machine in
            machine.status != .gone && machine.peer != peer
                && machine.shadow.membership.everyone.contains(peer)
        }
    }

    /// An occasion for another leader.
    mutating func administerTransfer(using random: inout SplitMix64) throws(RunFailure) {
        let draw = random.next()
        guard !runningSlots.isEmpty else { return }
        let asked = runningSlots[Int(draw % UInt64(runningSlots.count))]
        let voters = currentMembership.voters
        guard !voters.isEmpty else { return }
        try ask(asked, .moveLeader(random.pick(voters)), .other, by: .nobody)
    }
}

extension MembershipStep {
    /// The member that it adds, if it adds one.
    fileprivate func added(to membership: Membership) -> PeerID? {
        switch self {
        case .addLearner(let peer): return peer
        case .addVoter(let peer): return membership.everyone.contains(peer) ? nil : peer
        case .demote, .remove: return nil
        }
    }
}
