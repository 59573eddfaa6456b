internal import Primitives
internal import StoreModel

/// An event that one watch gets.
struct EventHit: Comparable, Sendable {
    /// The watch's number in the index.
    var watch: Int
    /// The event's place in its batch.
    var event: Int

    /// Orders by watch, then event.
    static func < (left: Self, right: Self) -> Bool {
        left.watch == right.watch ? left.event < right.event : left.watch < right.watch
    }
}

/// Events on their way to watches. The arrays that watches get are shared wherever they are alike,
/// so that a thousand watches of a key cost no more memory than one.
struct EventBatch: Sendable {
    private let events: [Event]
    /// Which watch gets what, sorted.
    let hits: [EventHit]
    private let hasPrevious: Bool
    /// The events without previous versions, once somebody needs them so.
    private var bareEvents: [Event]?

    /// Finds the watches of each event in `index`; `accepts` says whether one wants it.
    init(_ events: [Event], _ index: WatchIndex, accepts: (_ watch: Int, Event) -> Bool) {
        var hits: [EventHit] = []
        var found: [Int] = []
        for position in events.indices {
            index.collect(events[position].keyValue.key, into: &found)
            if found.isEmpty { continue }
            for watch in found where accepts(watch, events[position]) {
                hits.append(EventHit(watch: watch, event: position))
            }
            found.removeAll(keepingCapacity: true)
        }
        if hits.count > 1 { hits.sort() }
        self.events = events
        self.hits = hits
        hasPrevious = !hits.isEmpty && events.contains { $0.previous != nil }
    }

    /// The end of the run of hits of one watch that begins at `start`.
    func endOfRun(from start: Int) -> Int {
        var end = start + 1
        while end < hits.count, hits[end].watch == hits[start].watch { end += 1 }
        return end
    }

    /// The events of a run of hits.
    mutating func events(of run: Range<Int>, wantsPrevious: Bool) -> [Event] {
        let source = wantsPrevious || !hasPrevious ? events : bare()
        if run.count == source.count { return source }
        return hits[run].map { source[$0.event] }
    }

    private mutating func bare() -> [Event] {
        if let bareEvents { return bareEvents }
        let bare = events.map { Event(kind: $0.kind, keyValue: $0.keyValue) }
        bareEvents = bare
        return bare
    }
}
