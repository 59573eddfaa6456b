internal import Primitives
internal import ReplicatedStore
internal import StoreModel

/// The second phase of a run: trouble has ended for a core of the cluster, and all must come right
/// within a bounded time.
struct Liveness {
    /// When it began.
    var since: Int64
    /// When all must have come right.
    var deadline: Int64
    /// The machines that must come right.
    var core: [Int]
    /// The one that stays in trouble, if any.
    var outsider: Int?
    /// The leader at the last look, and since when it has led in its term.
    var leader: (slot: Int, term: Term)?
    var leaderSince: Int64 = 0
    /// The term of the outsider when it was cut off.
    var outsiderTerm = Term.zero
    /// When the outsider is back; nil if it never is.
    var rejoinsAt: Int64?
    /// The leader that the outsider found when it came back, and must leave in office.
    var defended: (slot: Int, term: Term)?
    /// A write that began after the healing was acknowledged.
    var hasWritten = false
    private var probe: RequestID?
    private(set) var probeSince: Int64 = 0

    init(since: Int64, deadline: Int64, core: [Int], outsider: Int?) {
        self.since = since
        self.deadline = deadline
        self.core = core
        self.outsider = outsider
    }

    /// A write was sent.
    mutating func probeSent(_ id: RequestID, at time: Int64) {
        probe = id
        probeSince = time
    }

    /// A write was acknowledged.
    mutating func probeSucceeded(_ id: RequestID) {
        if probe == id { hasWritten = true }
    }
}
