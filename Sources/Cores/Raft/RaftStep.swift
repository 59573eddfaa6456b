public import Primitives

/// What can happen to a Raft node.
public enum RaftInput: Sendable {
    /// One tick of time passed.
    case tick
    /// A message arrived.
    case message(Message)
    /// Clients want these commands in the log, in this order. A follower passes them on.
    case propose([Bytes])
    /// A command for this leader's own term only: dropped, never forwarded, when not leader.
    case proposeAsLeader(Bytes)
    /// An operator wants a change of membership. A follower passes it on.
    case proposeMembership(MembershipChange)
    /// A client wants to read linearizably.
    case readIndex(ReadRequestID)
    /// An operator wants another leader. A follower passes it on.
    case transferLeadership(to: PeerID)
    /// Campaign now (tests, and a one-member cluster's start).
    case campaign
    /// The write with this mark, and all before it, are durable.
    case persisted(PersistenceMark)
    /// The bytes asked for by `RaftOutput.snapshotReads`.
    case snapshotChunkRead(to: PeerID, SnapshotChunk)
    /// The bytes asked for could not be read; try again later.
    case snapshotReadFailed(to: PeerID)
    /// The received chunk is stored (`RaftOutput.receivedChunk`); more may come.
    case snapshotChunkStored(lastIncluded: EntryID, nextOffset: UInt64)
    /// The received snapshot is verified, durable and in force as the state machine's state.
    case snapshotInstalled(SnapshotDescription)
    /// The received snapshot was damaged or could not be stored.
    case snapshotFailed(lastIncluded: EntryID)
    /// The state machine's durable image now includes everything up to here; entries up to
    /// `through` may be forgotten. `image` is what a follower that needs them would be sent.
    case compactLog(through: LogIndex, image: SnapshotDescription)
    /// The connection to a peer broke; what was in flight may be lost.
    case peerUnreachable(PeerID)
}

/// Marks a write, so that its completion can be told.
public struct PersistenceMark: Sendable, Equatable {
    /// Counts the writes of one run of a node from 1; later writes have higher numbers.
    public var number: UInt64
    /// The last entry of the log as of this write.
    public var lastEntry: EntryID

    /// Makes a mark.
    public init(number: UInt64, lastEntry: EntryID) {
        self.number = number
        self.lastEntry = lastEntry
    }
}

/// What must reach the disk, in the order given, before `RaftInput.persisted(mark)`.
public struct LogWrite: Sendable, Equatable {
    /// The new hard state where it changed.
    public var hardState: HardState?
    /// Entries to append. The first may lie at or below the log's end: then the log is cut there
    /// first.
    public var entries: [Entry]
    /// Whether durability is waited for (a changed commit index alone can wait for the next sync).
    public var mustSync: Bool
    /// To be handed back.
    public var mark: PersistenceMark

    /// Makes a write.
    public init(hardState: HardState?, entries: [Entry], mustSync: Bool, mark: PersistenceMark) {
        self.hardState = hardState
        self.entries = entries
        self.mustSync = mustSync
        self.mark = mark
    }
}

/// A read that may be answered once everything up to `index` is applied.
public struct ReadPermit: Sendable, Equatable {
    /// Which read.
    public var id: ReadRequestID
    /// What must be applied first.
    public var index: LogIndex

    /// Makes a permit.
    public init(id: ReadRequestID, index: LogIndex) {
        self.id = id
        self.index = index
    }
}

/// Bytes of the state machine's image wanted for a follower.
public struct SnapshotRead: Sendable, Equatable {
    /// For whom.
    public var peer: PeerID
    /// Which image: the one named by the last `compactLog`, or nil for the caller's newest, whose
    /// description comes back with the chunk.
    public var lastIncluded: EntryID?
    /// From where on.
    public var offset: UInt64
    /// At most this many.
    public var bytesMax: Int

    /// Asks for bytes.
    public init(peer: PeerID, lastIncluded: EntryID?, offset: UInt64, bytesMax: Int) {
        self.peer = peer
        self.lastIncluded = lastIncluded
        self.offset = offset
        self.bytesMax = bytesMax
    }
}

/// Why a proposal went nowhere. It was not and will not be appended.
public enum ProposalRefusal: Sendable, Equatable {
    /// Nobody leads.
    case noLeader
    /// Leadership is being transferred.
    case transferring
    /// Too much is uncommitted.
    case tooMuchUncommitted
    /// This member is not, or no longer, in the membership.
    case notMember
    /// Another membership change is under way, or this leader has committed nothing in its term.
    case membershipChangePending
    /// The learner has not caught up.
    case learnerNotReady(PeerID)
    /// The steps contradict the membership (adding a member that is there, removing the last
    /// voter …).
    case invalidMembership
    /// Not the leader. `RaftNode` itself says so to nobody: it drops what only a leader may
    /// propose.
    case notLeader
}

/// What a step says to the outside, for logs, metrics and traces.
public enum RaftEvent: Sendable, Equatable {
    case becameFollower(term: Term, leader: PeerID)
    case becamePreCandidate(term: Term)
    case becameCandidate(term: Term)
    case becameLeader(term: Term)
    case leaderChanged(PeerID, term: Term)
    /// The last entries of the log, from this index on, were replaced.
    case truncatedLog(from: LogIndex)
    /// A membership came into force (on append) or was taken back (on truncation).
    case membershipChanged(Membership, at: LogIndex)
    /// A committed membership no longer contains this member.
    case removedFromMembership
    case steppedDown(term: Term)
    case startedSnapshot(to: PeerID)
    case transferStarted(to: PeerID)
    case transferEnded(to: PeerID, succeeded: Bool)
}

/// What the caller must do after a step, in any order that the single parts allow:
/// `write` may start at once and run while `messages` are sent; `committed` entries are durable
/// here and applied in order; what needs durability first comes out of a later step.
public struct RaftOutput: Sendable {
    /// A write, if anything changed.
    public var write: LogWrite?
    /// Messages that may leave now.
    public var messages: [Message] = []
    /// Entries that are committed and durable here, each handed out once, in order.
    public var committed: [Entry] = []
    /// Reads that may be served.
    public var readPermits: [ReadPermit] = []
    /// Reads that must be asked for again.
    public var refusedReads: [ReadRequestID] = []
    /// Commands that were refused, each with the reason.
    public var refusedProposals: [(Bytes, ProposalRefusal)] = []
    /// A refused membership change, with its context, and the reason.
    public var refusedChange: (MembershipChange, ProposalRefusal)?
    /// Bytes wanted for followers.
    public var snapshotReads: [SnapshotRead] = []
    /// A chunk received from the leader, to be stored.
    public var receivedChunk: SnapshotChunk?
    /// What happened.
    public var events: [RaftEvent] = []

    /// Nothing to do.
    public init() {}
}
