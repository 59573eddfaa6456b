internal import Primitives

/// Linearizable reads without the log (thesis §6.4).
extension RaftNode {
    /// Reads that may wait for the first commit of a term; more are refused.
    private static let earlyReadsMax = 10_000

    /// A client of this member wants to read.
    mutating func read(_ id: ReadRequestID) {
        if isLeader {
            readAsLeader(id)
        } else if leader != .zero {
            send(.readIndexRequest(id), to: leader)
        } else {
            output.refusedReads.append(id)
        }
    }

    mutating func receiveReadRequest(_ id: ReadRequestID, from peer: PeerID) {
        if isLeader {
            readAsLeader(id)
        } else {
            send(.readIndexRefused(id), to: peer)
        }
    }

    private mutating func readAsLeader(_ id: ReadRequestID) {
        if configuration.mutation.isActive(.readsWithoutReadIndex) {
            permit(id, commitIndex)
            return
        }
        // Before that a leader does not know what earlier ones committed (thesis §6.4, step 1).
        guard
            hasCommittedInTerm || configuration.mutation.isActive(.readIndexBeforeOwnTermCommit)
        else {
            if leadership.earlyReads.count < Self.earlyReadsMax {
                leadership.earlyReads.append(id)
            } else {
                refuse(id)
            }
            return
        }
        leadership.newReads.append(id)
    }

    /// The first entry of this term is committed.
    mutating func admitEarlyReads() {
        leadership.newReads += leadership.earlyReads
        leadership.earlyReads = []
    }

    /// Lets the reads of this step share one round of confirmation: a majority that answers it
    /// did not follow another leader when the reads began.
    mutating func startReadRound() {
        guard case .leader(let current) = role, !current.newReads.isEmpty else { return }
        let ids = current.newReads
        leadership.newReads = []
        leadership.readRound += 1
        let round = leadership.readRound
        leadership.confirmingReads.append((round, commitIndex, ids))
        leadership.heartbeatElapsed = 0
        sendHeartbeats()
        confirmReads()
    }

    /// Permits the reads whose round a majority has answered.
    mutating func confirmReads() {
        guard case .leader(let leadership) = role, !leadership.confirmingReads.isEmpty else {
            return
        }
        let quorum = Quorum(of: membership, mutation: configuration.mutation)
        let confirmed: UInt64 = quorum.highest(
            { peer in
                if peer == id { return leadership.readRound }
                guard let position = leadership.position(of: peer) else { return UInt64(0) }
                return leadership.progress[position].readRound
            }, none: 0)
        let count = leadership.confirmingReads.prefix { $0.round <= confirmed }.count
        guard count > 0 else { return }
        let reads = leadership.confirmingReads.prefix(count)
        self.leadership.confirmingReads.removeFirst(count)
        for read in reads {
            for id in read.ids { permit(id, read.index) }
        }
    }

    private mutating func permit(_ id: ReadRequestID, _ index: LogIndex) {
        if id.peer == self.id {
            output.readPermits.append(ReadPermit(id: id, index: index))
        } else {
            send(.readIndexResponse(id, index: index), to: id.peer)
        }
    }

    mutating func refuse(_ id: ReadRequestID) {
        if id.peer == self.id {
            output.refusedReads.append(id)
        } else {
            send(.readIndexRefused(id), to: id.peer)
        }
    }
}
