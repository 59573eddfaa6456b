public import Primitives

/// What the API server and the controllers ask of a store, embedded or remote; the only way in
/// which they see it.
///
/// Every call is linearizable unless it says otherwise, and is answered or given up within the
/// store's own time-out, also when its task is cancelled.
public protocol KeyValueClient: Sendable {
    /// Reads keys; a serializable read may be old but needs no leader.
    func range(
        _ request: RangeRequest, isSerializable: Bool
    ) async throws(KeyValueFailure) -> Revised<RangeResponse>

    /// Runs a transaction; the revision is the one it made, or the store's if it changed nothing.
    func transaction(
        _ request: TransactionRequest
    ) async throws(KeyValueFailure) -> Revised<TransactionResponse>

    /// Opens a watch from the request's start on, or from now on; what is wrong with it comes from
    /// `next`. It outlives the loss of a leader or of a connection: it goes on where it was. The
    /// request's identifier and fragments don't matter here. It ends with its last reference.
    func watch(_ request: WatchRequest) -> any KeyValueWatch

    /// Forgets history before `revision`: reads and watches below it are refused from now on.
    func compact(_ revision: Revision) async throws(KeyValueFailure)

    /// Grants a lease under an identifier that the store chooses.
    func grantLease(ttlSeconds: Int64) async throws(KeyValueFailure) -> LeaseID

    /// Renews a lease and answers with the seconds it has left; 0 if it is gone.
    func keepAlive(_ lease: LeaseID) async throws(KeyValueFailure) -> Int64

    /// Ends a lease with its keys.
    func revokeLease(_ lease: LeaseID) async throws(KeyValueFailure)
}

/// An answer with the revision of the store at which it was given.
public struct Revised<Answer: Sendable>: Sendable {
    /// The store's revision.
    public var revision: Revision
    /// What was asked for.
    public var answer: Answer

    /// Pairs them.
    public init(_ answer: Answer, at revision: Revision) {
        self.answer = answer
        self.revision = revision
    }
}

/// An open watch; one task iterates it.
public protocol KeyValueWatch: Sendable {
    /// The next batch, all events of a revision together; nil once the watch was closed, by its
    /// reader or because the task that waits here was cancelled. Waits without bound; what waits
    /// to be read is bounded: a reader that lags gets the rest from the store's history.
    /// - Throws: why the watch can't go on, after all batches before; the same if asked again.
    func next() async throws(KeyValueFailure) -> WatchBatch?

    /// Asks for a batch without events that names the revision up to which all was delivered, as
    /// soon as that is the store's at the time of asking or later. May get lost where a connection
    /// does: ask again.
    func requestProgress()

    /// Ends the watch.
    func close()
}

/// What a watch delivers.
public struct WatchBatch: Sendable, Equatable {
    /// All events of the watch up to this revision have been delivered, these included; a watch
    /// may go on from the next.
    public var revision: Revision
    /// The events in order; none for a progress notice, and for the first batch, which says that
    /// the watch is open.
    public var events: [Event]

    /// Makes a batch.
    public init(revision: Revision, events: [Event]) {
        self.revision = revision
        self.events = events
    }
}

/// Why a call to the store failed.
public enum KeyValueFailure: Error, Equatable, Sendable {
    /// The store refused the request. A remote store does not tell the revision that comes with a
    /// refusal: it is zero then.
    case store(StoreError)
    /// Whether a write took effect is not known: the connection or the leader was lost.
    case unknownOutcome(String)
    /// Nothing was done: no leader, no connection, overload or shutdown; it may be tried again.
    case unavailable(String)
    /// A watch can't go on since its history is gone up to `floor`.
    case watchCompacted(floor: Revision)
    /// The request breaks a limit or a rule of the store.
    case refused(String)
}
