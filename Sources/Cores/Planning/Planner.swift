public import ResourceModel

/// Decides what is to be done about objects of one kind. Pure: equal inputs give equal plans.
///
/// Plans are made again until they are settled, so a planner does one step at a time and
/// remembers nothing. What a controller has to do around it:
///
/// - It keeps a cache of each kind in `reads`. When an object changes, it queues the keys that
///   `keys` names for the object as it was and as it is, once the cache has the change.
/// - It plans a key that the queue hands out only if the key's `Expectations` are met.
/// - It performs the plan's `stages` in order, and expects each action's `sign`. Once one is
///   refused it does not begin the next stage, and queues the key after its back-off; a name that
///   is taken, an object that is gone and a conflict say no more than that the cache is old,
///   everything else goes to `Observed.failures` until the key's plan goes through.
/// - It queues the key again after `requeueAfterSeconds`.
public protocol Planner: Sendable {
    /// Its name in events and lease names, as in `deployment-controller`.
    static var name: String { get }
    /// The kinds that it looks at; none stands for all that are watched.
    static var reads: [GroupVersionKind] { get }

    /// The keys that may have something to do now that an object has changed or gone.
    func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference]

    /// What is to be done about one of those keys.
    func plan(_ reference: ObjectReference, in observed: Observed, at now: WallTime) -> Plan
}

/// What is known of the cluster: a cache for each kind.
public struct Observed: Sendable {
    private var caches: [GroupVersionKind: ObjectCache]
    /// Why the last attempt to perform a plan failed, by the key that was planned.
    public var failures: [ObjectReference: APIFailure] = [:]

    /// Knows nothing yet.
    public init() {
        caches = [:]
    }

    /// The objects of a kind; none if the kind is not watched.
    public subscript(kind: GroupVersionKind) -> ObjectCache {
        get { caches[kind] ?? ObjectCache() }
        _modify { yield &caches[kind, default: ObjectCache()] }
    }

    /// The kinds that are watched.
    public var kinds: [GroupVersionKind] {
        caches.keys.sorted { ($0.group, $0.kind, $0.version) < ($1.group, $1.kind, $1.version) }
    }

    /// An object; nil if there is none.
    public func object(_ reference: ObjectReference) -> Resource? {
        caches[reference.kind]?[reference.key]
    }
}

/// A time of day, in whole seconds: what the API's timestamps hold.
public struct WallTime: Hashable, Comparable, Sendable {
    /// Seconds since 1970.
    public var seconds: Int64

    /// Wraps a reading.
    public init(seconds: Int64) {
        self.seconds = seconds
    }

    /// Reads a timestamp; nil if it is none.
    public init?(_ timestamp: JSON?) {
        guard let seconds = timestamp.stringValue.flatMap(Timestamp.seconds) else { return nil }
        self.seconds = seconds
    }

    /// As a timestamp of the API.
    public var json: JSON { .string(Timestamp.text(seconds: seconds)) }

    /// Later by some seconds, and at most as late as can be told.
    public func adding(seconds: Int64) -> WallTime {
        let (sum, overflow) = self.seconds.addingReportingOverflow(seconds)
        return WallTime(seconds: overflow ? .max : sum)
    }

    /// Seconds from an earlier time to this one.
    public func seconds(since earlier: WallTime) -> Int64 {
        seconds - earlier.seconds
    }

    /// Orders by time.
    public static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }
}
