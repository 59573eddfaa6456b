public import StoreModel
public import Primitives
public import Raft

/// What a member is told once.
public struct MemberConfiguration: Sendable {
    /// This member.
    public var id: PeerID
    /// The cluster that it belongs to; messages of another are refused.
    public var clusterID: UInt64
    /// The folder that holds all of its files.
    public var directory: String
    /// The first voters of a new cluster, with what is known of them. Empty to join one.
    public var initialMembers: [(PeerID, MemberAttributes)]
    /// Raft's settings.
    public var raft: RaftConfiguration
    /// How long a Raft tick is.
    public var tickNanoseconds: Int64
    /// Bounds shared by all members.
    public var limits: StoreLimits
    /// Applied entries kept in the log for followers that lag (etcd: 5,000).
    public var entriesKept: UInt64
    /// A backend commit starts when so many records wait …
    public var commitRecordsMax: Int
    /// … or so many ticks after the last.
    public var commitTicks: Int
    /// Requests that may wait at once; more are refused as overload.
    public var requestsMax: Int
    /// Largest request in bytes (etcd: 1.5 MiB).
    public var requestBytesMax: Int
    /// Backend size above which the NOSPACE alarm is raised; 0 for no bound.
    public var quotaBytes: Int
    /// Ticks after which an unanswered request is given up.
    public var requestTimeoutTicks: Int
    /// Log segment size in bytes.
    public var segmentBytes: Int
    /// Records that a compaction slice may delete.
    public var compactionSliceMax: Int
    /// Events read for lagging watchers in one turn.
    public var watchCatchUpEventsMax: Int
    /// Bytes of events in one watch delivery; a larger revision is fragmented where that is
    /// allowed, else it comes alone.
    public var watchDeliveryBytesMax: Int
    /// Ticks of silence after which a watch that wants it is told of progress (etcd's
    /// `--watch-progress-notify-interval`, 10 minutes).
    public var watchProgressTicks: Int
    /// Leases with a longer TTL get a checkpoint of their remaining time so often, in seconds
    /// (etcd: 5 minutes).
    public var leaseCheckpointSeconds: Int64
    /// Seeds request numbers and the like; differs at each start.
    public var seed: UInt64
    /// A deliberate bug of the whole member; only simulator builds honour it.
    public var mutation: Mutation? {
        get { limits.mutation }
        set { limits.mutation = newValue }
    }

    /// etcd's defaults.
    public init(id: PeerID, clusterID: UInt64, directory: String, seed: UInt64) {
        self.id = id
        self.clusterID = clusterID
        self.directory = directory
        self.seed = seed
        initialMembers = []
        raft = RaftConfiguration(id: id, seed: seed)
        tickNanoseconds = 100_000_000
        limits = StoreLimits()
        entriesKept = 5_000
        commitRecordsMax = 10_000
        commitTicks = 1
        requestsMax = 10_000
        requestBytesMax = 1_572_864
        quotaBytes = 2 << 30
        requestTimeoutTicks = 70
        segmentBytes = 64 << 20
        compactionSliceMax = 10_000
        watchCatchUpEventsMax = 10_000
        watchDeliveryBytesMax = 1_572_864
        watchProgressTicks = 6_000
        leaseCheckpointSeconds = 300
    }
}
