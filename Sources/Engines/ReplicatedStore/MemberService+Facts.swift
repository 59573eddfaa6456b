internal import MVCC
package import Primitives
package import Raft
package import StoreModel

/// What the service around the member wants to know at any time, read in place: `inspection`
/// would copy the whole member.
extension MemberService {
    /// Which member this is.
    package var id: PeerID { member.id }

    /// The cluster that it belongs to.
    package var clusterID: UInt64 { member.configuration.clusterID }

    /// Who leads as far as this member knows; zero for nobody.
    package var leader: PeerID { member.raft.leader }

    /// Whether this member leads.
    package var isLeader: Bool { member.raft.isLeader }

    /// The present term.
    package var term: Term { member.raft.term }

    /// The store's revision.
    package var revision: Revision { member.store.revision }

    /// Reads below it are refused.
    package var compactRevision: Revision { member.store.compactRevision }

    /// A compaction has records left to delete.
    package var isCompacting: Bool { member.isCompacting }

    /// The last entry applied.
    package var appliedIndex: LogIndex { member.store.appliedIndex }

    /// The last entry that the backend durably includes.
    package var durableIndex: LogIndex { member.commits.durable.index }

    /// The last entry known to be committed.
    package var commitIndex: LogIndex { member.raft.commitIndex }

    /// Who takes part, as of the newest entry of this member's log.
    package var membership: Membership { member.raft.membership }

    /// Who takes part, as of the applied state.
    package var appliedMembership: Membership { member.committedMembership() }

    /// The members as of the applied state of this member.
    package var memberList: [MemberDescription] { member.memberList() }

    /// What is known of members, sorted by member.
    package var roster: [(PeerID, MemberAttributes)] { member.store.roster }

    /// What is known of one member.
    package func attributes(of peer: PeerID) -> MemberAttributes? {
        member.store.attributes(of: peer)
    }

    /// The alarms raised, sorted.
    package var alarms: [Alarm] { member.store.alarms }

    /// Keys that exist.
    package var keyCount: Int { member.store.keyCount }

    /// What this member knows of itself.
    package var status: MemberStatus { member.status() }

    /// How many watches there are, and how many of them need history.
    package var watchCounts: (all: Int, unsynced: Int) {
        (member.hub.watchCount, member.hub.unsyncedCount)
    }

    /// How many requests wait for an answer.
    package var waitingCount: Int { member.waitingCount }

    /// What the store would refuse about a command, without proposing it.
    package func objection(to command: Command) -> StoreError? {
        do {
            try member.store.validate(command)
            return nil
        } catch {
            return error
        }
    }
}

/// The members with what the log says beyond the applied state.
extension MemberService {
    /// The members as of the newest entry of this member's log, committed or not: who is being
    /// added must be reachable before the entry that adds it can be committed.
    package var latestMembers: [MemberDescription] {
        let membership = member.raft.membership
        var proposed: (PeerID, MemberAttributes?)?
        if let entry = member.raft.entry(at: member.raft.membershipIndex),
            case .membership(_, let context) = entry.payload,
            // Without a command of ours in it there is nothing more to know.
            let proposal = try? Proposal(decoding: context),
            case .setMember(let peer, let attributes) = proposal.command
        {
            proposed = (peer, attributes)
        }
        return membership.everyone.map { peer in
            let known = member.store.attributes(of: peer)
            let added = proposed?.0 == peer ? proposed?.1 : nil
            return MemberDescription(
                id: peer, attributes: known ?? added ?? MemberAttributes(),
                isLearner: membership.learners.contains(peer))
        }
    }
}
