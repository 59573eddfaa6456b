import Primitives
import StoreModel
import Testing

@testable import Verification

/// The log that the watches of these tests are held against.
///
///     2 put a=1 and b=1   3 put a=2   4 delete b   5 put z=1   6 put a=3
let watchedLog = History(
    [],
    log: [
        [putEvent(new("a", "1", 2)), putEvent(new("b", "1", 2))],
        [putEvent(kv("a", "2", create: 2, mod: 3, version: 2))],
        [deleteEvent("b", 4)],
        [putEvent(new("z", "1", 5))],
        [putEvent(kv("a", "3", create: 2, mod: 6, version: 3))],
    ]
).log

/// The log's events at a revision, with previous versions if wanted.
func logged(_ revision: Int64, previous: Bool = false) -> [Event] {
    let versions = KeyVersions(watchedLog)
    return watchedLog.events(at: Revision(revision)).map { event in
        var event = event
        if previous {
            event.previous = versions.version(
                of: event.keyValue.key, at: Revision(revision - 1))
        }
        return event
    }
}

func delivery(_ revision: Int64, _ body: WatchDelivery.Body, watchID: Int64 = 0) -> WatchDelivery {
    WatchDelivery(
        stream: WatchStreamID(1), watchID: watchID, revision: Revision(revision), body: body)
}

func events(_ events: [Event], more: Bool = false, header: Int64 = 6) -> WatchDelivery {
    delivery(header, .events(events, hasMoreFragments: more))
}

func watchVerdict(
    _ deliveries: [WatchDelivery], range: KeyRange = keys("a", "c"), from: Int64 = 2,
    alreadySeen: Int64 = 0, mustReach: Int64 = 0, compactions: [Int64] = [],
    _ adjust: (inout WatchRequest) -> Void = { _ in }
) -> Verdict {
    var request = WatchRequest(range, startRevision: Revision(from))
    adjust(&request)
    let watch = ObservedWatch(
        client: 1, request: request, alreadySeen: Revision(alreadySeen), deliveries: deliveries)
    return WatchChecker(log: watchedLog, compactions: compactions.map { Revision($0) })
        .check([watch], mustReach: Revision(mustReach))
}

/// Watches that keep every guarantee (RELIABILITY, intro; C2 calibration).
@Suite struct `Good watches` {
    @Test func `one delivery for each revision is fine`() {
        #expect(
            watchVerdict(
                [
                    delivery(1, .created), events(logged(2), header: 2),
                    events(logged(3), header: 3), events(logged(4), header: 4),
                    events(logged(6)),
                ], mustReach: 6) == .ok)
    }

    @Test func `many revisions in one delivery are fine`() {
        #expect(
            watchVerdict(
                [events(logged(2) + logged(3) + logged(4) + logged(6))], mustReach: 6) == .ok)
    }

    @Test func `a watch that lags need not have delivered all`() {
        #expect(watchVerdict([events(logged(2))]) == .ok)
        #expect(watchVerdict([delivery(6, .created)]) == .ok)
    }

    @Test func `fragments that were asked for may split a revision`() {
        let both = logged(2)
        #expect(
            watchVerdict(
                [events([both[0]], more: true), events([both[1]]), events(logged(3))]
            ) { $0.allowsFragments = true } == .ok)
    }

    @Test func `progress after everything up to it is fine`() {
        #expect(
            watchVerdict(
                [
                    events(logged(2) + logged(3)), delivery(3, .progress),
                    events(logged(4)), delivery(5, .progress, watchID: -1),
                ]) == .ok)
    }

    @Test func `previous versions are those of the revision before`() {
        #expect(
            watchVerdict(
                [
                    events(
                        logged(2, previous: true) + logged(3, previous: true)
                            + logged(4, previous: true))
                ]) { $0.wantsPrevious = true } == .ok)
    }

    @Test func `previous versions that were compacted may be missing`() {
        #expect(
            watchVerdict([events(logged(3))], from: 3, compactions: [3]) {
                $0.wantsPrevious = true
            } == .ok)
    }

    @Test func `filters leave out what they say`() {
        #expect(
            watchVerdict([events(logged(4))], mustReach: 6) { $0.filtersPuts = true } == .ok)
        #expect(
            watchVerdict([events(logged(2) + logged(3) + logged(6))], mustReach: 6) {
                $0.filtersDeletes = true
            } == .ok)
    }

    @Test func `a watch from now on begins after its creation`() {
        #expect(
            watchVerdict(
                [delivery(3, .created), events(logged(4)), events(logged(6))], from: 0,
                mustReach: 6) == .ok)
    }

    @Test func `a resumed watch begins where the one before ended`() {
        #expect(
            watchVerdict(
                [delivery(6, .created), events(logged(4) + logged(6))], from: 4, alreadySeen: 3,
                mustReach: 6) == .ok)
    }

    // RELIABILITY B47: etcd #19179, a watch from exactly the compacted revision works.
    @Test func `a watch may be cancelled only if it starts below the compaction`() {
        let cancelled = delivery(6, .cancelled(compactRevision: Revision(4), reason: "compacted"))
        #expect(watchVerdict([cancelled], from: 3, mustReach: 6, compactions: [4]) == .ok)
        #expect(
            watchVerdict([cancelled], from: 4, compactions: [4]).violation?.kind
                == .watch(.cancellation))
    }

    @Test func `a watch cancelled for another reason is over`() {
        #expect(
            watchVerdict(
                [
                    events(logged(2)),
                    delivery(6, .cancelled(compactRevision: .zero, reason: "no leader")),
                    delivery(6, .progress, watchID: -1),
                ], mustReach: 6) == .ok)
    }
}

