public import Primitives

/// What a Raft node is told once. Times are in ticks; the shell decides how long a tick is.
public struct RaftConfiguration: Sendable {
    /// Which member this is.
    public var id: PeerID
    /// Ticks between a leader's heartbeats; at least 1.
    public var heartbeatTicks: Int
    /// Ticks without a leader after which a follower may campaign; each wait is drawn anew from
    /// `electionTicks ..< 2 * electionTicks` (Raft §5.2). More than `heartbeatTicks`.
    public var electionTicks: Int
    /// Bytes of entries in one append message (at least one entry is sent).
    public var appendBytesMax: Int
    /// Append messages in flight to one follower.
    public var inflightAppendsMax: Int
    /// Bytes of entries in flight to one follower.
    public var inflightBytesMax: Int
    /// Bytes of entries not yet committed above which the leader refuses proposals.
    public var uncommittedBytesMax: Int
    /// Bytes asked for in one snapshot chunk.
    public var snapshotChunkBytes: Int
    /// Snapshot chunks in flight to one follower.
    public var inflightSnapshotChunksMax: Int
    /// Entries behind the leader within which a learner counts as caught up.
    public var promotionLagMax: UInt64
    /// Feeds the generator of election timeouts.
    public var seed: UInt64
    /// A deliberate bug; only simulator builds honour it.
    public var mutation: Mutation?

    /// A configuration with etcd's defaults: heartbeat 1 tick, election 10 ticks.
    public init(id: PeerID, seed: UInt64) {
        self.id = id
        self.seed = seed
        heartbeatTicks = 1
        electionTicks = 10
        appendBytesMax = 1 << 20
        inflightAppendsMax = 256
        inflightBytesMax = 16 << 20
        uncommittedBytesMax = 256 << 20
        snapshotChunkBytes = 256 << 10
        inflightSnapshotChunksMax = 4
        promotionLagMax = 100
        mutation = nil
    }
}

/// What a node finds on its disk when it starts.
public struct RestoredState: Sendable {
    /// The hard state; `.init()` for a new member.
    public var hardState: HardState
    /// What the state machine's image includes; its membership is the base for the log's.
    /// A new cluster starts with `lastIncluded` zero and the first voters.
    public var snapshot: SnapshotDescription
    /// The log behind the snapshot: consecutive from `snapshot.lastIncluded.index + 1`.
    public var entries: [Entry]

    /// Describes the state to start from.
    public init(hardState: HardState, snapshot: SnapshotDescription, entries: [Entry]) {
        self.hardState = hardState
        self.snapshot = snapshot
        self.entries = entries
    }
}
