internal import NIOCore
internal import Primitives
internal import StoreModel

/// All objects of one resource and its latest changes, fed by one watch of the store and shared by
/// all watchers. Belongs to the event loop.
///
/// The changes are a window that is bounded in number and bytes; a watcher that falls behind it is
/// told so (410) and lists anew. Watchers have no queues of their own: each is a place in the
/// window.
final class ResourceCache {
    /// An object by its place: NAMESPACE/NAME, or the name alone.
    struct Entry: Sendable {
        var place: String
        var object: VersionedObject
    }

    /// Changes kept, and the bytes in them, beyond which the oldest are let go.
    static let eventsMax = 4_000
    static let eventBytesMax = 16 << 20

    private let keys: RegistryKeys
    /// In the order of places.
    private(set) var entries: [Entry] = []
    /// Everything up to here is in it; zero before it is loaded.
    private(set) var revision = Revision.zero
    /// Changes after this revision are in the window, or can still come.
    private(set) var windowStart = Revision.zero
    private var events: [CacheEvent] = []
    private var eventBytes = 0
    /// The number of the first event in the window, counted since the beginning.
    private(set) var firstNumber = 0
    private var sessions: [ObjectIdentifier: WatchSession] = [:]
    private var waiting: [(revision: Revision, done: EventLoopPromise<Void>)] = []
    /// Asks the store for news.
    var requestProgress: () -> Void = {}
    private var isAskedForProgress = false
    /// Ends the feed.
    var closeFeed: () -> Void = {}
    private(set) var isClosed = false

    init(keys: RegistryKeys) {
        self.keys = keys
    }

    /// The number that the next event will have.
    var nextNumber: Int { firstNumber + events.count }

    /// How many watch it.
    var sessionCount: Int { sessions.count }

    /// The event of a number; nil if it has left the window or is still to come.
    func event(_ number: Int) -> CacheEvent? {
        let index = number - firstNumber
        return events.indices.contains(index) ? events[index] : nil
    }

    /// The number of the first event after a revision; nil if changes after it have left the
    /// window.
    func number(after revision: Revision) -> Int? {
        guard revision >= windowStart else { return nil }
        var (low, high) = (0, events.count)
        while low < high {
            let middle = (low + high) / 2
            if events[middle].revision > revision { high = middle } else { low = middle + 1 }
        }
        return firstNumber + low
    }

    /// The entries of a namespace, or all.
    func entries(in namespace: String?) -> ArraySlice<Entry> {
        guard let namespace else { return entries[...] }
        let start = position(of: namespace + "/")
        let end = position(of: namespace + "0")
        return entries[start..<end]
    }

    /// Fulfilled once everything up to a revision is in the cache.
    func wait(for revision: Revision, on loop: any EventLoop) -> EventLoopFuture<Void> {
        let done = loop.makePromise(of: Void.self)
        if isClosed {
            done.fail(CacheClosed())
        } else if self.revision >= revision, self.revision > .zero {
            done.succeed(())
        } else {
            waiting.append((revision, done))
            requestProgress()
        }
        return done.futureResult
    }

    /// Asks the store how far it is; watchers are told once it has answered.
    func askForProgress() {
        guard !isAskedForProgress else { return }
        isAskedForProgress = true
        requestProgress()
    }

    /// Adds a watcher.
    func add(_ session: WatchSession) {
        sessions[ObjectIdentifier(session)] = session
    }

    /// Lets a watcher go.
    func remove(_ session: WatchSession) {
        sessions[ObjectIdentifier(session)] = nil
    }

    /// Ends everything: the resource is no longer served, or the server stops.
    func close() {
        isClosed = true
        closeFeed()
        for session in Array(sessions.values) { session.finish() }
        sessions = [:]
        let waiting = waiting
        self.waiting = []
        for waiter in waiting { waiter.done.fail(CacheClosed()) }
    }
}

/// The resource is no longer served.
struct CacheClosed: Error {}

/// What the feed brings.
extension ResourceCache {
    /// Everything there is at a revision. Watchers of an earlier filling have lost their place.
    func fill(_ keyValues: [KeyValue], at revision: Revision) {
        entries = keyValues.map {
            Entry(
                place: keys.place(of: $0.key),
                object: VersionedObject(bytes: $0.value, revision: $0.modRevision))
        }
        firstNumber = nextNumber
        events = []
        eventBytes = 0
        windowStart = revision
        self.revision = revision
        isAskedForProgress = false
        for session in Array(sessions.values) { session.lost() }
        tellWaiting()
    }

    /// The next changes, whole revisions.
    func apply(_ batch: WatchBatch) {
        for event in batch.events { append(event) }
        if batch.revision > revision { revision = batch.revision }
        trim()
        if !batch.events.isEmpty {
            for session in Array(sessions.values) { session.pump() }
            for event in events.suffix(batch.events.count) { event.wasPublished() }
        } else {
            isAskedForProgress = false
            for session in sessions.values { session.progressed() }
        }
        tellWaiting()
    }

    private func append(_ change: Event) {
        let place = keys.place(of: change.keyValue.key)
        let index = position(of: place)
        let isThere = index < entries.count && entries[index].place == place
        let previous = isThere ? entries[index].object : nil
        var object: VersionedObject?
        switch change.kind {
        case .put:
            let new = VersionedObject(
                bytes: change.keyValue.value, revision: change.keyValue.modRevision)
            object = new
            if isThere {
                entries[index].object = new
            } else {
                entries.insert(Entry(place: place, object: new), at: index)
            }
        case .delete:
            if isThere { entries.remove(at: index) }
        }
        let event = CacheEvent(
            revision: change.keyValue.modRevision, place: place, object: object,
            previous: previous)
        events.append(event)
        eventBytes += event.bytes
    }

    private func trim() {
        guard events.count > Self.eventsMax || eventBytes > Self.eventBytesMax else { return }
        // A quarter at once, so that moving the rest is paid for by many events.
        var dropped = 0
        while dropped < events.count,
            events.count - dropped > Self.eventsMax * 3 / 4
                || eventBytes > Self.eventBytesMax * 3 / 4
        {
            eventBytes -= events[dropped].bytes
            windowStart = events[dropped].revision
            dropped += 1
        }
        events.removeFirst(dropped)
        firstNumber += dropped
    }

    private func tellWaiting() {
        guard !waiting.isEmpty else { return }
        let ready = waiting.filter { $0.revision <= revision }
        waiting.removeAll { $0.revision <= revision }
        for waiter in ready { waiter.done.succeed(()) }
        if !waiting.isEmpty { requestProgress() }
    }

    /// Where a place is among the entries, or would be.
    private func position(of place: String) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].place < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
