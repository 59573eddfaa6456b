public import Primitives

/// Stores a value (etcd's PutRequest).
public struct PutRequest: Sendable, Equatable {
    /// The key; never empty.
    public var key: Bytes
    /// The value.
    public var value: Bytes
    /// The lease to attach to, or zero.
    public var lease: LeaseID
    /// Answer with the version before.
    public var wantsPrevious: Bool
    /// Keep the present value; `value` must be empty and the key exist.
    public var ignoresValue: Bool
    /// Keep the present lease; `lease` must be zero and the key exist.
    public var ignoresLease: Bool

    /// Makes a request.
    public init(
        key: Bytes, value: Bytes, lease: LeaseID = .zero, wantsPrevious: Bool = false,
        ignoresValue: Bool = false, ignoresLease: Bool = false
    ) {
        self.key = key
        self.value = value
        self.lease = lease
        self.wantsPrevious = wantsPrevious
        self.ignoresValue = ignoresValue
        self.ignoresLease = ignoresLease
    }
}

/// Reads keys (etcd's RangeRequest).
public struct RangeRequest: Sendable, Equatable {
    /// What sorts the answer.
    public enum SortTarget: UInt8, Sendable, CaseIterable {
        case key = 0
        case version = 1
        case create = 2
        case mod = 3
        case value = 4
    }

    /// Which way it is sorted.
    public enum SortOrder: UInt8, Sendable, CaseIterable {
        case none = 0
        case ascending = 1
        case descending = 2
    }

    /// The keys to read.
    public var range: KeyRange
    /// At most so many keys are answered; 0 for all.
    public var limit: Int64
    /// The revision to read at; zero or below for the newest.
    public var revision: Revision
    /// Which way the answer is sorted.
    public var sortOrder: SortOrder
    /// What it is sorted by.
    public var sortTarget: SortTarget
    /// Leave the values out.
    public var isKeysOnly: Bool
    /// Answer with the count alone.
    public var isCountOnly: Bool
    /// Bounds on the revisions of the keys answered; zero for none.
    public var minModRevision: Revision
    /// The highest modification revision answered; zero for no bound.
    public var maxModRevision: Revision
    /// The lowest creation revision answered; zero for no bound.
    public var minCreateRevision: Revision
    /// The highest creation revision answered; zero for no bound.
    public var maxCreateRevision: Revision

    /// Reads all keys of `range`, unsorted, at `revision`.
    public init(
        _ range: KeyRange, limit: Int64 = 0, revision: Revision = .zero,
        sortOrder: SortOrder = .none, sortTarget: SortTarget = .key, isKeysOnly: Bool = false,
        isCountOnly: Bool = false
    ) {
        self.range = range
        self.limit = limit
        self.revision = revision
        self.sortOrder = sortOrder
        self.sortTarget = sortTarget
        self.isKeysOnly = isKeysOnly
        self.isCountOnly = isCountOnly
        minModRevision = .zero
        maxModRevision = .zero
        minCreateRevision = .zero
        maxCreateRevision = .zero
    }
}

/// Deletes keys (etcd's DeleteRangeRequest).
public struct DeleteRangeRequest: Sendable, Equatable {
    /// The keys to delete.
    public var range: KeyRange
    /// Answer with the versions deleted.
    public var wantsPrevious: Bool

    /// Makes a request.
    public init(_ range: KeyRange, wantsPrevious: Bool = false) {
        self.range = range
        self.wantsPrevious = wantsPrevious
    }
}

/// A condition of a transaction (etcd's Compare); over a range it must hold for every key in it,
/// and holds if there is none. A missing single key counts as version, revisions and lease 0; a
/// comparison of its value is false.
public struct Compare: Sendable, Equatable {
    /// How the present value relates to the given one.
    public enum Relation: UInt8, Sendable, CaseIterable {
        case equal = 0
        case greater = 1
        case less = 2
        case notEqual = 3
    }

    /// What is compared, with the operand.
    public enum Operand: Sendable, Equatable {
        case version(Int64)
        case create(Revision)
        case mod(Revision)
        case value(Bytes)
        case lease(LeaseID)
    }

    /// The keys compared.
    public var range: KeyRange
    /// How they must relate to the operand.
    public var relation: Relation
    /// What they are compared with.
    public var operand: Operand

    /// Makes a condition.
    public init(_ range: KeyRange, _ relation: Relation, _ operand: Operand) {
        self.range = range
        self.relation = relation
        self.operand = operand
    }
}

/// One operation of a transaction (etcd's RequestOp).
public indirect enum TransactionOperation: Sendable, Equatable {
    case range(RangeRequest)
    case put(PutRequest)
    case deleteRange(DeleteRangeRequest)
    case transaction(TransactionRequest)
}

/// A transaction (etcd's TxnRequest): all conditions decide which branch runs, as one revision.
public struct TransactionRequest: Sendable, Equatable {
    /// All must hold for `success` to run.
    public var compares: [Compare]
    /// Runs if all conditions hold.
    public var success: [TransactionOperation]
    /// Runs if one does not.
    public var failure: [TransactionOperation]

    /// Makes a transaction.
    public init(
        compares: [Compare] = [], success: [TransactionOperation] = [],
        failure: [TransactionOperation] = []
    ) {
        self.compares = compares
        self.success = success
        self.failure = failure
    }

    /// Whether no branch can change anything, so that it may be answered as a read.
    public var isReadOnly: Bool {
        (success + failure).allSatisfy { operation in
            switch operation {
            case .range: return true
            case .put, .deleteRange: return false
            case .transaction(let nested): return nested.isReadOnly
            }
        }
    }
}
