internal import Primitives

/// Changes of membership: one at a time, in force from the moment they stand in the log (Raft §6,
/// thesis §4).
extension RaftNode {
    mutating func propose(_ change: MembershipChange) {
        guard isLeader else {
            if leader != .zero {
                send(.forwardMembershipChange(change), to: leader)
            } else {
                output.refusedChange = (change, .noLeader)
            }
            return
        }
        do throws(MembershipRefusal) {
            let next = try allowed(change)
            append([.membership(next, context: change.context)])
        } catch {
            output.refusedChange = (change, error.reason)
        }
    }

    /// The membership that a change leads to, if it may be made now.
    private func allowed(
        _ change: MembershipChange
    ) throws(MembershipRefusal) -> Membership {
        guard !isTransferring() else { throw MembershipRefusal(reason: .transferring) }
        guard membership.isVoter(id) else { throw MembershipRefusal(reason: .notMember) }
        let isPending = membershipIndex > commitIndex || membership.isJoint
        if isPending, !configuration.mutation.isActive(.allowsTwoMembershipChanges) {
            throw MembershipRefusal(reason: .membershipChangePending)
        }
        // Ongaro's correction of single-server changes: a leader must have committed an entry of
        // its own term first, or two majorities may not overlap.
        if !hasCommittedInTerm,
            !configuration.mutation.isActive(.changesMembershipBeforeOwnTermCommit)
        {
            throw MembershipRefusal(reason: .membershipChangePending)
        }
        let next = try MembershipPlan(from: membership).applying(change)
        for step in change.steps {
            if case .addVoter(let peer) = step, membership.learners.contains(peer),
                !hasCaughtUp(peer)
            {
                throw MembershipRefusal(reason: .learnerNotReady(peer))
            }
        }
        return next
    }

    /// Whether a learner is near enough to the end of the log to get a vote (thesis §4.2.1).
    private func hasCaughtUp(_ peer: PeerID) -> Bool {
        guard case .leader(let leadership) = role,
            let position = leadership.position(of: peer)
        else { return false }
        let progress = leadership.progress[position]
        return progress.matchIndex > .zero
            && progress.matchIndex.rawValue + configuration.promotionLagMax
                >= log.lastIndex.rawValue
    }

    /// Lets a membership that was just appended come into force.
    mutating func adopt(_ membership: Membership, at index: LogIndex) {
        memberships.append((index, membership))
        output.events.append(.membershipChanged(membership, at: index))
        guard case .leader(let current) = role else { return }
        let next = log.lastIndex.next
        leadership.progress = membership.everyone.filter { $0 != id }.map { peer in
            if let position = current.position(of: peer) { return current.progress[position] }
            return Progress(peer: peer, nextIndex: next, isActive: true)
        }
    }

    /// As leader: leaves a committed joint membership, and steps down when no longer a voter.
    mutating func continueMembershipChange() {
        guard isLeader, membershipIndex <= commitIndex else { return }
        if membership.isJoint {
            guard hasCommittedInTerm else { return }
            append([.membership(MembershipPlan.left(membership), context: [])])
            return
        }
        guard !membership.isVoter(id) else { return }
        // Thesis §4.2.2: the others have been told of the commit; one of them takes over.
        let leadership = leadership
        let heir = leadership.progress.first {
            membership.isVoter($0.peer) && $0.matchIndex == log.lastIndex
        }
        if let heir { send(.timeoutNow, to: heir.peer) }
        becomeFollower(term: term, leader: .zero, heard: .zero)
    }

    /// Memberships between `before` and the commit index have been committed: who is no longer in
    /// them is told.
    mutating func noteCommittedMemberships(after before: LogIndex) {
        for position in memberships.indices {
            let (index, new) = memberships[position]
            guard position > 0, index > before, index <= commitIndex else { continue }
            let old = memberships[position - 1].membership.everyone
            let everyone = new.everyone
            for peer in old where !everyone.contains(peer) {
                if peer == id {
                    output.events.append(.removedFromMembership)
                } else if isLeader {
                    send(.removed, to: peer)
                }
            }
        }
    }

    /// A sender that a committed membership does not contain may not know yet. One whose log goes
    /// beyond what is known to be committed here may have been added there: it is let alone.
    mutating func tellIfRemoved(_ peer: PeerID, lastEntry: EntryID) {
        guard membershipIndex <= commitIndex, lastEntry.index <= commitIndex,
            !membership.everyone.contains(peer)
        else { return }
        send(.removed, to: peer)
    }

    /// This node was told that it is out. The message may be old, so a leader's next sign of life
    /// takes it back (`follow`).
    mutating func learnOfRemoval() {
        guard !isLeader, !isRemoved, leader == .zero || !hearsLeader else { return }
        isRemoved = true
        role = .follower
        output.events.append(.removedFromMembership)
    }
}

/// Why a change is refused.
struct MembershipRefusal: Error {
    var reason: ProposalRefusal
}

/// Works out what steps lead to.
struct MembershipPlan {
    private let old: Membership
    private var voters: [PeerID]
    private var learners: [PeerID]
    private var demoted: [PeerID] = []

    init(from membership: Membership) {
        old = membership
        voters = membership.voters
        learners = membership.learners
    }

    /// The membership after the change: the new one at once where any old and new majorities
    /// overlap because at most one vote changes (thesis §4.1), else a joint one.
    func applying(_ change: MembershipChange) throws(MembershipRefusal) -> Membership {
        var plan = self
        guard !change.steps.isEmpty else { throw MembershipRefusal(reason: .invalidMembership) }
        for step in change.steps { try plan.apply(step) }
        guard !plan.voters.isEmpty else { throw MembershipRefusal(reason: .invalidMembership) }
        let changed =
            plan.voters.filter { !old.voters.contains($0) }.count
            + old.voters.filter { !plan.voters.contains($0) }.count
        if changed <= 1, !change.alwaysJoint, !old.isJoint {
            return Membership(voters: plan.voters, learners: plan.learners + plan.demoted)
        }
        return Membership(
            voters: plan.voters, outgoingVoters: old.voters, learners: plan.learners,
            nextLearners: plan.demoted)
    }

    private mutating func apply(_ step: MembershipStep) throws(MembershipRefusal) {
        switch step {
        case .addLearner(let peer):
            guard peer != .zero, !voters.contains(peer), !learners.contains(peer),
                !demoted.contains(peer), !old.everyone.contains(peer)
            else { throw MembershipRefusal(reason: .invalidMembership) }
            learners.append(peer)
        case .addVoter(let peer):
            guard peer != .zero, !voters.contains(peer), !demoted.contains(peer) else {
                throw MembershipRefusal(reason: .invalidMembership)
            }
            learners.removeAll { $0 == peer }
            voters.append(peer)
        case .demote(let peer):
            guard voters.contains(peer) else {
                throw MembershipRefusal(reason: .invalidMembership)
            }
            voters.removeAll { $0 == peer }
            demoted.append(peer)
        case .remove(let peer):
            guard voters.contains(peer) || learners.contains(peer) else {
                throw MembershipRefusal(reason: .invalidMembership)
            }
            voters.removeAll { $0 == peer }
            learners.removeAll { $0 == peer }
        }
    }

    /// What follows a joint membership.
    static func left(_ joint: Membership) -> Membership {
        Membership(voters: joint.voters, learners: joint.learners + joint.nextLearners)
    }
}
