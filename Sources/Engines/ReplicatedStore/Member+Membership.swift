internal import MVCC
internal import Primitives
internal import Raft
internal import StoreModel

/// Changing who takes part, and who leads.
extension Member {
    /// Puts a membership change on its way.
    mutating func changeMembership(
        _ steps: [MembershipStep], attributes: [(PeerID, MemberAttributes)], _ id: RequestID
    ) {
        if let error = objection(to: steps) {
            respond(id, .failure(error))
            return
        }
        let number = nextRequestNumber()
        let described = attributes.first ?? (self.id, store.attributes(of: self.id))
        let context = Proposal(
            origin: self.id, requestNumber: number,
            command: .setMember(described.0, described.1)
        ).encoded()
        pending.insert(
            PendingRequest(requestID: id, kind: .membershipChange, deadlineTick: requestDeadline),
            number: number)
        for (peer, attributes) in attributes.dropFirst() {
            proposeQuietly(.setMember(peer, attributes))
        }
        absorb(raft.step(.proposeMembership(MembershipChange(steps: steps, context: context))))
    }

    /// What a change contradicts in the membership that this member knows.
    private func objection(to steps: [MembershipStep]) -> RequestError? {
        let membership = raft.membership
        guard !steps.isEmpty else { return .membership(.invalidMembership) }
        for step in steps {
            switch step {
            case .addLearner(let peer):
                if membership.everyone.contains(peer) { return .memberExists }
            case .addVoter(let peer):
                if membership.voters.contains(peer) { return .memberExists }
            case .demote(let peer):
                if !membership.isVoter(peer) { return .memberNotFound }
            case .remove(let peer):
                if !membership.everyone.contains(peer) { return .memberNotFound }
            }
        }
        return nil
    }

    /// The members as of the applied state.
    func memberList() -> [MemberDescription] {
        let membership = committedMembership()
        return membership.everyone.map { peer in
            MemberDescription(
                id: peer, attributes: store.attributes(of: peer) ?? MemberAttributes(),
                isLearner: membership.learners.contains(peer))
        }
    }

    /// As leader, forgets what was known of members that are no longer there.
    mutating func manageRoster() {
        guard isPrimary, raft.isLeader, tick % 10 == 0, store.appliedIndex == raft.commitIndex
        else { return }
        let everyone = raft.membership.everyone
        for (peer, _) in store.roster where !everyone.contains(peer) {
            proposeQuietly(.setMember(peer, nil))
        }
    }

    /// An operator wants another leader.
    mutating func transferLeadership(to target: PeerID, _ id: RequestID) {
        guard raft.membership.isVoter(target) else {
            respond(id, .failure(.badTransferee))
            return
        }
        guard raft.leader != .zero else {
            respond(id, .failure(.noLeader))
            return
        }
        guard raft.leader != target else {
            respond(id, .success(.moved))
            return
        }
        transfers.append((id, target, requestDeadline))
        absorb(raft.step(.transferLeadership(to: target)))
    }

    /// A new leader is known: transfers to it have succeeded.
    mutating func finishTransfers(leader: PeerID) {
        guard !transfers.isEmpty, leader != .zero else { return }
        let finished = transfers.filter { $0.target == leader }
        transfers.removeAll { $0.target == leader }
        for transfer in finished {
            respond(transfer.requestID, .success(.moved))
        }
    }
}
