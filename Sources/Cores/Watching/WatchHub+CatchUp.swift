package import Primitives
package import StoreModel

/// Serving unsynced watches from history.
extension WatchHub {
    /// Reads one slice of history for the watch that has waited longest, and for those behind it
    /// that can use the same slice; hands it out and puts those that need more at the end of the
    /// queue. `eventsMax` bounds the records of history that are looked at; a revision that is
    /// larger is read all the same. Cancels watches that compaction has overtaken.
    package mutating func catchUp(
        history: some WatchHistory, eventsMax: Int, into deliveries: inout [WatchDelivery]
    ) {
        hasReadyProgress = false
        answerProgressRequests(into: &deliveries)
        revision = max(revision, history.revision)
        let compactRevision = history.compactRevision
        let readers = takeReaders(
            compactRevision: compactRevision, reach: Int64(eventsMax), into: &deliveries)
        if let first = readers.first {
            let from = watches[first].next
            let slice = read(history, from: from, eventsMax: eventsMax, readers)
            invariant(slice.next > from, "history read from \(from) on ended at \(slice.next)")
            handOut(slice, to: readers, into: &deliveries)
        }
        answerProgressRequests(into: &deliveries)
    }

    /// Continues after the whole state was replaced by an image that includes more: every watch
    /// goes on where it was, with the history of the image (never back: etcd #15271), or is
    /// cancelled if that is compacted there.
    package mutating func stateReplaced(
        revision: Revision, compactRevision: Revision, into deliveries: inout [WatchDelivery]
    ) {
        let published = self.revision
        self.revision = revision
        let isReset = configuration.mutation.isActive(.resetsWatchersOnSnapshot)
        for slot in watches.indices where watches[slot].state != .free {
            if watches[slot].state == .synced {
                let next = max(watches[slot].next, published.next)
                watches[slot].next = isReset ? watches[slot].start : next
                if watches[slot].next <= revision { fallBehind(slot, at: watches[slot].next) }
            }
            if watches[slot].next < compactRevision, isWritable(slot) {
                cancelCompacted(slot, compactRevision, into: &deliveries)
            }
        }
        answerProgressRequests(into: &deliveries)
    }
}

extension WatchHub {
    /// Takes out of the queue who reads next: its front, and others within `reach` revisions
    /// above, as far as `catchUpWatchesMax` allows to look. On the way sorts out who cannot read.
    private mutating func takeReaders(
        compactRevision: Revision, reach: Int64, into deliveries: inout [WatchDelivery]
    ) -> [Int] {
        var readers: [Int] = []
        var position = lagging.first
        var looked = 0
        while let slot = position, looked < configuration.catchUpWatchesMax {
            position = links.following(slot)
            looked += 1
            let next = watches[slot].next
            if !isWritable(slot) {
                block(slot)
            } else if next < compactRevision {
                cancelCompacted(slot, compactRevision, into: &deliveries)
            } else if next > revision {
                links.remove(slot, from: &lagging)
                becomeSynced(slot)
            } else {
                if let first = readers.first {
                    let distance = next.rawValue - watches[first].next.rawValue
                    guard (0..<reach).contains(distance) else { continue }
                }
                links.remove(slot, from: &lagging)
                readers.append(slot)
            }
        }
        return readers
    }

    private func read(
        _ history: some WatchHistory, from: Revision, eventsMax: Int, _ readers: [Int]
    ) -> (events: [Event], next: Revision) {
        let wanted = index(of: readers)
        return history.events(
            from: from,
            wantsPrevious: readers.contains { watches[$0].request.wantsPrevious },
            recordsMax: eventsMax, bytesMax: configuration.catchUpBytesMax,
            isWanted: { wanted.contains($0) })
    }

    /// An index in which the readers have their places as numbers.
    private func index(of readers: [Int]) -> WatchIndex {
        var index = WatchIndex()
        for place in readers.indices {
            index.insert(place, watches[readers[place]].request.range)
        }
        return index
    }

    private mutating func handOut(
        _ slice: (events: [Event], next: Revision), to readers: [Int],
        into deliveries: inout [WatchDelivery]
    ) {
        var batch = EventBatch(slice.events, index(of: readers)) { place, event in
            watches[readers[place]].accepts(event)
        }
        var start = 0
        while start < batch.hits.count {
            let end = batch.endOfRun(from: start)
            let slot = readers[batch.hits[start].watch]
            let wanted = batch.events(
                of: start..<end, wantsPrevious: watches[slot].request.wantsPrevious)
            deliver(wanted, to: slot, into: &deliveries)
            start = end
        }
        for slot in readers {
            watches[slot].next = max(watches[slot].next, slice.next)
            if watches[slot].next > revision {
                becomeSynced(slot)
            } else {
                links.append(slot, to: &lagging)
            }
        }
    }

    /// A watch that is in no queue has all there is.
    private mutating func becomeSynced(_ slot: Int) {
        watches[slot].state = .synced
        streams[watches[slot].stream].unsyncedCount -= 1
    }

    /// A queued watch waits for its outlet.
    private mutating func block(_ slot: Int) {
        links.remove(slot, from: &lagging)
        links.append(slot, to: &streams[watches[slot].stream].blocked)
        watches[slot].state = .blocked
    }

    private mutating func cancelCompacted(
        _ slot: Int, _ compactRevision: Revision, into deliveries: inout [WatchDelivery]
    ) {
        tell(slot, .cancelled(compactRevision: compactRevision, reason: ""), into: &deliveries)
        remove(slot)
    }
}
