/// A run of bytes: keys, values and encoded records.
public typealias Bytes = [UInt8]

/// A Raft term (Raft §5.1): numbers elections, never goes back; zero before the first.
@frozen
public struct Term: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The bare number, for encoding and arithmetic.
    public var rawValue: UInt64

    /// Wraps a bare number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The value before any real one.
    @inlinable public static var zero: Term { Term(0) }

    /// Orders by the bare number.
    @inlinable
    public static func < (left: Term, right: Term) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The bare number in decimal.
    public var description: String { "\(rawValue)" }

    /// The next value.
    @inlinable public var next: Term { Term(rawValue + 1) }

    /// The value before; `zero` has none.
    @inlinable public var previous: Term { Term(rawValue - 1) }
}

/// A position in the replicated log; the first entry has index 1, zero means none.
@frozen
public struct LogIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The bare number, for encoding and arithmetic.
    public var rawValue: UInt64

    /// Wraps a bare number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The value before any real one.
    @inlinable public static var zero: LogIndex { LogIndex(0) }

    /// Orders by the bare number.
    @inlinable
    public static func < (left: LogIndex, right: LogIndex) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The bare number in decimal.
    public var description: String { "\(rawValue)" }

    /// The next value.
    @inlinable public var next: LogIndex { LogIndex(rawValue + 1) }

    /// The value before; `zero` has none.
    @inlinable public var previous: LogIndex { LogIndex(rawValue - 1) }
}

/// A Raft participant (*member*); zero means nobody.
@frozen
public struct PeerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The bare number, for encoding and arithmetic.
    public var rawValue: UInt64

    /// Wraps a bare number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The value before any real one.
    @inlinable public static var zero: PeerID { PeerID(0) }

    /// Orders by the bare number.
    @inlinable
    public static func < (left: PeerID, right: PeerID) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The bare number in decimal.
    public var description: String { "\(rawValue)" }

    /// The next value.
    @inlinable public var next: PeerID { PeerID(rawValue + 1) }

    /// The value before; `zero` has none.
    @inlinable public var previous: PeerID { PeerID(rawValue - 1) }
}

/// The main revision of the store: counts mutating transactions; a new store is at 1, as in etcd.
@frozen
public struct Revision: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The bare number, for encoding and arithmetic.
    public var rawValue: Int64

    /// Wraps a bare number.
    @inlinable
    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The value before any real one.
    @inlinable public static var zero: Revision { Revision(0) }

    /// Orders by the bare number.
    @inlinable
    public static func < (left: Revision, right: Revision) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The bare number in decimal.
    public var description: String { "\(rawValue)" }

    /// The next value.
    @inlinable public var next: Revision { Revision(rawValue + 1) }

    /// The value before; `zero` has none.
    @inlinable public var previous: Revision { Revision(rawValue - 1) }
}

/// An etcd lease; zero means no lease.
@frozen
public struct LeaseID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The bare number, for encoding and arithmetic.
    public var rawValue: Int64

    /// Wraps a bare number.
    @inlinable
    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The value before any real one.
    @inlinable public static var zero: LeaseID { LeaseID(0) }

    /// Orders by the bare number.
    @inlinable
    public static func < (left: LeaseID, right: LeaseID) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The bare number in decimal.
    public var description: String { "\(rawValue)" }

    /// The next value.
    @inlinable public var next: LeaseID { LeaseID(rawValue + 1) }

    /// The value before; `zero` has none.
    @inlinable public var previous: LeaseID { LeaseID(rawValue - 1) }
}
