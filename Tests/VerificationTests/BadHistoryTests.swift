import Primitives
import StoreModel
import Testing

@testable import Verification

/// Hand-made histories with one broken promise each (RELIABILITY C2, calibration).
@Suite struct `Bad histories` {
    let a1 = new("a", "1", 2)
    let a2 = kv("a", "2", create: 2, mod: 3, version: 2)

    private func expect(
        _ kind: Violation.Kind, _ operations: [Operation], _ log: [[Event]],
        about involved: [Int]? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let verdict = History(operations, log: log).verdict
        #expect(verdict.violation?.kind == kind, "\(verdict)", sourceLocation: sourceLocation)
        if let involved {
            #expect(verdict.violation?.operations == involved, sourceLocation: sourceLocation)
        }
    }

    // RELIABILITY B26, B27, B28, B30: a leader that was replaced, or one that has not applied
    // enough, answers a linearizable read.
    @Test func `a stale linearizable read is found`() {
        expect(
            .staleRead,
            [done(0...5, .put("a", "1"), 2, .put), done(6...9, .get("a"), 1, .found())],
            [[putEvent(a1)]], about: [1, 0])
    }

    @Test func `a read older than what a serializable read showed is stale`() {
        expect(
            .staleRead,
            [
                lost(0, .put("a", "1")),
                done(2...5, .get("a", serializable: true), 2, .found(a1)),
                done(6...9, .get("a"), 1, .found()),
            ],
            [[putEvent(a1)]])
    }

    @Test func `two writes with one revision are found`() {
        expect(
            .duplicateRevision,
            [done(0...5, .put("a", "1"), 2, .put), done(1...6, .put("a", "2"), 2, .put)],
            [[putEvent(a1)]], about: [0, 1])
    }

    // RELIABILITY B3, C1 R8: an acknowledged write is gone.
    @Test func `an acknowledged write that the log lacks is lost`() {
        expect(.lostWrite, [done(0...5, .put("a", "1"), 2, .put)], [], about: [0])
    }

    @Test func `an acknowledged write replaced by another at its revision is found`() {
        expect(
            .wrongResponse,
            [done(0...5, .put("a", "1"), 2, .put), lost(0, .put("a", "2"))],
            [[putEvent(new("a", "2", 2))]], about: [0])
    }

    @Test func `a wrong value is found`() {
        expect(
            .wrongResponse,
            [
                done(0...5, .put("a", "1"), 2, .put),
                done(6...9, .get("a"), 2, .found(new("a", "x", 2))),
            ],
            [[putEvent(a1)]], about: [1])
    }

    @Test func `a wrong serializable read is found`() {
        expect(
            .wrongResponse,
            [
                done(0...5, .put("a", "1"), 2, .put), done(6...9, .put("a", "2"), 3, .put),
                done(20...22, .get("a", serializable: true), 2, .found(a2)),
            ],
            [[putEvent(a1)], [putEvent(a2)]], about: [2])
    }

    @Test func `a write placed before one that had returned is found`() {
        expect(
            .realTimeOrder,
            [done(0...5, .put("a", "2"), 3, .put), done(6...9, .put("a", "1"), 2, .put)],
            [[putEvent(a1)], [putEvent(a2)]], about: [1, 0])
    }

    @Test func `a write without an answer cannot take effect before it began`() {
        expect(
            .realTimeOrder,
            [done(0...5, .get("a"), 2, .found(a1)), lost(6, .put("a", "1"))],
            [[putEvent(a1)]], about: [1, 0])
    }

    // RELIABILITY B51: a client library repeats a transaction, which is applied twice.
    @Test func `a write that took effect twice is found`() {
        expect(
            .unexplainedRevision,
            [done(0...5, .put("a", "1"), 2, .put)],
            [[putEvent(a1)], [putEvent(kv("a", "1", create: 2, mod: 3, version: 2))]])
        expect(
            .unexplainedRevision,
            [lost(0, .put("a", "1"))],
            [[putEvent(a1)], [putEvent(kv("a", "1", create: 2, mod: 3, version: 2))]])
    }

    @Test func `a refused write that took effect is found`() {
        expect(
            .refusedWriteTookEffect, [refused(0...5, .put("a", "1"), .noSpace)], [[putEvent(a1)]],
            about: [0])
    }

    @Test func `a condition judged wrongly is found`() {
        expect(
            .wrongResponse,
            [
                done(0...5, .put("a", "1"), 2, .put),
                done(6...9, .swap("a", mod: 2, "2"), 2, .notSwapped(a1)),
            ],
            [[putEvent(a1)]], about: [1])
        expect(
            .wrongResponse,
            [
                done(0...5, .put("a", "1"), 2, .put),
                done(6...9, .swap("a", mod: 1, "2"), 3, .swapped),
            ],
            [[putEvent(a1)], [putEvent(a2)]], about: [1])
    }

    // RELIABILITY B39: the revision goes back after a crash.
    @Test func `a log that skips or repeats a revision is found`() {
        let skipping = EventLog([
            EventLog.Entry(revision: Revision(2), events: [putEvent(a1)]),
            EventLog.Entry(revision: Revision(4), events: [putEvent(new("b", "1", 4))]),
        ])
        let repeating = EventLog([
            EventLog.Entry(revision: Revision(2), events: [putEvent(a1)]),
            EventLog.Entry(revision: Revision(2), events: [putEvent(new("b", "1", 2))]),
        ])
        for log in [skipping, repeating] {
            let verdict = RevisionOrderChecker(log: log).check([])
            #expect(verdict.violation?.kind == .brokenLog)
        }
    }

    @Test func `a wrong previous version is found`() {
        expect(
            .wrongResponse,
            [
                done(0...5, .put("a", "1"), 2, .put),
                done(6...9, .put(put("a", "2", previous: true)), 3, .put(nil)),
            ],
            [[putEvent(a1)], [putEvent(a2)]], about: [1])
    }

    // RELIABILITY C1 S3: version, create and mod revision follow the rules.
    @Test func `a log with a wrong version number is found`() {
        expect(
            .wrongResponse,
            [done(0...5, .put("a", "1"), 2, .put), done(6...9, .put("a", "2"), 3, .put)],
            [[putEvent(a1)], [putEvent(kv("a", "2", create: 2, mod: 3, version: 1))]],
            about: [1])
    }
}
