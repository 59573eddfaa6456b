package import Primitives
package import StoreModel

/// Telling watches how far they are.
extension WatchHub {
    /// A client asks how far its stream is. The answer, on the whole stream (watch identifier
    /// -1), comes once all of the stream's watches have everything up to the revision that it
    /// names, which is this one or a later (etcd #15220). While a watch of the stream begins in
    /// the future there is no answer (etcd #20221), and none without watches. Requests that come
    /// before the answer share it.
    package mutating func requestProgress(
        _ stream: WatchStreamID, revision: Revision, into deliveries: inout [WatchDelivery]
    ) {
        self.revision = max(self.revision, revision)
        guard let streamSlot = streamSlots[stream], !streams[streamSlot].watches.isEmpty,
            !streams[streamSlot].isProgressRequested
        else { return }
        if !answerProgress(streamSlot, into: &deliveries) {
            streams[streamSlot].isProgressRequested = true
            progressRequests.append(streamSlot)
        }
    }

    /// One tick passed: notifies watches that want progress and were told nothing for
    /// `progressTicks`. Looks at a part of the watches at each tick, at all of them sixteen times
    /// in that time.
    package mutating func tick(
        revision: Revision, into deliveries: inout [WatchDelivery]
    ) {
        self.revision = max(self.revision, revision)
        tickCount += 1
        answerProgressRequests(into: &deliveries)
        let ticks = max(1, configuration.progressTicks / 16)
        for _ in 0..<(watches.count + ticks - 1) / ticks {
            progressCursor = progressCursor + 1 < watches.count ? progressCursor + 1 : 0
            let slot = progressCursor
            if isSilent(slot), canTellProgress(slot) { tell(slot, .progress, into: &deliveries) }
        }
    }

    /// Answers the streams that have become ready.
    mutating func answerProgressRequests(into deliveries: inout [WatchDelivery]) {
        if progressRequests.isEmpty { return }
        let waiting = progressRequests
        progressRequests = []
        for streamSlot in waiting {
            let isEmpty = streams[streamSlot].watches.isEmpty
            if isEmpty || answerProgress(streamSlot, into: &deliveries) {
                streams[streamSlot].isProgressRequested = false
            } else {
                progressRequests.append(streamSlot)
            }
        }
    }

    private func answerProgress(
        _ streamSlot: Int, into deliveries: inout [WatchDelivery]
    ) -> Bool {
        let isSynced =
            streams[streamSlot].unsyncedCount == 0
            || configuration.mutation.isActive(.progressWhileUnsynced)
        guard isSynced, streams[streamSlot].isWritable,
            streams[streamSlot].latestStart <= revision.next
        else { return false }
        deliveries.append(
            WatchDelivery(
                stream: streams[streamSlot].id, watchID: -1, revision: revision, body: .progress))
        return true
    }

    private func isSilent(_ slot: Int) -> Bool {
        watches[slot].state != .free && watches[slot].request.wantsProgress
            && tickCount - watches[slot].lastDeliveryTick >= UInt64(configuration.progressTicks)
    }

    /// Whether the watch has everything up to the present revision and began before it.
    private func canTellProgress(_ slot: Int) -> Bool {
        let isSynced =
            watches[slot].state == .synced
            || configuration.mutation.isActive(.progressWhileUnsynced)
        return isSynced && watches[slot].next <= revision.next && isWritable(slot)
    }
}
