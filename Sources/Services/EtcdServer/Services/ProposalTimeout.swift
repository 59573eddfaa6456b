internal import Environment
package import Primitives
internal import ReplicatedStore
package import Wire

/// Why a change was not committed in time, as far as this member can tell: etcd's three guesses.
package struct ProposalTimeout {
    /// When the client asked.
    package var startNanoseconds: Int64
    /// When this member saw the present leader come; nil if none has.
    package var electedNanoseconds: Int64?
    /// The time of an election.
    package var electionNanoseconds: Int64
    /// This member.
    package var own: PeerID
    /// Who leads; zero for nobody.
    package var leader: PeerID
    /// The voters.
    package var voters: [PeerID]
    /// The members that were connected all the while.
    package var connected: Set<PeerID>

    /// Names the facts.
    package init(
        startNanoseconds: Int64, electedNanoseconds: Int64?, electionNanoseconds: Int64,
        own: PeerID, leader: PeerID, voters: [PeerID], connected: Set<PeerID>
    ) {
        self.startNanoseconds = startNanoseconds
        self.electedNanoseconds = electedNanoseconds
        self.electionNanoseconds = electionNanoseconds
        self.own = own
        self.leader = leader
        self.voters = voters
        self.connected = connected
    }

    /// What the client is told.
    package var status: GRPCStatus {
        if let elected = electedNanoseconds, startNanoseconds < elected,
            startNanoseconds > elected - 2 * electionNanoseconds
        {
            return EtcdError.timedOutAfterLeaderFailure
        }
        guard leader != .zero else { return RequestError.timedOut.status }
        let isConnected: Bool
        if leader == own {
            let count = voters.count { $0 == own || connected.contains($0) }
            isConnected = count > voters.count / 2
        } else {
            isConnected = connected.contains(leader)
        }
        return isConnected ? RequestError.timedOut.status : EtcdError.timedOutWithoutConnection
    }
}

extension StoreNode {
    /// What a client is told whose request failed.
    func status(of error: RequestError) -> GRPCStatus {
        guard error == .timedOut else { return error.status }
        let election = Int64(settings.electionMilliseconds) * 1_000_000
        let start = Clock.now().nanoseconds - 5_000_000_000 - 2 * election
        let timeout = ProposalTimeout(
            startNanoseconds: start, electedNanoseconds: leaderSince?.nanoseconds,
            electionNanoseconds: election, own: member.id, leader: member.leader,
            voters: member.membership.voters,
            connected: links.connected(since: MonotonicInstant(nanoseconds: start)))
        return timeout.status
    }
}
