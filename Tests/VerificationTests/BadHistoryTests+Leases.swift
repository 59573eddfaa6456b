import Primitives
import StoreModel
import Testing

@testable import Verification

/// Broken promises about compaction, leases and refusals (RELIABILITY C2, calibration).
@Suite struct `Bad histories of compactions and leases` {
    let a1 = new("a", "1", 2)
    let a2 = kv("a", "2", create: 2, mod: 3, version: 2)
    let leased = new("a", "1", 2, lease: 7)

    private func expect(
        _ kind: Violation.Kind, _ operations: [Operation], _ log: [[Event]],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let verdict = History(operations, log: log).verdict
        #expect(verdict.violation?.kind == kind, "\(verdict)", sourceLocation: sourceLocation)
    }

    private var twoWrites: [Operation] {
        [done(0...5, .put("a", "1"), 2, .put), done(6...9, .put("a", "2"), 3, .put)]
    }

    // RELIABILITY C1 S4: older reads error.
    @Test func `an answer from below a compaction is found by real time`() {
        expect(
            .compaction,
            twoWrites + [
                done(10...11, .compact(Revision(3)), 3, .compact),
                done(12...13, .get("a", at: 2), 3, .found(a1)),
            ],
            [[putEvent(a1)], [putEvent(a2)]])
    }

    @Test func `an answer from below a compaction is found by its revision`() {
        expect(
            .compaction,
            twoWrites + [
                done(10...30, .compact(Revision(3)), 3, .compact),
                done(11...12, .put("a", "3"), 4, .put),
                done(13...14, .get("a", at: 2, serializable: true), 4, .found(a1)),
            ],
            [
                [putEvent(a1)], [putEvent(a2)],
                [putEvent(kv("a", "3", create: 2, mod: 4, version: 3))],
            ])
    }

    @Test func `a compaction that goes back is found`() {
        expect(
            .compaction,
            twoWrites + [
                done(10...11, .compact(Revision(3)), 3, .compact),
                done(12...13, .compact(Revision(2)), 3, .compact),
            ],
            [[putEvent(a1)], [putEvent(a2)]])
        expect(
            .compaction,
            twoWrites + [
                done(10...12, .compact(Revision(3)), 3, .compact),
                done(11...13, .compact(Revision(3)), 3, .compact),
            ],
            [[putEvent(a1)], [putEvent(a2)]])
    }

    @Test func `a compaction above the newest revision is found`() {
        expect(.compaction, [done(0...1, .compact(Revision(5)), 1, .compact)], [])
    }

    @Test func `a key attached to a revoked lease is found`() {
        expect(
            .leaseUse,
            [
                done(0...1, .grant(7), 1, .granted(7)),
                done(2...3, .revoke(7), 1, .leaseRevoke),
                done(4...5, .put("a", "1", lease: 7), 2, .put),
            ],
            [[putEvent(leased)]])
    }

    @Test func `a key attached to an expired lease is found`() {
        expect(
            .leaseUse,
            [
                done(0...1, .grant(7), 1, .granted(7)),
                done(2...5, .put("a", "1", lease: 7), 2, .put),
                done(6...9, .put("a", "2", lease: 7), 4, .put),
            ],
            [[putEvent(leased)], [deleteEvent("a", 3)], [putEvent(new("a", "2", 4, lease: 7))]])
    }

    @Test func `a key attached to a lease that nobody was granted is found`() {
        expect(
            .leaseUse, [done(0...1, .put("a", "1", lease: 7), 2, .put)], [[putEvent(leased)]])
    }

    // RELIABILITY C1 L2.
    @Test func `a lease that loses only some of its keys is found`() {
        expect(
            .unexplainedRevision,
            [
                done(0...1, .grant(7), 1, .granted(7)),
                done(2...5, .put("a", "1", lease: 7), 2, .put),
                done(6...9, .put("b", "2", lease: 7), 3, .put),
            ],
            [[putEvent(leased)], [putEvent(new("b", "2", 3, lease: 7))], [deleteEvent("a", 4)]])
    }

    @Test func `a revocation that leaves its keys is found`() {
        expect(
            .leaseUse,
            [
                done(0...1, .grant(7), 1, .granted(7)),
                done(2...5, .put("a", "1", lease: 7), 2, .put),
                done(6...9, .revoke(7), 2, .leaseRevoke),
            ],
            [[putEvent(leased)]])
    }

    @Test func `a lease revoked more often than granted is found`() {
        expect(
            .leaseUse,
            [
                done(0...1, .grant(7), 1, .granted(7)),
                done(2...3, .revoke(7), 1, .leaseRevoke), done(4...5, .revoke(7), 1, .leaseRevoke),
            ],
            [])
    }

    @Test(arguments: [
        refused(10...11, .get("a", at: 2), .compacted(floor: Revision(3))),
        refused(10...11, .get("a", at: 3), .futureRevision(current: Revision(2))),
        refused(10...11, .get("a", at: 2), .futureRevision(current: Revision(3))),
        refused(10...11, .put("a", "3"), .keyNotFound),
        refused(
            10...11, .put(PutRequest(key: bytes("a"), value: [], ignoresValue: true)),
            .keyNotFound),
        refused(10...11, .put("a", "3"), .leaseNotFound),
        refused(10...11, .grant(4), .leaseExists),
        refused(10...11, .put("a", "3"), .emptyKey),
        refused(10...11, .swap("a", mod: 2, "3"), .duplicateKey),
    ])
    func `a refusal without a reason is found`(_ refusal: Operation) {
        expect(.wrongRefusal, twoWrites + [refusal], [[putEvent(a1)], [putEvent(a2)]])
    }

    // RELIABILITY B50: a lease is reported gone while its key is there.
    @Test func `a lease reported missing while a key is attached to it is found`() {
        let history = [
            done(0...1, .grant(7), 1, .granted(7)),
            done(2...5, .put("a", "1", lease: 7), 2, .put),
            refused(6...7, .put("b", "1", lease: 7), .leaseNotFound),
        ]
        expect(.wrongRefusal, history, [[putEvent(leased)]])
        // Where the key vanishes in time the refusal has its reason.
        let expired = History(history, log: [[putEvent(leased)], [deleteEvent("a", 3)]])
        #expect(expired.verdict == .ok)
    }
}
