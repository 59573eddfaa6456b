public import Primitives

/// One version of a key (etcd's mvccpb.KeyValue).
public struct KeyValue: Sendable, Equatable {
    /// The key; never empty.
    public var key: Bytes
    /// The value; empty for a deletion.
    public var value: Bytes
    /// The revision at which the key last came into being.
    public var createRevision: Revision
    /// The revision of this version.
    public var modRevision: Revision
    /// 1 for a new key, one more with each put; 0 for a deletion.
    public var version: Int64
    /// The lease that the key is attached to, or zero.
    public var lease: LeaseID

    /// Makes a version.
    public init(
        key: Bytes, value: Bytes, createRevision: Revision, modRevision: Revision, version: Int64,
        lease: LeaseID
    ) {
        self.key = key
        self.value = value
        self.createRevision = createRevision
        self.modRevision = modRevision
        self.version = version
        self.lease = lease
    }
}

/// Names a record of history: the `sub`-th change (from 0) of the transaction that made
/// revision `main`.
@frozen
public struct RecordID: Hashable, Comparable, Sendable {
    /// The revision.
    public var main: Revision
    /// The change's place within the transaction.
    public var sub: Int32

    /// Names a record.
    @inlinable
    public init(main: Revision, sub: Int32) {
        self.main = main
        self.sub = sub
    }

    /// Orders by revision, then place.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        left.main == right.main ? left.sub < right.sub : left.main < right.main
    }
}

/// A change that watchers see (etcd's mvccpb.Event).
public struct Event: Sendable, Equatable {
    /// What happened to the key.
    public enum Kind: UInt8, Sendable {
        case put = 0
        case delete = 1
    }

    /// What happened.
    public var kind: Kind
    /// The new version; of a deletion only key and modRevision are set.
    public var keyValue: KeyValue
    /// The version before, where it was asked for and existed.
    public var previous: KeyValue?

    /// Makes an event.
    public init(kind: Kind, keyValue: KeyValue, previous: KeyValue? = nil) {
        self.kind = kind
        self.keyValue = keyValue
        self.previous = previous
    }

    /// Whether the put made the key (etcd's IsCreate).
    public var isCreate: Bool {
        kind == .put && keyValue.createRevision == keyValue.modRevision
    }
}

/// A set of keys as etcd's requests name it.
public struct KeyRange: Sendable, Hashable {
    /// The key, or where the range begins.
    public var key: Bytes
    /// Empty for the one key; a single zero byte for everything from `key` on; else the
    /// first key that is not included.
    public var end: Bytes

    /// Names keys as etcd's key and range_end do.
    public init(key: Bytes, end: Bytes = []) {
        self.key = key
        self.end = end
    }

    /// Whether it is one key.
    public var isSingleKey: Bool { end.isEmpty }

    /// Whether it has no upper bound.
    public var isUnbounded: Bool { end == [0] }

    /// Whether `candidate` is in the set.
    public func contains(_ candidate: Bytes) -> Bool {
        if isSingleKey { return candidate == key }
        if candidate.lexicographicallyPrecedes(key) { return false }
        return isUnbounded || candidate.lexicographicallyPrecedes(end)
    }
}
