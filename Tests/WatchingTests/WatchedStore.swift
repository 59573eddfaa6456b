import Primitives
import StoreModel
import Watching

/// A hub together with its store, as a member drives them. Invariants are checked at each step.
struct WatchedStore {
    var hub: WatchHub
    var history = ToyHistory()
    /// All deliveries so far.
    var deliveries: [WatchDelivery] = []

    init(
        mutation: Mutation? = nil, _ adjust: (inout WatchConfiguration) -> Void = { _ in }
    ) {
        var configuration = WatchConfiguration(mutation: mutation)
        adjust(&configuration)
        hub = WatchHub(configuration: configuration)
    }

    /// A store at the given revision, each made by a put to `a` and `b` in turn.
    init(at revision: Int64, _ adjust: (inout WatchConfiguration) -> Void = { _ in }) {
        self.init(adjust)
        for number in 2..<revision + 1 { apply(put(number % 2 == 0 ? "a" : "b", "\(number)")) }
    }

    /// Calls the hub; answers what it delivered.
    @discardableResult
    mutating func call(
        _ body: (inout WatchHub, ToyHistory, inout [WatchDelivery]) -> Void
    ) -> [WatchDelivery] {
        var new: [WatchDelivery] = []
        body(&hub, history, &new)
        hub.checkInvariants()
        deliveries += new
        return new
    }

    @discardableResult
    mutating func apply(_ changes: Change...) -> [WatchDelivery] { apply(changes) }

    @discardableResult
    mutating func apply(_ changes: [Change]) -> [WatchDelivery] {
        var events = history.apply(changes)
        if !hub.wantsPreviousVersions {
            for index in events.indices { events[index].previous = nil }
        }
        return call { hub, history, new in
            hub.publish(events, revision: history.revision, into: &new)
        }
    }

    @discardableResult
    mutating func create(
        _ range: KeyRange, stream: UInt64 = 1, from start: Int64 = 0, id: Int64 = 0,
        _ adjust: (inout WatchRequest) -> Void = { _ in }
    ) -> [WatchDelivery] {
        var request = WatchRequest(range, startRevision: Revision(start), watchID: id)
        adjust(&request)
        return call { hub, history, new in
            hub.create(
                WatchStreamID(stream), request, revision: history.revision,
                compactRevision: history.compactRevision, into: &new)
        }
    }

    @discardableResult
    mutating func cancel(stream: UInt64 = 1, id: Int64) -> [WatchDelivery] {
        call { hub, history, new in
            hub.cancel(
                WatchStreamID(stream), watchID: id, revision: history.revision, into: &new)
        }
    }

    @discardableResult
    mutating func requestProgress(stream: UInt64 = 1) -> [WatchDelivery] {
        call { hub, history, new in
            hub.requestProgress(WatchStreamID(stream), revision: history.revision, into: &new)
        }
    }

    mutating func setWritable(_ isWritable: Bool, stream: UInt64 = 1) {
        call { hub, _, _ in hub.setWritable(WatchStreamID(stream), isWritable) }
    }

    @discardableResult
    mutating func catchUp(eventsMax: Int = 1_000) -> [WatchDelivery] {
        call { hub, history, new in
            hub.catchUp(history: history, eventsMax: eventsMax, into: &new)
        }
    }

    /// Catches up until there is nothing left to do.
    @discardableResult
    mutating func drain(eventsMax: Int = 1_000) -> [WatchDelivery] {
        var new: [WatchDelivery] = []
        while hub.hasWork { new += catchUp(eventsMax: eventsMax) }
        return new
    }

    @discardableResult
    mutating func tick(_ count: Int = 1) -> [WatchDelivery] {
        var all: [WatchDelivery] = []
        for _ in 0..<count {
            all += call { hub, history, new in
                hub.tick(revision: history.revision, into: &new)
            }
        }
        return all
    }

    /// The state is replaced by an image that has these further revisions.
    @discardableResult
    mutating func install(_ revisions: [[Change]], compact: Int64 = 0) -> [WatchDelivery] {
        for changes in revisions { _ = history.apply(changes) }
        history.compact(Revision(compact))
        return call { hub, history, new in
            hub.stateReplaced(
                revision: history.revision, compactRevision: history.compactRevision,
                into: &new)
        }
    }
}

func key(_ key: String) -> KeyRange { KeyRange(key: bytes(key)) }
func keys(_ start: String, _ end: String) -> KeyRange {
    KeyRange(key: bytes(start), end: bytes(end))
}
let allKeys = KeyRange(key: [0], end: [0])

extension [WatchDelivery] {
    /// Those of one watch.
    func of(_ watchID: Int64, stream: UInt64 = 1) -> [WatchDelivery] {
        filter { $0.watchID == watchID && $0.stream == WatchStreamID(stream) }
    }

    /// In few words: `created`, `2:a 3:-b+` for events (deletions with a minus, fragments with a
    /// plus behind), `progress@5`, `compacted@4`, `cancelled`.
    var summary: [String] { map(\.summary) }
}

extension WatchDelivery {
    var summary: String {
        switch body {
        case .created: return "created"
        case .events(let events, let hasMoreFragments):
            let texts = events.map { event in
                "\(event.keyValue.modRevision):" + (event.kind == .delete ? "-" : "")
                    + String(decoding: event.keyValue.key, as: UTF8.self)
            }
            return texts.joined(separator: " ") + (hasMoreFragments ? "+" : "")
        case .progress: return "progress@\(revision)"
        case .cancelled(let compactRevision, let reason):
            if compactRevision != .zero { return "compacted@\(compactRevision)" }
            return reason.isEmpty ? "cancelled" : "refused"
        }
    }

    var events: [Event] {
        if case .events(let events, _) = body { return events }
        return []
    }
}
