package import Primitives
import StoreModel

/// Holds what watches were told against the log of all events: W1–W9 of RELIABILITY, that events
/// are genuine, and that a cancellation as compacted had a reason.
package struct WatchChecker: Sendable {
    let log: EventLog
    let versions: KeyVersions
    let compactions: [Revision]
    private let numbering: Violation?

    /// Checks against this log. `compactions` are the revisions that anyone tried to compact.
    package init(log: EventLog, compactions: [Revision] = []) {
        self.log = log
        versions = KeyVersions(log)
        self.compactions = compactions
        numbering = log.numberingViolation()
    }

    /// Checks one watch. With `mustReach`, all matching events up to that revision must have been
    /// delivered unless the watch was cancelled (liveness, once a run has become quiet).
    package func check(_ watch: ObservedWatch, mustReach: Revision = .zero) -> Verdict {
        do throws(Violation) {
            if let numbering { throw numbering }
            var run = WatchRun(watch, checker: self)
            for index in watch.deliveries.indices { try run.take(index) }
            try run.finish(mustReach: mustReach)
            return .ok
        } catch {
            return .violation(error)
        }
    }

    /// Checks many; the first violation counts.
    package func check(_ watches: [ObservedWatch], mustReach: Revision = .zero) -> Verdict {
        for watch in watches {
            let verdict = check(watch, mustReach: mustReach)
            if !verdict.isOK { return verdict }
        }
        return .ok
    }
}

/// One watch on its way through its deliveries.
struct WatchRun {
    /// Where an expected event stands in the log.
    struct Place {
        var entry: Int
        var event: Int
    }

    let watch: ObservedWatch
    let checker: WatchChecker
    /// The first revision that the watch reports; nil if nothing tells it.
    let start: Revision?
    /// All events of the log that the watch must report, in order.
    let expected: [Place]
    /// How many of them were delivered.
    var delivered = 0
    /// The revision of the last event delivered.
    var lastRevision = Revision.zero
    /// The highest progress notification.
    var lastProgress = Revision.zero
    var isCancelled = false

    /// Begins before the first delivery.
    init(_ watch: ObservedWatch, checker: WatchChecker) {
        self.watch = watch
        self.checker = checker
        start = Self.start(of: watch)
        let first = start ?? watch.deliveries.firstRevision ?? checker.log.last.next
        var expected: [Place] = []
        let entries = checker.log.entries
        for entry in entries.indices.dropFirst(checker.log.firstIndex(from: first)) {
            for event in entries[entry].events.indices
            where watch.request.matches(entries[entry].events[event]) {
                expected.append(Place(entry: entry, event: event))
            }
        }
        self.expected = expected
    }

    /// The request's start, or what follows the revision at which the watch was created.
    private static func start(of watch: ObservedWatch) -> Revision? {
        if watch.request.startRevision > .zero { return watch.request.startRevision }
        for delivery in watch.deliveries {
            if case .created = delivery.body { return delivery.revision.next }
        }
        return nil
    }

    /// The log's event at a place.
    func event(_ place: Place) -> Event {
        checker.log.entries[place.entry].events[place.event]
    }

    /// The next event that must come; nil if all of the log was delivered.
    var next: Event? { delivered < expected.count ? event(expected[delivered]) : nil }

    /// Checks the delivery at `index`.
    mutating func take(_ index: Int) throws(Violation) {
        let delivery = watch.deliveries[index]
        if isCancelled {
            // Notifications of the whole stream may still come.
            if delivery.watchID < 0 { return }
            throw broken(.cancellation, "delivery \(index) came after the end")
        }
        switch delivery.body {
        case .created: return
        case .events(let events, let hasMoreFragments):
            try take(events, hasMoreFragments: hasMoreFragments, delivery: index)
        case .progress: try takeProgress(delivery)
        case .cancelled(let compacted, _):
            isCancelled = true
            if compacted != .zero { try checkCancellation(compacted) }
        }
    }

    /// Ends the run.
    func finish(mustReach: Revision) throws(Violation) {
        guard !isCancelled, let next, next.keyValue.modRevision <= mustReach else { return }
        throw broken(.reliable, "\(describe(next)) was never delivered")
    }

    /// A broken guarantee of this watch.
    func broken(_ guarantee: WatchGuarantee, _ what: String) -> Violation {
        var text = "client \(watch.client) watching \(describe(watch.request.range))"
        if let start { text += " from revision \(start)" }
        return Violation(.watch(guarantee), text + ": " + what)
    }

    /// Everything up to the revision was delivered (W5), and a watch that begins later is not
    /// told of what is before (etcd #20221).
    private mutating func takeProgress(_ delivery: WatchDelivery) throws(Violation) {
        let revision = delivery.revision
        if revision < lastRevision {
            throw broken(
                .bookmarkable,
                "progress at revision \(revision) after an event of revision \(lastRevision)")
        }
        if let next, next.keyValue.modRevision <= revision {
            throw broken(
                .bookmarkable,
                "progress at revision \(revision) before \(describe(next)) was delivered")
        }
        if delivery.watchID >= 0, watch.request.startRevision > revision.next {
            throw broken(
                .bookmarkable,
                "progress at revision \(revision), from which a client would resume too early")
        }
        if revision > checker.log.last {
            throw broken(
                .genuine,
                "progress at revision \(revision), but the log ends at \(checker.log.last)")
        }
        lastProgress = max(lastProgress, revision)
    }

    /// A watch is cancelled as compacted only if what it still needs may be below (etcd; the
    /// compacted revision itself can still be watched, #19179).
    private func checkCancellation(_ compacted: Revision) throws(Violation) {
        if !checker.compactions.contains(compacted) {
            throw broken(
                .cancellation, "cancelled as compacted at \(compacted), which nobody compacted")
        }
        guard let start else { return }
        let needed = max(start, lastRevision.next, lastProgress.next)
        if needed < compacted { return }
        throw broken(
            .cancellation,
            "cancelled as compacted at \(compacted), though it only needed revisions from "
                + "\(needed) on")
    }
}

extension WatchRequest {
    /// Whether the watch must report an event.
    func matches(_ event: Event) -> Bool {
        let isFiltered = event.kind == .put ? filtersPuts : filtersDeletes
        return !isFiltered && range.contains(event.keyValue.key)
    }
}

extension [WatchDelivery] {
    /// The revision of the first event delivered.
    fileprivate var firstRevision: Revision? {
        for delivery in self {
            if case .events(let events, _) = delivery.body, let first = events.first {
                return first.keyValue.modRevision
            }
        }
        return nil
    }
}
