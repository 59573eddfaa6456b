internal import Primitives
internal import Raft
internal import StoreModel

/// A lease renewal, or a question for its remaining time, that waits for the leadership to be
/// confirmed.
struct LeaseRenewal {
    var question: LeaseQuestion
    /// Whom to answer: a client of this member, or another member.
    var asker: Asker

    /// Who gets the answer.
    enum Asker {
        case client(RequestID)
        case member(PeerID, number: UInt64)
    }
}

/// A request that may be answered once a read index is confirmed and applied.
struct PendingRead {
    var kind: Kind
    /// The member's tick at which it is given up.
    var deadlineTick: UInt64

    /// What is answered.
    enum Kind {
        case range(RequestID, RangeRequest)
        case transaction(RequestID, TransactionRequest)
        case leases(RequestID)
        case members(RequestID)
        case barrier(RequestID)
        case hash(RequestID, Revision)
        /// At the leader only.
        case lease(LeaseRenewal)
    }

    /// The local client that waits, if any.
    var requestID: RequestID? {
        switch kind {
        case .range(let id, _), .transaction(let id, _), .leases(let id), .members(let id),
            .barrier(let id), .hash(let id, _):
            return id
        case .lease(let renewal):
            if case .client(let id) = renewal.asker { return id }
            return nil
        }
    }
}

/// The reads of a member on their way to a read index (thesis §6.4): at most one request is in
/// flight; what arrives meanwhile waits for the next, since an index captured before a read
/// began would be too old for it.
struct PendingReads {
    /// Waiting for the next request.
    var waiting: [PendingRead] = []
    /// Covered by the request in flight.
    var inFlight: [PendingRead] = []
    /// The request in flight.
    var request: ReadRequestID?
    /// The tick at which it is repeated.
    var retryTick: UInt64 = 0
    /// Confirmed: may be answered once the index is applied; ascending.
    var confirmed: [(index: LogIndex, reads: [PendingRead])] = []

    /// How many reads wait for anything.
    var count: Int {
        waiting.count + inFlight.count + confirmed.reduce(0) { $0 + $1.reads.count }
    }

    /// Removes the reads whose time is over.
    mutating func takeExpired(at tick: UInt64) -> [PendingRead] {
        var expired: [PendingRead] = []
        func sift(_ reads: inout [PendingRead]) {
            guard reads.contains(where: { $0.deadlineTick <= tick }) else { return }
            expired += reads.filter { $0.deadlineTick <= tick }
            reads.removeAll { $0.deadlineTick <= tick }
        }
        sift(&waiting)
        sift(&inFlight)
        for position in confirmed.indices {
            sift(&confirmed[position].reads)
        }
        return expired
    }

    /// Removes all.
    mutating func takeAll() -> [PendingRead] {
        let all = waiting + inFlight + confirmed.flatMap(\.reads)
        self = PendingReads()
        return all
    }

    /// Forgets the read of a client that went away.
    mutating func forget(_ requestID: RequestID) {
        waiting.removeAll { $0.requestID == requestID }
        inFlight.removeAll { $0.requestID == requestID }
        for position in confirmed.indices {
            confirmed[position].reads.removeAll { $0.requestID == requestID }
        }
    }
}