/// One broken guarantee each (RELIABILITY C2: one bad history for each watch guarantee).
@Suite struct `Bad watches` {
    private func expect(
        _ guarantee: WatchGuarantee, _ verdict: Verdict,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(
            verdict.violation?.kind == .watch(guarantee), "\(verdict)",
            sourceLocation: sourceLocation)
    }

    // RELIABILITY B, last row: GHSA-xg4h-6gfc-h4m8, a watch of a single key received the keys
    // after it.
    @Test func `W1 an event outside of the range or the filters`() {
        expect(.filter, watchVerdict([events(logged(5))]))
        expect(.filter, watchVerdict([events(logged(2))], range: one("a")))
        expect(.filter, watchVerdict([events(logged(4))], from: 4) { $0.filtersDeletes = true })
        expect(.filter, watchVerdict([events(logged(6))], from: 6) { $0.filtersPuts = true })
    }

    // RELIABILITY B45: a watch goes back in time after a snapshot was installed.
    @Test func `W2 revisions that decrease`() {
        expect(.ordered, watchVerdict([events(logged(3)), events(logged(2))]))
        expect(.ordered, watchVerdict([events(logged(2).reversed())]))
    }

    // RELIABILITY B49: an event is delivered again.
    @Test func `W3 an event twice`() {
        expect(
            .unique, watchVerdict([events(logged(2)), events(logged(3)), events(logged(3))]))
        expect(.unique, watchVerdict([events(logged(2)), events(logged(3)), events(logged(2))]))
        expect(.unique, watchVerdict([events(logged(3))], from: 3, alreadySeen: 3))
    }

    // RELIABILITY B49: the events of one revision are split.
    @Test func `W4 a revision split over deliveries`() {
        let both = logged(2)
        expect(.atomic, watchVerdict([events([both[0]]), events([both[1]])]))
        expect(.atomic, watchVerdict([events([both[0]])]))
        expect(.atomic, watchVerdict([events([both[0]], more: true), events([both[1]])]))
        expect(
            .atomic,
            watchVerdict([events([both[0]]), events([both[1]])]) { $0.allowsFragments = true })
    }

    // RELIABILITY B44: progress is not synchronised with the stream.
    @Test func `W5 progress before everything up to it`() {
        expect(.bookmarkable, watchVerdict([events(logged(2)), delivery(3, .progress)]))
        expect(
            .bookmarkable, watchVerdict([events(logged(2)), delivery(3, .progress, watchID: -1)]))
        expect(
            .bookmarkable,
            watchVerdict([events(logged(2)), delivery(3, .progress), events(logged(3))]))
        expect(
            .bookmarkable, watchVerdict([events(logged(2) + logged(3)), delivery(2, .progress)]))
    }

    // RELIABILITY B48: a watch at a future revision is told of older ones.
    @Test func `W5 and W6 news from before a future start`() {
        expect(.bookmarkable, watchVerdict([delivery(3, .progress)], from: 6))
        expect(.resumable, watchVerdict([events(logged(4))], from: 6))
    }

    // RELIABILITY B47: the first event, a deletion, is dropped by a compaction.
    @Test func `W6 a watch that does not start with the first event`() {
        expect(.resumable, watchVerdict([events(logged(3))]))
        expect(.resumable, watchVerdict([events(logged(6))], from: 4, alreadySeen: 3))
        expect(
            .resumable, watchVerdict([delivery(3, .created), events(logged(6))], from: 0))
    }

    // RELIABILITY B46: events of a slow watcher are lost.
    @Test func `W7 a missing event`() {
        expect(.reliable, watchVerdict([events(logged(2)), events(logged(4))]))
        expect(.reliable, watchVerdict([events([logged(2)[0]]), events(logged(3))]))
        expect(.reliable, watchVerdict([events(logged(2) + logged(3))], mustReach: 6))
    }

    @Test func `W8 a wrong previous version`() {
        func wants(_ request: inout WatchRequest) { request.wantsPrevious = true }
        var wrong = logged(3, previous: true)
        wrong[0].previous = new("a", "x", 2)
        expect(.previousKeyValue, watchVerdict([events(wrong)], from: 3, wants))
        expect(.previousKeyValue, watchVerdict([events(logged(3))], from: 3, wants))
        expect(
            .previousKeyValue, watchVerdict([events(logged(3, previous: true))], from: 3))
    }

    @Test func `W9 a creation that is none`() {
        var wrong = logged(3)
        wrong[0].keyValue.createRevision = Revision(3)
        expect(.isCreate, watchVerdict([events(wrong)], from: 3))
        wrong = logged(2)
        wrong[0].keyValue.createRevision = Revision(1)
        expect(.isCreate, watchVerdict([events(wrong)]))
    }

    @Test func `an event that is not the log's`() {
        var wrong = logged(3)
        wrong[0].keyValue.value = bytes("x")
        expect(.genuine, watchVerdict([events(wrong)], from: 3))
        expect(.genuine, watchVerdict([events([putEvent(new("a", "9", 9))])], from: 7))
        expect(.genuine, watchVerdict([events([deleteEvent("a", 3)])], from: 3))
        expect(.genuine, watchVerdict([events(logged(2) + logged(3), header: 2)]))
        expect(.genuine, watchVerdict([delivery(9, .progress)], from: 7))
    }

    @Test func `a cancellation without a reason, and news after the end`() {
        let compacted = delivery(6, .cancelled(compactRevision: Revision(3), reason: "compacted"))
        expect(.cancellation, watchVerdict([compacted]))
        expect(
            .cancellation,
            watchVerdict([events(logged(2)), compacted], compactions: [3]))
        expect(
            .cancellation,
            watchVerdict([delivery(5, .created), compacted], from: 0, compactions: [3]))
        expect(
            .cancellation,
            watchVerdict([compacted, events(logged(2))], from: 2, compactions: [3]))
    }
}
