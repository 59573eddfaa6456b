public import Primitives

/// Names a client's watch stream within one run of a member.
public struct WatchStreamID: Hashable, Comparable, Sendable {
    /// The bare number.
    public var rawValue: UInt64

    /// Wraps a number.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Orders by number.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A wish to watch (etcd's WatchCreateRequest).
public struct WatchRequest: Sendable, Equatable {
    /// The keys to watch.
    public var range: KeyRange
    /// The first revision to report; zero for from now on. A future one waits for it.
    public var startRevision: Revision
    /// The identifier within the stream; zero or below lets the hub choose the lowest unused one
    /// from 0 on.
    public var watchID: Int64
    /// Events carry the version before.
    public var wantsPrevious: Bool
    /// Periodic progress notifications after silence.
    public var wantsProgress: Bool
    /// Leave out puts.
    public var filtersPuts: Bool
    /// Leave out deletions.
    public var filtersDeletes: Bool
    /// Split what is larger than a response may be.
    public var allowsFragments: Bool

    /// Watches `range` from `startRevision` on.
    public init(_ range: KeyRange, startRevision: Revision = .zero, watchID: Int64 = 0) {
        self.range = range
        self.startRevision = startRevision
        self.watchID = watchID
        wantsPrevious = false
        wantsProgress = false
        filtersPuts = false
        filtersDeletes = false
        allowsFragments = false
    }
}

/// What a watch stream is told.
public struct WatchDelivery: Sendable, Equatable {
    /// What is said.
    public enum Body: Sendable, Equatable {
        /// The watch exists; `revision` is the store's.
        case created
        /// Matching changes, whole revisions in order. While `hasMoreFragments` the last revision
        /// goes on in the next delivery.
        case events([Event], hasMoreFragments: Bool)
        /// Everything up to the header's revision was delivered. For a manual request answered
        /// on the whole stream `watchID` is -1.
        case progress
        /// The watch is over; `compactRevision` is set (not zero) where its next event is
        /// compacted.
        case cancelled(compactRevision: Revision, reason: String)
    }

    /// The stream that it is for.
    public var stream: WatchStreamID
    /// The watch on that stream; -1 for the whole stream.
    public var watchID: Int64
    /// The header's revision: nothing at or below it is still to come on this watch, except in
    /// deliveries of events, where it is the store's.
    public var revision: Revision
    /// What is said.
    public var body: Body

    /// Makes a delivery.
    public init(stream: WatchStreamID, watchID: Int64, revision: Revision, body: Body) {
        self.stream = stream
        self.watchID = watchID
        self.revision = revision
        self.body = body
    }
}
