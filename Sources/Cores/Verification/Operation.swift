package import Primitives
package import StoreModel

// Verification: what a run of the store promised its clients, checked after the fact from what
// the clients saw. Histories (`Operation`, `ObservedWatch`, `EventLog`, `LeaseRecord`) go in, a
// `Verdict` comes out. The store's own code is not imported: `KeyValueModel` says independently
// what etcd would have answered, so that both cannot share a bug.

/// What a client asked for.
package enum HistoryRequest: Sendable, Equatable {
    case put(PutRequest)
    /// A serializable read may be answered from any member's applied state.
    case range(RangeRequest, isSerializable: Bool)
    case deleteRange(DeleteRangeRequest)
    case transaction(TransactionRequest)
    case compact(Revision)
    /// Identifier zero lets the server choose.
    case leaseGrant(LeaseID, ttlSeconds: Int64)
    case leaseRevoke(LeaseID)

    /// Whether any member may answer from its applied state, however old.
    package var isSerializable: Bool {
        if case .range(_, let isSerializable) = self { return isSerializable }
        return false
    }
}

/// What a client was answered.
package enum HistoryResponse: Sendable, Equatable {
    /// With the version before, where asked for.
    case put(KeyValue?)
    case range(RangeResponse)
    case deleteRange(DeleteRangeResponse)
    case transaction(TransactionResponse)
    case compact
    case leaseGrant(LeaseID, ttlSeconds: Int64)
    case leaseRevoke

    /// The answer to a client's command; nil for those that clients of a history don't send.
    package init?(_ response: CommandResponse) {
        switch response {
        case .put(let previous): self = .put(previous)
        case .deleteRange(let answer): self = .deleteRange(answer)
        case .transaction(let answer): self = .transaction(answer)
        case .compact: self = .compact
        case .leaseGrant(let id, let ttl): self = .leaseGrant(id, ttlSeconds: ttl)
        case .leaseRevoke: self = .leaseRevoke
        case .leaseCheckpoint, .alarm, .roster, .none: return nil
        }
    }

    /// Whether the answer says that the store's revision grew by it. Revocations don't say:
    /// they do if the lease had keys.
    var madeRevision: Bool {
        switch self {
        case .put: return true
        case .deleteRange(let answer): return answer.deleted > 0
        case .transaction(let answer): return answer.madeRevision
        case .range, .compact, .leaseGrant, .leaseRevoke: return false
        }
    }
}

extension TransactionResponse {
    /// Whether any operation of the branch that ran changed a key.
    var madeRevision: Bool {
        for part in parts {
            switch part {
            case .range: continue
            case .put: return true
            case .deleteRange(let answer): if answer.deleted > 0 { return true }
            case .transaction(let nested): if nested.madeRevision { return true }
            }
        }
        return false
    }
}

/// One request of a client and what became of it. Times are nanoseconds of the true clock.
package struct Operation: Sendable, Equatable {
    /// What became of a request.
    package enum Outcome: Sendable, Equatable {
        /// Answered; `revision` is the response header's.
        case completed(at: Int64, revision: Revision, HistoryResponse)
        /// Refused for certain, without effect.
        case failed(at: Int64, StoreError)
        /// No answer: it took effect at any time after the invocation, or never.
        case unknown
    }

    /// Who asked.
    package var client: Int
    /// What it asked for.
    package var request: HistoryRequest
    /// When the client sent it, nanoseconds.
    package var invokedAt: Int64
    /// What became of it, as far as the client knows.
    package var outcome: Outcome

    /// Records an operation.
    package init(client: Int, request: HistoryRequest, invokedAt: Int64, outcome: Outcome) {
        self.client = client
        self.request = request
        self.invokedAt = invokedAt
        self.outcome = outcome
    }

    /// When the client knew what became of it; nil if never.
    package var returnedAt: Int64? {
        switch outcome {
        case .completed(let at, _, _), .failed(let at, _): return at
        case .unknown: return nil
        }
    }
}
