internal import Primitives
internal import StoreModel

/// One watch. However far it lags, it remembers only from where on it still needs history.
struct Watch: Sendable {
    /// How the watch gets its next events.
    enum State: Sendable {
        /// Nothing uses this slot.
        case free
        /// From `publish`: everything published so far was delivered.
        case synced
        /// From history; it waits for its turn in `WatchHub.lagging`.
        case lagging
        /// From history, once its outlet is writable again; it waits in `WatchStream.blocked`.
        case blocked
    }

    /// The client's name for it.
    var id: Int64
    /// The slot of its stream.
    var stream: Int
    /// What the client wished for.
    var request: WatchRequest
    /// The first revision that it reports.
    var start: Revision
    /// Nothing below is still to come. A synced watch may know better than this: it is not
    /// written for revisions without matching events.
    var next: Revision
    var state: State
    /// When it was last told anything.
    var lastDeliveryTick: UInt64

    /// What a free slot holds.
    static var free: Watch {
        Watch(
            id: 0, stream: 0, request: WatchRequest(KeyRange(key: [])), start: .zero, next: .zero,
            state: .free, lastDeliveryTick: 0)
    }

    /// Whether it needs history.
    var isUnsynced: Bool { state == .lagging || state == .blocked }

    /// Whether an event of one of its keys is for it.
    func accepts(_ event: Event) -> Bool {
        switch event.kind {
        case .put where request.filtersPuts: return false
        case .delete where request.filtersDeletes: return false
        default: return event.keyValue.modRevision >= next
        }
    }
}

/// The watches of one client's stream and the state of its outlet.
struct WatchStream: Sendable {
    /// The stream's name; deliveries carry it.
    var id: WatchStreamID
    /// Whether the outlet takes deliveries.
    var isWritable = true
    /// The slots of its watches by the client's names.
    var watches: [Int64: Int] = [:]
    /// The next identifier to choose; not used twice, as in etcd.
    var nextID: Int64 = 0
    /// Watches that need history.
    var unsyncedCount = 0
    /// Those of them that wait for the outlet.
    var blocked = SlotList()
    /// The client asked for progress and has no answer yet.
    var isProgressRequested = false
    /// The latest start of its watches: while that is in the future, the stream has no progress
    /// to tell (etcd #20221).
    var latestStart = Revision.zero

    /// An empty stream whose outlet is writable.
    init(_ id: WatchStreamID) {
        self.id = id
    }
}
