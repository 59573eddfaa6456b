public import Primitives

/// What members say to each other.
public struct Message: Sendable, Equatable {
    /// The sender.
    public var from: PeerID
    /// The receiver.
    public var to: PeerID
    /// The sender's term; for a pre-vote the term that it would campaign in (thesis §9.6).
    public var term: Term
    /// What it says.
    public var body: Body

    /// Makes a message.
    public init(from: PeerID, to: PeerID, term: Term, body: Body) {
        self.from = from
        self.to = to
        self.term = term
        self.body = body
    }

    /// The kinds of message.
    public enum Body: Sendable, Equatable {
        case voteRequest(VoteRequest)
        case voteResponse(VoteResponse)
        case append(AppendRequest)
        case appendResponse(AppendResponse)
        case heartbeat(Heartbeat)
        case heartbeatResponse(HeartbeatResponse)
        /// Boxed, so that all the other messages stay small.
        indirect case snapshotChunk(SnapshotChunk)
        case snapshotResponse(SnapshotResponse)
        /// Leadership transfer: campaign at once (thesis §3.10).
        case timeoutNow
        /// A follower passes commands on to its leader.
        case forwardProposals([Bytes])
        /// A follower passes a membership change on to its leader.
        case forwardMembershipChange(MembershipChange)
        /// A follower passes a wish for a leadership transfer on to its leader.
        case forwardTransfer(to: PeerID)
        /// A follower asks its leader for a read index (thesis §6.4).
        case readIndexRequest(ReadRequestID)
        case readIndexResponse(ReadRequestID, index: LogIndex)
        /// The leader cannot confirm the read now; ask again.
        case readIndexRefused(ReadRequestID)
        /// Tells a member that a committed membership no longer contains it.
        case removed
    }
}

/// RequestVote (Raft §5.2), or its trial run before a term is begun (thesis §9.6).
public struct VoteRequest: Sendable, Equatable {
    /// The candidate's last entry.
    public var lastEntry: EntryID
    /// A pre-vote binds nobody and changes no term.
    public var isPreVote: Bool
    /// The leader asked for this election: a follower that hears its leader votes all the same.
    public var isTransfer: Bool

    /// Makes a request.
    public init(lastEntry: EntryID, isPreVote: Bool, isTransfer: Bool = false) {
        self.lastEntry = lastEntry
        self.isPreVote = isPreVote
        self.isTransfer = isTransfer
    }
}

/// The answer to `VoteRequest`. A granted pre-vote carries the term asked for, a refused one the
/// voter's own.
public struct VoteResponse: Sendable, Equatable {
    /// Whether the vote was given.
    public var isGranted: Bool
    /// Which kind of request it answers.
    public var isPreVote: Bool

    /// Makes a response.
    public init(isGranted: Bool, isPreVote: Bool) {
        self.isGranted = isGranted
        self.isPreVote = isPreVote
    }
}

/// AppendEntries (Raft §5.3).
public struct AppendRequest: Sendable, Equatable {
    /// The entry before the first of `entries`.
    public var previous: EntryID
    /// Consecutive entries from `previous.index + 1`; may be empty.
    public var entries: [Entry]
    /// The leader's commit index.
    public var commitIndex: LogIndex

    /// Makes a request.
    public init(previous: EntryID, entries: [Entry], commitIndex: LogIndex) {
        self.previous = previous
        self.entries = entries
        self.commitIndex = commitIndex
    }
}

/// The answer to `AppendRequest`, sent once the entries are durable.
public enum AppendResponse: Sendable, Equatable {
    /// Log and leader agree up to and including `matchIndex`.
    case accepted(matchIndex: LogIndex)
    /// The entry before `rejectedIndex` did not match; `hint` is an entry of the follower at or
    /// before which a match may be sought (fast back-off, Raft §5.3 last paragraphs).
    case rejected(previousIndex: LogIndex, hint: EntryID)
}

/// The leader's sign of life; also carries read confirmations (thesis §6.4).
public struct Heartbeat: Sendable, Equatable {
    /// What the receiver may take as committed: never above what it is known to hold.
    public var commitIndex: LogIndex
    /// The latest round of read confirmation; 0 for none.
    public var readRound: UInt64

    /// Makes a heartbeat.
    public init(commitIndex: LogIndex, readRound: UInt64) {
        self.commitIndex = commitIndex
        self.readRound = readRound
    }
}

/// The answer to `Heartbeat`.
public struct HeartbeatResponse: Sendable, Equatable {
    /// The round of the heartbeat answered.
    public var readRound: UInt64

    /// Makes a response.
    public init(readRound: UInt64) {
        self.readRound = readRound
    }
}

/// What a snapshot stands for.
public struct SnapshotDescription: Sendable, Equatable, Hashable {
    /// The last entry that it includes.
    public var lastIncluded: EntryID
    /// The membership as of that entry.
    public var membership: Membership

    /// Describes a snapshot.
    public init(lastIncluded: EntryID, membership: Membership) {
        self.lastIncluded = lastIncluded
        self.membership = membership
    }
}

/// InstallSnapshot (Raft §7): one run of the image's bytes.
public struct SnapshotChunk: Sendable, Equatable {
    /// Which snapshot.
    public var description: SnapshotDescription
    /// Where the bytes belong in the image.
    public var offset: UInt64
    /// The bytes.
    public var bytes: Bytes
    /// Whether they end the image.
    public var isLast: Bool

    /// Makes a chunk.
    public init(description: SnapshotDescription, offset: UInt64, bytes: Bytes, isLast: Bool) {
        self.description = description
        self.offset = offset
        self.bytes = bytes
        self.isLast = isLast
    }
}

/// The answer to `SnapshotChunk`.
public enum SnapshotResponse: Sendable, Equatable {
    /// The image is stored up to `nextOffset`; send on from there.
    case progress(lastIncluded: EntryID, nextOffset: UInt64)
    /// The snapshot is installed, or was not needed: log and leader agree up to `matchIndex`.
    case installed(matchIndex: LogIndex)
    /// The image was damaged or could not be stored; start again.
    case failed(lastIncluded: EntryID)
}

/// Names one wish for a read index, unique within one run of a member.
public struct ReadRequestID: Sendable, Hashable, Comparable {
    /// Who wants to read.
    public var peer: PeerID
    /// Counts that member's requests; unique across its restarts too (the caller seeds it).
    public var number: UInt64

    /// Names a request.
    public init(peer: PeerID, number: UInt64) {
        self.peer = peer
        self.number = number
    }

    /// Orders by member, then number.
    public static func < (left: Self, right: Self) -> Bool {
        (left.peer, left.number) < (right.peer, right.number)
    }
}
