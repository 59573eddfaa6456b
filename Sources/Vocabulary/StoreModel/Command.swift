public import Primitives

/// A change of the replicated state, as it stands in the log.
public enum Command: Sendable, Equatable {
    case put(PutRequest)
    case deleteRange(DeleteRangeRequest)
    case transaction(TransactionRequest)
    /// Forgets history before the revision.
    case compact(Revision)
    /// A lease with an identifier chosen by the proposer (never zero) and a TTL.
    case leaseGrant(LeaseID, ttlSeconds: Int64)
    /// A client revokes a lease; its keys are deleted in one revision.
    case leaseRevoke(LeaseID)
    /// The leader of `term` found these leases expired when it had applied `asOf`. Without effect
    /// in an entry of another term (an old leader must not revoke leases; etcd #15247), on a lease
    /// that is gone, and on one granted after `asOf`: it only has the same identifier.
    case leaseExpire([LeaseID], term: Term, asOf: LogIndex)
    /// Remaining seconds as the leader of `term` saw them when it had applied `asOf`, so that a
    /// new leader does not start from the full TTL; zero remaining means the full TTL again.
    /// Without effect where `leaseExpire` has none.
    case leaseCheckpoint([LeaseCheckpoint], term: Term, asOf: LogIndex)
    case activateAlarm(Alarm)
    case deactivateAlarm(Alarm)
    /// Sets what is known of a member; nil forgets it.
    case setMember(PeerID, MemberAttributes?)
}

/// The remaining time of a lease.
public struct LeaseCheckpoint: Sendable, Equatable {
    /// Which lease.
    public var id: LeaseID
    /// Seconds; 0 for the full TTL.
    public var remainingSeconds: Int64

    /// Makes a checkpoint.
    public init(id: LeaseID, remainingSeconds: Int64) {
        self.id = id
        self.remainingSeconds = remainingSeconds
    }
}

/// A command on its way through the log, with the address for its answer.
public struct Proposal: Sendable, Equatable {
    /// The member whose client asked.
    public var origin: PeerID
    /// That member's number for the request, unique across its restarts; 0 where nobody waits.
    public var requestNumber: UInt64
    /// What is to be done.
    public var command: Command

    /// Makes a proposal.
    public init(origin: PeerID, requestNumber: UInt64, command: Command) {
        self.origin = origin
        self.requestNumber = requestNumber
        self.command = command
    }
}

/// What came of applying one entry.
public struct ApplyOutcome: Sendable {
    /// The answer for whoever waits.
    public var result: Result<CommandResponse, StoreError>
    /// What watchers of all keys would see, in order, all of one revision; `previous` is set only
    /// while `StateMachine.recordsPreviousVersions` is (it costs a read for each change).
    public var events: [Event]
    /// The store's revision afterwards.
    public var revision: Revision

    /// Makes an outcome.
    public init(
        result: Result<CommandResponse, StoreError>, events: [Event], revision: Revision
    ) {
        self.result = result
        self.events = events
        self.revision = revision
    }
}

/// Bounds that every member must share, since they decide results.
public struct StoreLimits: Sendable, Equatable {
    /// Operations in one branch of a transaction; etcd's `--max-txn-ops`.
    public var transactionOperationsMax: Int
    /// Nested transactions below the outermost.
    public var transactionDepthMax: Int
    /// Largest TTL in seconds (etcd: 9,000,000,000).
    public var leaseTTLSecondsMax: Int64
    /// A deliberate bug; only simulator builds honour it.
    public var mutation: Mutation?

    /// etcd's limits.
    public init() {
        transactionOperationsMax = 128
        transactionDepthMax = 8
        leaseTTLSecondsMax = 9_000_000_000
        mutation = nil
    }
}
