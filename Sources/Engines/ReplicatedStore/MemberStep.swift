public import Environment
public import StoreModel
public import Primitives
public import Raft

/// What members say to each other: Raft's messages, and lease business that only the leader's
/// clock can answer.
public enum PeerMessage: Sendable {
    case raft(Message)
    /// Asks the leader to renew a lease, or for its remaining time.
    case leaseRequest(from: PeerID, to: PeerID, number: UInt64, LeaseQuestion)
    case leaseAnswer(from: PeerID, to: PeerID, number: UInt64, LeaseAnswer)
    /// The leader did not take over a forwarded proposal with this number.
    case refusal(from: PeerID, to: PeerID, number: UInt64, ProposalRefusal)

    /// Who sent it.
    public var from: PeerID {
        switch self {
        case .raft(let message): return message.from
        case .leaseRequest(let from, _, _, _), .leaseAnswer(let from, _, _, _),
            .refusal(let from, _, _, _):
            return from
        }
    }

    /// Whom it is for.
    public var to: PeerID {
        switch self {
        case .raft(let message): return message.to
        case .leaseRequest(_, let to, _, _), .leaseAnswer(_, let to, _, _),
            .refusal(_, let to, _, _):
            return to
        }
    }
}

/// What a follower asks its leader about a lease.
public enum LeaseQuestion: Sendable, Equatable {
    case keepAlive(LeaseID)
    case timeToLive(LeaseID)
}

/// The leader's answer.
public enum LeaseAnswer: Sendable, Equatable {
    /// Seconds left after the renewal or now; nil if the lease is gone.
    case remaining(LeaseID, seconds: Int64?)
    /// The member asked does not lead; ask again.
    case notLeader
}

/// What can happen to a member.
public enum MemberInput: Sendable {
    /// One tick of this member's own clock, which now shows the instant.
    case tick(MonotonicInstant)
    case peer(PeerMessage)
    /// The connection to a peer broke.
    case peerUnreachable(PeerID)
    case request(RequestID, ClientRequest)
    /// Nobody waits for the answer any more.
    case forget(RequestID)
    case watch(WatchStreamID, WatchRequest)
    case cancelWatch(WatchStreamID, watchID: Int64)
    /// Asks for progress of the whole stream.
    case requestProgress(WatchStreamID)
    /// Whether the stream's outlet has room. While it has not, nothing is delivered on it and
    /// nothing is lost.
    case watchOutlet(WatchStreamID, isWritable: Bool)
    /// The stream is gone with all its watches.
    case closeWatchStream(WatchStreamID)
    /// A job handed out earlier is finished.
    case jobDone(MemberJobResult)
}

/// Work that touches a disk and that the shell runs where and when it likes, at most one of each
/// kind at a time; the member goes on meanwhile.
public enum MemberJob: Sendable {
    /// Makes what was written to the log durable.
    case syncLog
    /// Makes a batch of applied changes durable in the backend.
    case commit(BackendBatch)
    /// Writes an image of the backend's last commit for followers that lag.
    case writeSnapshot
    /// Verifies the received image and makes it the backend.
    case installSnapshot
}

/// How a job ended.
public enum MemberJobResult: Sendable {
    case logSynced
    case committed
    /// There was no room for the batch: nothing of it took place, and it can be tried again.
    case commitRefused(BackendBatch)
    case snapshotWritten(Result<SnapshotDescription, MemberFailure>)
    case snapshotInstalled(Result<SnapshotDescription, MemberFailure>)
}

/// Why a member cannot start or go on. A failed sync always ends it.
public enum MemberFailure: Error, Sendable, Equatable {
    /// The files are damaged or of another cluster; says which and where.
    case refused(reason: String)
    /// A disk operation failed.
    case disk(DiskError)
    /// The backend failed.
    case backend(BackendError)
}

/// What a step wants done.
public struct MemberOutput: Sendable {
    /// To be sent; may be lost.
    public var messages: [PeerMessage] = []
    /// Answers, each request exactly once.
    public var responses: [(RequestID, Result<ClientResponse, RequestError>)] = []
    /// For watch streams, in order.
    public var deliveries: [WatchDelivery] = []
    /// Work to run; its result comes back as `MemberInput.jobDone`.
    public var jobs: [MemberJob] = []
    /// What Raft says to the outside.
    public var events: [RaftEvent] = []
    /// Entries applied in this step, for the simulator's checkers and the metrics.
    public var applied: [AppliedEntry] = []
    /// The member must stop: its files can no longer be trusted or it was removed.
    public var failure: MemberFailure?

    /// Nothing to do.
    public init() {}
}

/// An applied entry.
public struct AppliedEntry: Sendable {
    /// Which entry.
    public var id: EntryID
    /// The command that it carried; nil for an entry without one.
    public var command: Command?
    /// What came of the command.
    public var outcome: ApplyOutcome?
    /// A hash of the entry's payload and of everything that came of it (answer, events, revision).
    public var outcomeHash: UInt64
    /// The store's revision afterwards.
    public var revision: Revision
}
