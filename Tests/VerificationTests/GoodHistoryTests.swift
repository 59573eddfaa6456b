import Primitives
import StoreModel
import Testing

@testable import Verification

/// Hand-made histories that keep every promise. RELIABILITY C2, calibration: a checker is
/// believed after it gave the right verdict where the verdict is known.
@Suite struct `Good histories` {
    let a1 = new("a", "1", 2)
    let a2 = kv("a", "2", create: 2, mod: 3, version: 2)

    private func expectOK(
        _ operations: [Operation], _ log: [[Event]],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(History(operations, log: log).verdict == .ok, sourceLocation: sourceLocation)
    }

    @Test func `a read after a write sees it`() {
        expectOK(
            [done(0...5, .put("a", "1"), 2, .put), done(6...9, .get("a"), 2, .found(a1))],
            [[putEvent(a1)]])
    }

    @Test func `concurrent writes may take effect in either order`() {
        let log = [[putEvent(a1)], [putEvent(a2)]]
        expectOK(
            [done(0...9, .put("a", "2"), 3, .put), done(1...8, .put("a", "1"), 2, .put)], log)
        expectOK(
            [done(0...9, .put("a", "1"), 2, .put), done(1...8, .put("a", "2"), 3, .put)], log)
    }

    @Test func `a read concurrent with a write may miss it`() {
        expectOK(
            [done(0...9, .put("a", "1"), 2, .put), done(1...8, .get("a"), 1, .found())],
            [[putEvent(a1)]])
    }

    @Test func `what touches in one nanosecond counts as concurrent`() {
        expectOK(
            [done(0...5, .put("a", "1"), 2, .put), done(5...8, .get("a"), 1, .found())],
            [[putEvent(a1)]])
    }

    @Test func `a write without an answer took effect where the log has its value`() {
        expectOK(
            [lost(0, .put("a", "1")), done(6...9, .get("a"), 2, .found(a1))], [[putEvent(a1)]])
    }

    @Test func `a write without an answer may never take effect`() {
        expectOK([lost(0, .put("a", "1")), done(6...9, .get("a"), 1, .found())], [])
    }

    @Test func `a write without an answer may take effect long after it was sent`() {
        let later = kv("a", "1", create: 2, mod: 3, version: 2)
        expectOK(
            [lost(0, .put("a", "1")), done(100...105, .put("a", "0"), 2, .put)],
            [[putEvent(new("a", "0", 2))], [putEvent(later)]])
    }

    @Test func `a serializable read may be old`() {
        expectOK(
            [
                done(0...5, .put("a", "1"), 2, .put), done(6...9, .put("a", "2"), 3, .put),
                done(20...22, .get("a", serializable: true), 2, .found(a1)),
            ],
            [[putEvent(a1)], [putEvent(a2)]])
    }

    @Test func `a read at an old revision answers the state then`() {
        expectOK(
            [
                done(0...5, .put("a", "1"), 2, .put), done(6...9, .put("a", "2"), 3, .put),
                done(20...22, .get("a", at: 2), 3, .found(a1)),
            ],
            [[putEvent(a1)], [putEvent(a2)]])
    }

    @Test func `a condition that fails makes no revision`() {
        expectOK(
            [
                done(0...5, .put("a", "1"), 2, .put),
                done(6...9, .swap("a", mod: 1, "x"), 2, .notSwapped(a1)),
                done(10...19, .swap("a", mod: 2, "2"), 3, .swapped),
            ],
            [[putEvent(a1)], [putEvent(a2)]])
    }

    @Test func `a deletion of nothing makes no revision`() {
        expectOK(
            [
                done(0...5, .delete("a"), 1, .deleted(0)),
                done(6...9, .put("a", "1"), 2, .put), done(10...12, .delete("a"), 3, .deleted(1)),
            ],
            [[putEvent(a1)], [deleteEvent("a", 3)]])
    }

    @Test func `all keys of an expired lease vanish in one revision`() {
        expectOK(
            [
                done(0...1, .grant(7), 1, .granted(7)),
                done(2...5, .put("a", "1", lease: 7), 2, .put),
                done(6...9, .put("b", "2", lease: 7), 3, .put),
                done(100...105, .get("a"), 4, .found()),
            ],
            [
                [putEvent(new("a", "1", 2, lease: 7))], [putEvent(new("b", "2", 3, lease: 7))],
                [deleteEvent("a", 4), deleteEvent("b", 4)],
            ])
    }

    @Test func `a revocation deletes the keys of its lease and may be granted again`() {
        expectOK(
            [
                done(0...1, .grant(7), 1, .granted(7)),
                done(2...5, .put("a", "1", lease: 7), 2, .put),
                done(6...9, .revoke(7), 3, .leaseRevoke),
                done(10...11, .grant(7), 3, .granted(7)),
                done(12...15, .put("a", "2", lease: 7), 4, .put),
            ],
            [
                [putEvent(new("a", "1", 2, lease: 7))], [deleteEvent("a", 3)],
                [putEvent(new("a", "2", 4, lease: 7))],
            ])
    }

    @Test func `after a compaction older revisions are refused and the newest are not`() {
        expectOK(
            [
                done(0...5, .put("a", "1"), 2, .put), done(6...9, .put("a", "2"), 3, .put),
                done(10...11, .compact(Revision(3)), 3, .compact),
                refused(12...13, .get("a", at: 2), .compacted(floor: Revision(3))),
                done(14...15, .get("a", at: 3), 3, .found(a2)),
                refused(16...17, .compact(Revision(3)), .compacted(floor: Revision(3))),
                refused(18...19, .get("a", at: 9), .futureRevision(current: Revision(3))),
            ],
            [[putEvent(a1)], [putEvent(a2)]])
    }

    @Test func `an unanswered deletion of one key leaves the wider one what only it explains`() {
        expectOK(
            [
                done(0...5, .put("a", "1"), 2, .put), done(6...9, .put("b", "2"), 3, .put),
                lost(10, .deleteRange(DeleteRangeRequest(keys("a", "z")))),
                lost(11, .delete("a")),
            ],
            [
                [putEvent(a1)], [putEvent(new("b", "2", 3))], [deleteEvent("a", 4)],
                [deleteEvent("b", 5)],
            ])
    }

    @Test func `refusals that any state gives need no history`() {
        expectOK(
            [
                refused(0...1, .put("", "1"), .emptyKey),
                refused(2...3, .grant(1, seconds: 9_000_000_001), .leaseTTLTooLarge),
                refused(4...5, .put("a", "1", lease: 5), .leaseNotFound),
                refused(6...7, .put("a", "1"), .noSpace),
                refused(
                    8...9, .put(PutRequest(key: bytes("a"), value: [], ignoresValue: true)),
                    .keyNotFound),
            ],
            [])
    }
}
