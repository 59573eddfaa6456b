internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel
internal import Wire

/// Whether a membership change would endanger the cluster (etcd's `--strict-reconfig-check`).
struct Reconfiguration {
    /// The members as of the applied state.
    var members: [MemberDescription]
    /// Those that this member has a connection with, and itself.
    var connected: Set<PeerID>

    private var voters: [MemberDescription] { members.filter { !$0.isLearner } }

    /// A member is started once it has said its name.
    private func isStarted(_ member: MemberDescription) -> Bool { !member.attributes.name.isEmpty }

    /// Whether a voter may be added: the members that run now must be a majority of the new
    /// cluster. The second member of a cluster of one is always allowed.
    func objectionToAddingVoter() -> GRPCStatus? {
        let started = voters.count(where: isStarted)
        let all = voters.count + 1
        if all == 2, started == 1 { return nil }
        guard started >= all / 2 + 1 else { return EtcdError.notEnoughStartedMembers }
        guard voters.allSatisfy({ connected.contains($0.id) }) else { return EtcdError.unhealthy }
        return nil
    }

    /// Whether a member may be removed: those that stay must have a majority that runs.
    func objectionToRemoving(_ id: PeerID) -> GRPCStatus? {
        guard let member = members.first(where: { $0.id == id }), !member.isLearner else {
            return nil
        }
        let rest = voters.filter { $0.id != id }
        guard !rest.isEmpty else { return EtcdError.notEnoughStartedMembers }
        guard rest.count(where: isStarted) >= rest.count / 2 + 1 else {
            return EtcdError.notEnoughStartedMembers
        }
        // Taking one away that is down makes the cluster healthier.
        guard connected.contains(id) else { return nil }
        let active = voters.count { connected.contains($0.id) }
        guard active - 1 >= 1 + (voters.count - 1) / 2 || rest.count == 1 else {
            return EtcdError.unhealthy
        }
        return nil
    }

    /// Whether a learner may become a voter.
    func objectionToPromoting(_ id: PeerID) -> GRPCStatus? {
        guard let member = members.first(where: { $0.id == id }) else {
            return RequestError.memberNotFound.status
        }
        guard member.isLearner else { return EtcdError.notLearner }
        // Who never ran cannot have caught up (etcd looks at that first).
        guard isStarted(member) else { return ProposalRefusal.learnerNotReady(id).status }
        let started = voters.count(where: isStarted) + 1
        guard started >= (voters.count + 1) / 2 + 1 else {
            return EtcdError.notEnoughStartedMembers
        }
        return nil
    }
}
