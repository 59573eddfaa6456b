package import Primitives
package import StoreModel

/// All watches of a member, served from its own applied state.
///
/// A *synced* watch gets its events from `publish`, as they are applied. A watch that starts in
/// the past, or whose outlet was not writable when an event of its came, is *unsynced*: it only
/// remembers the revision from which on it needs history, and `catchUp` reads that in slices
/// until it is synced again. So nothing is ever dropped, and memory does not grow with what a
/// stalled client misses.
///
/// What holds for each watch, whatever happens to outlets, history and snapshots (W1–W6 of
/// RELIABILITY): its matching events come in order, each once, whole revisions at a time, from
/// its start on without a gap; a progress notification at a revision means that nothing at or
/// below it is to come. A watch that needs what is compacted is cancelled.
///
/// Answers to a stream's own requests (created, cancelled, refused) come at once even while its
/// outlet is not writable: the requests bound them. Everything else waits.
package struct WatchHub: Sendable {
    /// What the hub was told.
    package let configuration: WatchConfiguration
    /// The revision up to which everything was published or lies in history.
    var revision = Revision.zero
    /// Ticks since the start.
    var tickCount: UInt64 = 0
    /// Watches by slot.
    var watches: [Watch] = []
    var freeSlots: [Int] = []
    /// Streams by slot.
    var streams: [WatchStream] = []
    var freeStreams: [Int] = []
    var streamSlots: [WatchStreamID: Int] = [:]
    /// Finds the watches of a key, synced or not.
    var index = WatchIndex()
    var links = SlotLinks()
    /// Unsynced watches that wait for their turn to read history.
    var lagging = SlotList()
    /// Slots of streams whose clients wait for progress.
    var progressRequests: [Int] = []
    /// An outlet with such a request became writable.
    var hasReadyProgress = false
    /// Where the next look for silent watches begins.
    var progressCursor = 0
    /// Watches that want previous versions.
    var previousWantedCount = 0

    /// A hub without watches.
    package init(configuration: WatchConfiguration) {
        self.configuration = configuration
    }

    /// How many watches there are.
    package var watchCount: Int { watches.count - freeSlots.count }

    /// How many of them need history (etcd's slow watchers).
    package var unsyncedCount: Int {
        streams.reduce(0) { $0 + $1.unsyncedCount }
    }

    /// Whether `catchUp` has something to do.
    package var hasWork: Bool { !lagging.isEmpty || hasReadyProgress }

    /// Whether any watch wants previous versions, so that published events should have them.
    package var wantsPreviousVersions: Bool { previousWantedCount > 0 }

    /// Makes a watch and answers with `.created`, or with `.cancelled` of watch identifier -1 if
    /// it is refused. One whose start is compacted is created and cancelled (etcd). `revision`
    /// and `compactRevision` are the store's.
    package mutating func create(
        _ stream: WatchStreamID, _ request: WatchRequest, revision: Revision,
        compactRevision: Revision, into deliveries: inout [WatchDelivery]
    ) {
        self.revision = max(self.revision, revision)
        let streamSlot = openStream(stream)
        let id: Int64
        do throws(WatchRefusal) {
            id = try chooseID(request, in: streamSlot)
        } catch {
            let body = WatchDelivery.Body.cancelled(compactRevision: .zero, reason: error.reason)
            deliveries.append(
                WatchDelivery(stream: stream, watchID: -1, revision: revision, body: body))
            return
        }
        deliveries.append(
            WatchDelivery(stream: stream, watchID: id, revision: revision, body: .created))
        let start = request.startRevision == .zero ? revision.next : request.startRevision
        guard start >= compactRevision else {
            let body = WatchDelivery.Body.cancelled(compactRevision: compactRevision, reason: "")
            deliveries.append(
                WatchDelivery(stream: stream, watchID: id, revision: revision, body: body))
            return
        }
        add(
            Watch(
                id: id, stream: streamSlot, request: request, start: start, next: start,
                state: .synced, lastDeliveryTick: tickCount))
    }

    /// Ends a watch and says so; nothing for one that does not exist.
    package mutating func cancel(
        _ stream: WatchStreamID, watchID: Int64, revision: Revision,
        into deliveries: inout [WatchDelivery]
    ) {
        self.revision = max(self.revision, revision)
        guard let streamSlot = streamSlots[stream],
            let slot = streams[streamSlot].watches[watchID]
        else { return }
        remove(slot)
        let body = WatchDelivery.Body.cancelled(compactRevision: .zero, reason: "")
        deliveries.append(
            WatchDelivery(stream: stream, watchID: watchID, revision: revision, body: body))
        // The others may be synced.
        answerProgressRequests(into: &deliveries)
    }

    /// Forgets a stream with all of its watches; nothing more is delivered to it.
    package mutating func close(_ stream: WatchStreamID) {
        guard let streamSlot = streamSlots[stream] else { return }
        for slot in streams[streamSlot].watches.values.sorted() { remove(slot) }
        progressRequests.removeAll { $0 == streamSlot }
        streamSlots[stream] = nil
        streams[streamSlot] = WatchStream(WatchStreamID(0))
        freeStreams.append(streamSlot)
    }

    /// Whether a stream's outlet takes deliveries; true until told otherwise. While it doesn't,
    /// the stream gets nothing but answers to its requests, and nothing is lost.
    package mutating func setWritable(_ stream: WatchStreamID, _ isWritable: Bool) {
        if isWritable, streamSlots[stream] == nil { return }
        let streamSlot = openStream(stream)
        streams[streamSlot].isWritable = isWritable
        guard isWritable else { return }
        while let slot = streams[streamSlot].blocked.first {
            links.remove(slot, from: &streams[streamSlot].blocked)
            links.append(slot, to: &lagging)
            watches[slot].state = .lagging
        }
        if streams[streamSlot].isProgressRequested { hasReadyProgress = true }
    }
}

