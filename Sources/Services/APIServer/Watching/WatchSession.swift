internal import NIOCore
internal import Primitives
internal import Transport

/// One open watch: a place in a cache's window and the stream that is written to as long as it has
/// room. Belongs to the event loop.
final class WatchSession: StreamReceiver {
    /// What a watcher wants.
    struct Wish: Sendable {
        /// Which objects it sees.
        var filter: WatchFilter
        /// How it sees them.
        var view: ObjectView
        /// Wants to be told of progress.
        var allowsBookmarks: Bool
        /// How often.
        var bookmarkMilliseconds: Int64
        /// Its initial objects are followed by a bookmark that says so.
        var marksEndOfInitial = false
        /// Seconds after which it ends.
        var timeoutSeconds: Int64
    }

    private let stream: HTTPStream
    private let wish: Wish
    private unowned let cache: ResourceCache
    private let loop: any EventLoop
    /// Objects that it begins with.
    private var initial: ArraySlice<ResourceCache.Entry>
    private var initialRevision: Revision
    private var isMarkDue: Bool
    /// Changes from before the window.
    private var history: ArraySlice<CacheEvent>
    /// The number of the next event.
    private var next: Int
    /// Events up to this revision are left out.
    private let after: Revision
    private var hasSentRow = false
    private var isOver = false
    private var timeout: Scheduled<Void>?
    private var bookmark: Scheduled<Void>?
    /// Whether it is to be told as soon as the store has said how far it is.
    private var isBookmarkDue = false

    init(
        stream: HTTPStream, wish: Wish, cache: ResourceCache, loop: any EventLoop, start: Start
    ) {
        self.stream = stream
        self.wish = wish
        self.cache = cache
        self.loop = loop
        initial = start.initial
        history = start.history
        next = start.number
        after = start.after
        initialRevision = cache.revision
        isMarkDue = wish.marksEndOfInitial
    }

    /// Where a watch begins.
    struct Start {
        /// Objects to be shown as added.
        var initial: ArraySlice<ResourceCache.Entry> = []
        /// Changes that have left the window.
        var history: ArraySlice<CacheEvent> = []
        /// The number of the first event.
        var number: Int
        /// Events up to this revision are left out.
        var after: Revision
    }

    /// Begins the answer.
    func begin() {
        stream.start(status: 200, headers: [("content-type", "application/json")])
        cache.add(self)
        timeout = loop.assumeIsolated().scheduleTask(in: .seconds(wish.timeoutSeconds)) {
            self.finish()
        }
        if wish.allowsBookmarks { scheduleBookmark() }
        pump()
    }

    /// Sends what there is, as far as there is room.
    func pump() {
        while !isOver, stream.isWritable {
            if let entry = initial.popFirst() {
                if matches(entry) { send(.added, entry.object, shared: nil) }
            } else if isMarkDue {
                isMarkDue = false
                stream.send(wish.view.bookmark(initialRevision, endsInitial: true))
            } else if let event = history.popFirst() {
                send(event)
            } else if let event = cache.event(next) {
                next += 1
                send(event)
            } else if next < cache.firstNumber {
                lost()
            } else {
                return
            }
        }
    }

    /// The place is gone from the window: says so and ends.
    func lost() {
        guard !isOver else { return }
        stream.send(
            wish.view.failure(
                .expired("too old resource version: \(after) (\(cache.windowStart))")))
        finish()
    }

    /// Ends the answer.
    func finish() {
        guard end() else { return }
        stream.finish()
    }

    func received(_ bytes: UnsafeRawBufferPointer) {}
    func requestEnded() {}

    func cancelled() {
        _ = end()
    }

    func becameWritable() {
        pump()
    }

    private func end() -> Bool {
        guard !isOver else { return false }
        isOver = true
        timeout?.cancel()
        bookmark?.cancel()
        initial = []
        history = []
        cache.remove(self)
        return true
    }

    private func matches(_ entry: ResourceCache.Entry) -> Bool {
        wish.filter.covers(entry.place) && wish.filter.chooses(entry.object)
    }

    private func send(_ event: CacheEvent) {
        guard event.revision > after else { return }
        guard let (type, object) = event.change(seenThrough: wish.filter) else { return }
        send(type, object, shared: event)
    }

    private func send(_ type: WatchEventType, _ object: VersionedObject, shared: CacheEvent?) {
        // The first row of a table brings the columns with it.
        let view = wish.view.asShown(first: !hasSentRow)
        hasSentRow = true
        stream.send(shared?.line(type, object, view) ?? view.line(type, object))
    }

    private func scheduleBookmark() {
        let interval = TimeAmount.milliseconds(wish.bookmarkMilliseconds)
        bookmark = loop.assumeIsolated().scheduleTask(in: interval) {
            guard !self.isOver else { return }
            self.isBookmarkDue = true
            // Where nothing happens to the resource, its cache does not know how far the store is.
            self.cache.askForProgress()
            self.scheduleBookmark()
        }
    }

    /// The cache knows how far the store is.
    func progressed() {
        let isCurrent = next == cache.nextNumber && initial.isEmpty && history.isEmpty
        guard isBookmarkDue, isCurrent, stream.isWritable else { return }
        isBookmarkDue = false
        stream.send(wish.view.bookmark(cache.revision, endsInitial: false))
    }
}
