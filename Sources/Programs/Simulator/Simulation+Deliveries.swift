internal import Primitives
internal import StoreModel
internal import Verification

/// What members tell watchers.
extension Simulation {
    /// A delivery reaches its watcher.
    mutating func deliver(_ delivery: WatchDelivery, from slot: Int) throws(RunFailure) {
        guard let number = watchers.owner(of: delivery.stream),
            watchers.all[number].stream == delivery.stream
        else { return }
        note(slot) { "to watcher \(number): \(describe(delivery))" }
        hashes.add(UInt64(bitPattern: delivery.revision.rawValue) ^ UInt64(number) << 48)
        if !watchers.all[number].isWritable, knobs.turnNanoseconds == 0,
            case .events = delivery.body
        {
            throw RunFailure(
                "W", "member \(slot + 1) delivered events to watcher \(number), which has no room")
        }
        if delivery.watchID < 0, case .progress = delivery.body {
            coverage.reach(.watchProgress)
            for position in watchers.all[number].watches.indices
            where watchers.all[number].watches[position].watchID != nil {
                take(delivery, number, position)
            }
            return
        }
        guard let position = position(of: delivery, number) else {
            // An answer to a watch that was given up meanwhile.
            return
        }
        take(delivery, number, position)
    }

    /// The followed range that a delivery is about.
    private func position(of delivery: WatchDelivery, _ number: Int) -> Int? {
        let watches = watchers.all[number].watches
        if case .created = delivery.body {
            return watches.firstIndex { $0.observed != nil && $0.watchID == nil }
        }
        if delivery.watchID < 0 {
            return watches.firstIndex { $0.observed != nil && $0.watchID == nil }
        }
        return watches.firstIndex { $0.watchID == delivery.watchID }
    }

    private mutating func take(_ delivery: WatchDelivery, _ number: Int, _ position: Int) {
        guard let observed = watchers.all[number].watches[position].observed else { return }
        watchers.observed[observed].deliveries.append(delivery)
        switch delivery.body {
        case .created:
            watchers.all[number].watches[position].watchID = delivery.watchID
            // From here on it follows, so a later connection must not begin later.
            if watchers.all[number].watches[position].nextStart == .zero {
                watchers.all[number].watches[position].nextStart = delivery.revision.next
            }
        case .events(let events, let hasMoreFragments):
            take(events, hasMoreFragments, number, position)
        case .progress:
            if delivery.watchID >= 0 { coverage.reach(.watchProgress) }
            let seen = watchers.all[number].watches[position].seen
            if delivery.revision > seen, !isFuture(number, position, delivery.revision) {
                watchers.all[number].watches[position].seen = delivery.revision
            }
        case .cancelled(let compacted, _):
            endCancelled(number, position, compacted)
        }
    }

    /// Whether the watch begins only behind the revision.
    private func isFuture(_ number: Int, _ position: Int, _ revision: Revision) -> Bool {
        watchers.all[number].watches[position].nextStart > revision.next
    }

    private mutating func take(
        _ events: [Event], _ hasMoreFragments: Bool, _ number: Int, _ position: Int
    ) {
        guard let last = events.last?.keyValue.modRevision else { return }
        var watch = watchers.all[number].watches[position]
        if !watch.hasEvents, watchers.compactions.count > watch.compactedAtStart {
            coverage.reach(.compactionBeforeFirstEvent)
        }
        watch.hasEvents = true
        watch.isInsideRevision = hasMoreFragments
        // Of a revision that goes on in the next delivery, nothing counts as seen yet.
        let whole = hasMoreFragments ? last.previous : last
        watch.seen = max(watch.seen, whole)
        if hasMoreFragments { coverage.reach(.fragmentedDelivery) }
        watchers.all[number].watches[position] = watch
    }

    private mutating func endCancelled(_ number: Int, _ position: Int, _ compacted: Revision) {
        var watch = watchers.all[number].watches[position]
        if watch.seen > .zero { watch.nextStart = watch.seen.next }
        if compacted > .zero {
            coverage.reach(.watchCancelledAsCompacted)
            watch.nextStart = max(watch.nextStart, compacted)
        }
        watch.observed = nil
        watch.watchID = nil
        watchers.all[number].watches[position] = watch
    }
}
