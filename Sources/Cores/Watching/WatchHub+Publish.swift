package import Primitives
package import StoreModel

/// Telling synced watches what was applied.
extension WatchHub {
    /// Hands out what one applied entry changed: all events of one revision, in order, with
    /// previous versions if `wantsPreviousVersions` said so before the entry was applied. Costs
    /// next to nothing where nobody watches the keys.
    package mutating func publish(
        _ events: [Event], revision: Revision, into deliveries: inout [WatchDelivery]
    ) {
        invariant(
            revision > self.revision, "revision \(revision) published after \(self.revision)")
        self.revision = revision
        if index.isEmpty { return }
        var batch = EventBatch(events, index) { slot, event in
            watches[slot].state == .synced && watches[slot].accepts(event)
        }
        var start = 0
        while start < batch.hits.count {
            let end = batch.endOfRun(from: start)
            let slot = batch.hits[start].watch
            if isWritable(slot) {
                let wantsPrevious = watches[slot].request.wantsPrevious
                let wanted = batch.events(of: start..<end, wantsPrevious: wantsPrevious)
                deliver(wanted, to: slot, into: &deliveries)
                watches[slot].next = revision.next
            } else {
                let isDropped = configuration.mutation.isActive(.dropsSlowWatcherBatch)
                fallBehind(slot, at: isDropped ? revision.next : revision)
            }
            start = end
        }
    }

    /// Whether the watch's outlet takes deliveries.
    func isWritable(_ slot: Int) -> Bool { streams[watches[slot].stream].isWritable }

    /// Delivers events of whole revisions, none empty.
    mutating func deliver(
        _ events: [Event], to slot: Int, into deliveries: inout [WatchDelivery]
    ) {
        if events.count == 1 {
            tell(slot, .events(events, hasMoreFragments: false), into: &deliveries)
            return
        }
        for piece in pieces(of: events, for: watches[slot].request) {
            let isWhole = piece.events.count == events.count
            let part = isWhole ? events : Array(events[piece.events])
            tell(
                slot, .events(part, hasMoreFragments: piece.hasMoreFragments), into: &deliveries)
        }
    }

    /// Delivers anything to one watch, with the store's revision.
    mutating func tell(
        _ slot: Int, _ body: WatchDelivery.Body, into deliveries: inout [WatchDelivery]
    ) {
        watches[slot].lastDeliveryTick = tickCount
        deliveries.append(
            WatchDelivery(
                stream: streams[watches[slot].stream].id, watchID: watches[slot].id,
                revision: revision, body: body))
    }

    private func pieces(of events: [Event], for request: WatchRequest) -> [DeliveryPiece] {
        if configuration.mutation.isActive(.splitsRevisionAcrossBatches) {
            // The halves are cut without a look at where a revision ends.
            return [0..<events.count / 2, events.count / 2..<events.count].map {
                DeliveryPiece(events: $0, hasMoreFragments: false)
            }
        }
        return DeliveryPiece.cut(
            events, bytesMax: configuration.deliveryBytesMax,
            allowsFragments: request.allowsFragments)
    }
}
