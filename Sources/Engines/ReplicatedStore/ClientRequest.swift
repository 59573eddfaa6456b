public import StoreModel
public import Primitives
public import Raft

/// Names a request within one run of a member; chosen by the caller, never used twice.
public struct RequestID: Hashable, Comparable, Sendable {
    /// The bare number.
    public var rawValue: UInt64

    /// Wraps a number.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Orders by number.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What a client may ask of any member.
public enum ClientRequest: Sendable {
    /// A change, through the log.
    case command(Command)
    /// A read; serializable ones are answered from this member's present state.
    case range(RangeRequest, isSerializable: Bool)
    /// A transaction that cannot change anything.
    case readTransaction(TransactionRequest, isSerializable: Bool)
    /// Renews a lease, at the leader.
    case leaseKeepAlive(LeaseID)
    /// The time that a lease has left, at the leader.
    case leaseTimeToLive(LeaseID, wantsKeys: Bool)
    /// All leases.
    case leases
    /// Adds, promotes, demotes or removes members; attributes of the added are replicated too.
    case changeMembership([MembershipStep], attributes: [(PeerID, MemberAttributes)])
    /// Makes another voter the leader.
    case moveLeader(PeerID)
    /// The members, linearizably.
    case members
    /// Confirms that a majority still follows the leader.
    case readBarrier
    /// What this member knows of itself.
    case status
    /// The hash of all kept records up to a revision (zero for the newest), of this member.
    case hashKV(Revision)
}

/// What every answer carries.
public struct ResponseHeader: Sendable, Equatable {
    /// The cluster that answers.
    public var clusterID: UInt64
    /// The member that answers.
    public var memberID: PeerID
    /// The store's revision when the answer was made.
    public var revision: Revision
    /// The term of Raft as that member knows it.
    public var term: Term

    /// Makes a header.
    public init(clusterID: UInt64, memberID: PeerID, revision: Revision, term: Term) {
        self.clusterID = clusterID
        self.memberID = memberID
        self.revision = revision
        self.term = term
    }
}

/// An answer.
public struct ClientResponse: Sendable {
    /// Who answers, and as of when.
    public var header: ResponseHeader
    /// What is answered.
    public var body: Body

    /// Makes an answer.
    public init(header: ResponseHeader, body: Body) {
        self.header = header
        self.body = body
    }

    /// What is answered, as the request's kind wants it.
    public enum Body: Sendable {
        case command(CommandResponse)
        case range(RangeResponse)
        case transaction(TransactionResponse)
        /// Seconds until the lease expires; 0 if it is gone.
        case leaseKeepAlive(LeaseID, ttlSeconds: Int64)
        /// -1 seconds and no keys if it is gone.
        case leaseTimeToLive(LeaseDescription, remainingSeconds: Int64)
        case leases([LeaseID])
        case members([MemberDescription])
        case moved
        case readBarrier
        case status(MemberStatus)
        /// The hash, the revision hashed, and the compact revision.
        case hashKV(UInt32, revision: Revision, compactRevision: Revision)
    }
}

/// One member of the cluster.
public struct MemberDescription: Sendable, Equatable {
    /// Which member.
    public var id: PeerID
    /// Its name and addresses.
    public var attributes: MemberAttributes
    /// Whether it has no vote.
    public var isLearner: Bool

    /// Describes a member.
    public init(id: PeerID, attributes: MemberAttributes, isLearner: Bool) {
        self.id = id
        self.attributes = attributes
        self.isLearner = isLearner
    }
}

/// A member's own state.
public struct MemberStatus: Sendable, Equatable {
    /// Who leads as far as it knows; zero for nobody.
    public var leader: PeerID
    /// Raft's term.
    public var term: Term
    /// The end of its log.
    public var lastIndex: LogIndex
    /// The last entry known to be committed.
    public var commitIndex: LogIndex
    /// The last entry applied.
    public var appliedIndex: LogIndex
    /// The store's revision.
    public var revision: Revision
    /// Reads below it are refused.
    public var compactRevision: Revision
    /// Whether it has no vote.
    public var isLearner: Bool
    /// Bytes that the backend takes on disk.
    public var allocatedBytes: Int
    /// Those of them that hold something.
    public var inUseBytes: Int
    /// The alarms that are raised, sorted.
    public var alarms: [Alarm]
}

/// Why a request was not carried out. After `.timedOut` and `.leaderChanged` a change may or may
/// not have taken place; after all others it has not.
public enum RequestError: Error, Equatable, Sendable {
    /// The store refused it.
    case store(StoreError)
    /// Nobody leads.
    case noLeader
    /// The answer did not come in time.
    case timedOut
    /// Leadership changed while the request was under way.
    case leaderChanged
    /// Too many requests wait.
    case tooManyRequests
    /// The request is larger than allowed.
    case tooLarge
    /// This member is stopping or was removed.
    case stopped
    /// A learner does not serve this.
    case learner
    /// The membership change makes no sense or cannot be made now.
    case membership(ProposalRefusal)
    /// The member to add exists, or the one to change does not.
    case memberExists
    case memberNotFound
    /// The transferee is not a voter, or did not take over in time.
    case badTransferee
}
