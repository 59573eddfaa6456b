import Primitives
import StoreModel
import Watching

/// Holds what every watch is told against the truth, in the most naive way: a list of the events
/// that it must get, which must come one after the other.
struct WatchJudge {
    /// A watch as its client sees it.
    struct Case {
        var request: WatchRequest
        var start: Revision
        /// Events that came.
        var count = 0
        var lastRevision = Revision.zero
        var hasOpenFragment = false
        var isOver = false
    }

    private(set) var cases: [WatchStreamID: [Int64: Case]] = [:]
    /// What was wrong, beginning with the guarantee.
    private(set) var violations: [String] = []
    /// What must happen at least once in a good schedule.
    private(set) var counts: [String: Int] = [:]

    /// The watch was asked for; these are the answers.
    mutating func created(
        _ request: WatchRequest, _ answers: [WatchDelivery], _ history: ToyHistory
    ) {
        guard let first = answers.first, first.body == .created else { return }
        let start = request.startRevision == .zero ? first.revision.next : request.startRevision
        cases[first.stream, default: [:]][first.watchID] = Case(request: request, start: start)
        take(Array(answers.dropFirst()), history)
    }

    mutating func closed(_ stream: WatchStreamID) { cases[stream] = nil }

    mutating func take(_ deliveries: [WatchDelivery], _ history: ToyHistory) {
        for delivery in deliveries { take(delivery, history) }
    }

    private mutating func take(_ delivery: WatchDelivery, _ history: ToyHistory) {
        if delivery.watchID == -1 {
            if delivery.body == .progress {
                counts["stream progress", default: 0] += 1
                for (id, one) in cases[delivery.stream] ?? [:] where !one.isOver {
                    checkProgress(one, id, delivery.revision, history)
                }
            }
            return
        }
        guard var one = cases[delivery.stream]?[delivery.watchID] else {
            violations.append("a delivery to no watch: \(delivery.summary)")
            return
        }
        if one.isOver { violations.append("after its end: \(delivery.summary)") }
        switch delivery.body {
        case .created: violations.append("created twice")
        case .progress:
            counts["progress", default: 0] += 1
            checkProgress(one, delivery.watchID, delivery.revision, history)
            if one.start > delivery.revision.next { violations.append("B48: early progress") }
        case .cancelled(let compactRevision, _):
            one.isOver = true
            if compactRevision != .zero {
                counts["compacted", default: 0] += 1
                checkCompacted(one, compactRevision, history)
            }
        case .events(let events, let hasMoreFragments):
            take(events, hasMoreFragments, delivery, &one, history)
        }
        cases[delivery.stream]?[delivery.watchID] = one
    }

    /// The events that the watch must get from its start on.
    private func expected(_ one: Case, _ history: ToyHistory) -> [Event] {
        let first = max(0, Int(clamping: one.start.rawValue - 2))
        return history.entries.dropFirst(first).flatMap(\.self).filter { event in
            let request = one.request
            let isFiltered = event.kind == .put ? request.filtersPuts : request.filtersDeletes
            return request.range.contains(event.keyValue.key) && !isFiltered
        }
    }

    private mutating func take(
        _ events: [Event], _ hasMoreFragments: Bool, _ delivery: WatchDelivery, _ one: inout Case,
        _ history: ToyHistory
    ) {
        let expected = expected(one, history)
        counts["events", default: 0] += events.count
        if events.isEmpty { violations.append("an empty delivery") }
        for event in events {
            guard one.count < expected.count else {
                violations.append("W1/W3: \(delivery.summary) is too much")
                return
            }
            var wanted = expected[one.count]
            let isCompacted = event.previous == nil
                && wanted.keyValue.modRevision <= history.compactRevision
            if !one.request.wantsPrevious || isCompacted { wanted.previous = nil }
            if event != wanted {
                violations.append(
                    "W2/W3/W6/W7/W8: \(event) came where \(wanted) should (start \(one.start))")
                return
            }
            one.count += 1
            one.lastRevision = event.keyValue.modRevision
        }
        let splits = one.count < expected.count
            && expected[one.count].keyValue.modRevision == one.lastRevision
        if splits != hasMoreFragments { violations.append("W4: \(delivery.summary) is a part") }
        if hasMoreFragments {
            counts["fragments", default: 0] += 1
            if !one.request.allowsFragments { violations.append("W4: unwanted fragment") }
        }
        if one.lastRevision > delivery.revision { violations.append("a header from the past") }
    }

    /// W5: nothing at or below the revision is still to come.
    private mutating func checkProgress(
        _ one: Case, _ id: Int64, _ revision: Revision, _ history: ToyHistory
    ) {
        let expected = expected(one, history)
        if one.count < expected.count, expected[one.count].keyValue.modRevision <= revision {
            violations.append(
                "W5: progress \(revision) of watch \(id) before \(expected[one.count])")
        }
    }

    private mutating func checkCompacted(
        _ one: Case, _ compactRevision: Revision, _ history: ToyHistory
    ) {
        if compactRevision != history.compactRevision { violations.append("a wrong floor") }
        if max(one.start, one.lastRevision.next) >= compactRevision {
            violations.append("cancelled as compacted without need")
        }
    }

    /// W7: once everything is quiet, every watch has everything.
    mutating func finish(_ history: ToyHistory) {
        for stream in cases.values {
            for one in stream.values where !one.isOver && one.count < expected(one, history).count {
                violations.append("W7: \(expected(one, history)[one.count]) never came")
            }
        }
    }
}
