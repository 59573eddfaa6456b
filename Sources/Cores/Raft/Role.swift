internal import Primitives

/// What a node is doing at the moment, with what it needs for that.
enum Role {
    case follower
    /// Asks whether an election could be won, without beginning a term (thesis §9.6).
    case preCandidate(Ballot)
    case candidate(Ballot)
    case leader(Leadership)
}

/// Votes that have come in.
struct Ballot {
    var granted: [PeerID] = []
    var refused: [PeerID] = []
    /// The candidate's own vote counts once this write is durable.
    var ownVoteWrite: UInt64?

    /// Counts one answer of a voter; the first one stands.
    mutating func record(_ peer: PeerID, isGranted: Bool) {
        guard !granted.contains(peer), !refused.contains(peer) else { return }
        if isGranted {
            granted.append(peer)
        } else {
            refused.append(peer)
        }
    }
}

/// What only a leader knows.
struct Leadership {
    /// The other members, sorted.
    var progress: [Progress]
    /// Ticks since the last heartbeat.
    var heartbeatElapsed = 0
    /// Where leadership is being passed on to.
    var transfer: Transfer?
    /// The latest round of read confirmation.
    var readRound: UInt64 = 0
    /// Reads that wait for a round to be confirmed, oldest first.
    var confirmingReads: [(round: UInt64, index: LogIndex, ids: [ReadRequestID])] = []
    /// Reads that wait for the first commit of this term.
    var earlyReads: [ReadRequestID] = []
    /// Reads of this step, which will share a round.
    var newReads: [ReadRequestID] = []
    /// Bytes of entries that are not committed.
    var uncommittedBytes = 0

    struct Transfer {
        var target: PeerID
        var elapsedTicks = 0
    }

    /// Where the member's progress stands.
    func position(of peer: PeerID) -> Int? {
        progress.firstIndex { $0.peer == peer }
    }
}
