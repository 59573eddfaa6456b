internal import Primitives
internal import ReplicatedStore
internal import StoreModel

/// A watch of the server's own, for the concurrency recipes.
final class KeyWatch: WatchSink {
    private let node: StoreNode
    private let id: WatchStreamID
    private let handle: (WatchDelivery.Body) -> Void
    private var isOpen = true

    /// Watches `range` from `revision` on; `handle` is told what happens, also that the watch was
    /// cancelled because its start is compacted.
    init(
        _ node: StoreNode, _ range: KeyRange, from revision: Revision,
        _ handle: @escaping (WatchDelivery.Body) -> Void
    ) {
        self.node = node
        self.handle = handle
        id = node.nextSink()
        node.sinks[id] = self
        node.member.receive(.watch(id, WatchRequest(range, startRevision: revision)))
        node.turn.schedule()
    }

    func deliver(_ delivery: WatchDelivery) {
        if isOpen { handle(delivery.body) }
    }

    /// Ends the watch.
    func close() {
        guard isOpen else { return }
        isOpen = false
        node.sinks[id] = nil
        guard !node.hasEnded else { return }
        node.member.receive(.closeWatchStream(id))
    }
}

extension KeyRange {
    /// All keys that begin with `prefix`, whose last byte is not 255.
    static func prefixed(_ prefix: Bytes) -> KeyRange {
        var end = prefix
        end[end.count - 1] += 1
        return KeyRange(key: prefix, end: end)
    }
}

extension RangeRequest {
    /// The key with the given prefix that came into being first.
    static func first(of prefix: Bytes) -> RangeRequest {
        RangeRequest(
            .prefixed(prefix), limit: 1, sortOrder: .ascending, sortTarget: .create)
    }

    /// The key with the given prefix that came into being last, at or before `revision`.
    static func last(of prefix: Bytes, atOrBefore revision: Revision) -> RangeRequest {
        var request = RangeRequest(
            .prefixed(prefix), limit: 1, sortOrder: .descending, sortTarget: .create)
        request.maxCreateRevision = revision
        return request
    }
}