extension WatchHub {
    /// The stream's slot; a new one if it is not known.
    private mutating func openStream(_ stream: WatchStreamID) -> Int {
        if let slot = streamSlots[stream] { return slot }
        let slot: Int
        if let free = freeStreams.popLast() {
            slot = free
            streams[free] = WatchStream(stream)
        } else {
            slot = streams.count
            streams.append(WatchStream(stream))
        }
        streamSlots[stream] = slot
        return slot
    }

    /// The identifier for a new watch.
    private mutating func chooseID(
        _ request: WatchRequest, in streamSlot: Int
    ) throws(WatchRefusal) -> Int64 {
        let range = request.range
        let isEmpty =
            !range.isSingleKey && !range.isUnbounded
            && !range.key.lexicographicallyPrecedes(range.end)
        if request.startRevision < .zero { throw .negativeRevision }
        if isEmpty { throw .emptyRange }
        if watchCount >= configuration.watchesMax { throw .tooManyWatches }
        guard request.watchID <= 0 else {
            let isTaken = streams[streamSlot].watches[request.watchID] != nil
            if isTaken { throw .duplicateID }
            return request.watchID
        }
        var id = streams[streamSlot].nextID
        while streams[streamSlot].watches[id] != nil { id += 1 }
        streams[streamSlot].nextID = id + 1
        return id
    }

    /// Puts a new watch in its slot, synced or not.
    private mutating func add(_ watch: Watch) {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            watches[free] = watch
        } else {
            slot = watches.count
            watches.append(watch)
            links.grow(to: watches.count)
        }
        index.insert(slot, watch.request.range)
        if watch.request.wantsPrevious { previousWantedCount += 1 }
        streams[watch.stream].watches[watch.id] = slot
        streams[watch.stream].latestStart = max(streams[watch.stream].latestStart, watch.start)
        if watch.next <= revision { fallBehind(slot, at: watch.next) }
    }

    /// A synced watch needs history from `next` on.
    mutating func fallBehind(_ slot: Int, at next: Revision) {
        let stream = watches[slot].stream
        watches[slot].next = next
        streams[stream].unsyncedCount += 1
        if streams[stream].isWritable {
            watches[slot].state = .lagging
            links.append(slot, to: &lagging)
        } else {
            watches[slot].state = .blocked
            links.append(slot, to: &streams[stream].blocked)
        }
    }

    /// Forgets a watch, wherever it waits.
    mutating func remove(_ slot: Int) {
        let watch = watches[slot]
        switch watch.state {
        case .free, .synced: break
        case .lagging: links.remove(slot, from: &lagging)
        case .blocked: links.remove(slot, from: &streams[watch.stream].blocked)
        }
        watches[slot] = .free
        freeSlots.append(slot)
        index.remove(slot, watch.request.range)
        if watch.request.wantsPrevious { previousWantedCount -= 1 }
        if watch.isUnsynced { streams[watch.stream].unsyncedCount -= 1 }
        streams[watch.stream].watches[watch.id] = nil
        if watch.start == streams[watch.stream].latestStart, watch.start > revision.next {
            let starts = streams[watch.stream].watches.values.map { watches[$0].start }
            streams[watch.stream].latestStart = starts.max() ?? .zero
        }
    }
}
