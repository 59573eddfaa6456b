public import Primitives

/// One entry of the replicated log (Raft §5.3).
public struct Entry: Sendable, Equatable {
    /// The term of the leader that made it.
    public var term: Term
    /// Its position in the log.
    public var index: LogIndex
    /// What it carries.
    public var payload: Payload

    /// Makes an entry.
    public init(term: Term, index: LogIndex, payload: Payload) {
        self.term = term
        self.index = index
        self.payload = payload
    }

    /// What a log entry carries.
    public enum Payload: Sendable, Equatable {
        /// The entry with which a leader opens its term (Raft §8).
        case noOp
        /// An opaque command for the state machine.
        case command(Bytes)
        /// A membership, in force from the moment it stands in a log (Raft §6), with an opaque
        /// command that the state machine applies at the same index (empty for none).
        case membership(Membership, context: Bytes)
    }

    /// What it counts against byte limits: its payload and a fixed overhead.
    public var sizeBytes: Int {
        switch payload {
        case .noOp: return 24
        case .command(let bytes): return 24 + bytes.count
        case .membership(let membership, let context):
            return 24 + context.count + 8 * membership.everyone.count
        }
    }
}

/// Index and term of an entry, which together identify it and all before it (Raft §5.3).
public struct EntryID: Hashable, Sendable, CustomStringConvertible {
    /// The position.
    public var index: LogIndex
    /// The term of the entry there.
    public var term: Term

    /// Names an entry.
    public init(index: LogIndex, term: Term) {
        self.index = index
        self.term = term
    }

    /// Before the first entry.
    public static var zero: EntryID { EntryID(index: .zero, term: .zero) }

    /// `index@term`.
    public var description: String { "\(index)@\(term)" }
}

/// What a member must have on disk before it answers (Raft figure 2, "persistent state").
/// `commitIndex` is a hint that may lag.
public struct HardState: Sendable, Equatable {
    /// The latest term seen.
    public var term: Term
    /// Who got this member's vote in `term`; zero for nobody.
    public var votedFor: PeerID
    /// The highest index known to be committed.
    public var commitIndex: LogIndex

    /// Makes a hard state.
    public init(term: Term = .zero, votedFor: PeerID = .zero, commitIndex: LogIndex = .zero) {
        self.term = term
        self.votedFor = votedFor
        self.commitIndex = commitIndex
    }
}
