public import Primitives

/// Answers a range.
public struct RangeResponse: Sendable, Equatable {
    /// The keys, within the limit.
    public var keyValues: [KeyValue]
    /// Whether the limit cut the answer.
    public var hasMore: Bool
    /// How many keys the range has at that revision, whatever the limit.
    public var count: Int64

    /// Makes an answer.
    public init(keyValues: [KeyValue] = [], hasMore: Bool = false, count: Int64 = 0) {
        self.keyValues = keyValues
        self.hasMore = hasMore
        self.count = count
    }
}

/// Answers a deletion.
public struct DeleteRangeResponse: Sendable, Equatable {
    /// How many keys were deleted.
    public var deleted: Int64
    /// The versions deleted, where asked for.
    public var previous: [KeyValue]

    /// Makes an answer.
    public init(deleted: Int64 = 0, previous: [KeyValue] = []) {
        self.deleted = deleted
        self.previous = previous
    }
}

/// Answers a transaction.
public struct TransactionResponse: Sendable, Equatable {
    /// One answer, as the operation's kind wants it.
    public indirect enum Part: Sendable, Equatable {
        case range(RangeResponse)
        /// With the version before, where asked for.
        case put(KeyValue?)
        case deleteRange(DeleteRangeResponse)
        case transaction(TransactionResponse)
    }

    /// Whether the conditions held.
    public var succeeded: Bool
    /// One answer for each operation of the branch that ran.
    public var parts: [Part]

    /// Makes an answer.
    public init(succeeded: Bool, parts: [Part] = []) {
        self.succeeded = succeeded
        self.parts = parts
    }
}

/// Describes a lease to a client. Remaining time is for the primary's `LeaseDeadlines` to say.
public struct LeaseDescription: Sendable, Equatable {
    /// Which lease.
    public var id: LeaseID
    /// Seconds granted.
    public var grantedTTLSeconds: Int64
    /// The keys attached, sorted; empty unless asked for.
    public var keys: [Bytes]

    /// Describes a lease.
    public init(id: LeaseID, grantedTTLSeconds: Int64, keys: [Bytes] = []) {
        self.id = id
        self.grantedTTLSeconds = grantedTTLSeconds
        self.keys = keys
    }
}

/// What became of a command.
public enum CommandResponse: Sendable, Equatable {
    /// A put, with the version before where asked for.
    case put(KeyValue?)
    case deleteRange(DeleteRangeResponse)
    case transaction(TransactionResponse)
    case compact
    case leaseGrant(LeaseID, ttlSeconds: Int64)
    case leaseRevoke
    case leaseCheckpoint
    /// The alarms raised after the command.
    case alarm([Alarm])
    case roster
    /// The entry had nothing to say.
    case none
}

/// Something is wrong with a member's store (etcd's AlarmMember).
public struct Alarm: Sendable, Hashable, Comparable {
    /// The kinds of alarm, with etcd's numbers.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// The quota is used up.
        case noSpace = 1
        /// Members' states differ.
        case corrupt = 2
    }

    /// Whose store it is.
    public var member: PeerID
    /// What is wrong.
    public var kind: Kind

    /// Names an alarm.
    public init(member: PeerID, kind: Kind) {
        self.member = member
        self.kind = kind
    }

    /// Orders by member, then kind.
    public static func < (left: Self, right: Self) -> Bool {
        (left.member, left.kind.rawValue) < (right.member, right.kind.rawValue)
    }
}

/// What the cluster knows of a member beside its identifier.
public struct MemberAttributes: Sendable, Equatable {
    /// A name for people.
    public var name: String
    /// Where other members reach it.
    public var peerURLs: [String]
    /// Where clients reach it; empty before it has started.
    public var clientURLs: [String]

    /// Describes a member.
    public init(name: String = "", peerURLs: [String] = [], clientURLs: [String] = []) {
        self.name = name
        self.peerURLs = peerURLs
        self.clientURLs = clientURLs
    }
}

/// Why a request was refused; nothing changed. The texts are the service's (etcd's table).
public enum StoreError: Error, Equatable, Sendable {
    /// The key is empty.
    case emptyKey
    /// `ignoresValue` or `ignoresLease`, and the key does not exist.
    case keyNotFound
    /// `ignoresValue` together with a value.
    case valueProvided
    /// `ignoresLease` together with a lease.
    case leaseProvided
    /// More operations than the limit in a transaction, counted for each level as etcd does.
    case tooManyOperations
    /// Two puts to one key, or a put inside a deleted range, in one branch.
    case duplicateKey
    /// Transactions nested deeper than 8.
    case nestedTooDeep
    /// The revision is compacted; `floor` is the compact revision.
    case compacted(floor: Revision)
    /// The revision is above the current one.
    case futureRevision(current: Revision)
    /// The lease does not exist.
    case leaseNotFound
    /// A lease with this identifier exists.
    case leaseExists
    /// More than 9,000,000,000 seconds.
    case leaseTTLTooLarge
    /// The quota is used up.
    case noSpace
    /// An alarm says that members differ.
    case corrupt
}
