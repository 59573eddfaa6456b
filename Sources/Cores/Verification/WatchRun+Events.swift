import Primitives
import StoreModel

extension WatchRun {
    /// Checks a delivery of events.
    mutating func take(
        _ events: [Event], hasMoreFragments: Bool, delivery index: Int
    ) throws(Violation) {
        if hasMoreFragments && !watch.request.allowsFragments {
            throw broken(.atomic, "delivery \(index) is a fragment, which was not asked for")
        }
        for event in events { try take(event, delivery: index) }
        if !hasMoreFragments { try checkComplete(after: index) }
        if let last = events.last, last.keyValue.modRevision > watch.deliveries[index].revision {
            throw broken(
                .genuine,
                "delivery \(index) with header revision \(watch.deliveries[index].revision) holds "
                    + describe(last))
        }
    }

    private mutating func take(_ event: Event, delivery index: Int) throws(Violation) {
        let revision = event.keyValue.modRevision
        if !watch.request.matches(event) {
            throw broken(.filter, "delivered \(describe(event)), which does not match")
        }
        if revision <= watch.alreadySeen {
            throw broken(
                .unique,
                "delivered \(describe(event)) again after everything up to revision "
                    + "\(watch.alreadySeen) had been seen")
        }
        if let start, revision < start {
            throw broken(.resumable, "delivered \(describe(event)), which is before its start")
        }
        guard let position = position(of: event) else {
            throw broken(.genuine, "delivered \(describe(event)), which is not in the log")
        }
        if position < delivered { throw broken(.unique, "delivered \(describe(event)) twice") }
        if position > delivered { throw skipped(to: event, delivery: index) }
        try compare(event, with: self.event(expected[position]))
        delivered = position + 1
        lastRevision = revision
    }

    /// Where the log has the event among the expected ones; nil if it doesn't.
    private func position(of event: Event) -> Int? {
        let revision = event.keyValue.modRevision
        // Mostly it is the next one.
        if let next, next.keyValue.modRevision == revision,
            next.keyValue.key == event.keyValue.key
        {
            return delivered
        }
        var position = expected.partitionPoint {
            checker.log.entries[$0.entry].revision < revision
        }
        while position < expected.count {
            let candidate = self.event(expected[position])
            if candidate.keyValue.modRevision != revision { return nil }
            if candidate.keyValue.key == event.keyValue.key { return position }
            position += 1
        }
        return nil
    }

    /// The next expected event is left out: it comes late, or never.
    private func skipped(to event: Event, delivery index: Int) -> Violation {
        guard let next else { return broken(.genuine, "delivered more than the log holds") }
        if isDelivered(next, after: index - 1) {
            return broken(.ordered, "delivered \(describe(event)) before \(describe(next))")
        }
        if delivered == 0 {
            return broken(
                .resumable, "began with \(describe(event)) instead of \(describe(next))")
        }
        return broken(.reliable, "delivered \(describe(event)), but never \(describe(next))")
    }

    /// The last revision of a delivery must be whole unless a fragment follows (W4).
    private func checkComplete(after index: Int) throws(Violation) {
        guard let next, next.keyValue.modRevision == lastRevision else { return }
        let restFollows = isDelivered(next, after: index)
        let isLast = !hasEvents(after: index)
        if restFollows || isLast {
            throw broken(
                .atomic,
                "delivery \(index) ends within revision \(lastRevision), without "
                    + describe(next))
        }
        throw broken(.reliable, "never delivered \(describe(next))")
    }

    private func isDelivered(_ wanted: Event, after index: Int) -> Bool {
        watch.deliveries.dropFirst(index + 1).contains { delivery in
            guard case .events(let events, _) = delivery.body else { return false }
            return events.contains {
                $0.keyValue.modRevision == wanted.keyValue.modRevision
                    && $0.keyValue.key == wanted.keyValue.key
            }
        }
    }

    private func hasEvents(after index: Int) -> Bool {
        watch.deliveries.dropFirst(index + 1).contains { delivery in
            if case .events(let events, _) = delivery.body { return !events.isEmpty }
            return false
        }
    }

    /// The event says what the log and the state before it say.
    private func compare(_ event: Event, with truth: Event) throws(Violation) {
        let revision = truth.keyValue.modRevision
        let before = checker.versions.version(of: truth.keyValue.key, at: revision.previous)
        if event.kind == .put && truth.kind == .put && event.isCreate != (before == nil) {
            throw broken(
                .isCreate,
                "delivered \(describe(event)), but at revision \(revision.previous) the key "
                    + (before == nil ? "did not exist" : "existed"))
        }
        if event.kind != truth.kind || (event.kind == .put && event.keyValue != truth.keyValue) {
            throw broken(
                .genuine, "delivered \(describe(event)) where the log has \(describe(truth))")
        }
        guard watch.request.wantsPrevious else {
            if event.previous == nil { return }
            throw broken(
                .previousKeyValue,
                "delivered a previous version with \(describe(event)), not asked for")
        }
        // The version before may have been compacted away.
        let isCompacted = checker.compactions.contains { $0 > revision.previous }
        if event.previous == before || (event.previous == nil && isCompacted) { return }
        throw broken(
            .previousKeyValue,
            "delivered \(describe(event)) with \(describe(event.previous)) before it, but at "
                + "revision \(revision.previous) there was \(describe(before))")
    }
}
