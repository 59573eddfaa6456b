import Primitives
import StoreModel
import Testing

@testable import Verification

/// The Wing-Gong-Lowe search (RELIABILITY C2 (b)).
@Suite struct `Linearizability search` {
    private let a1 = new("a", "1", 2)
    private let a2 = kv("a", "2", create: 2, mod: 3, version: 2)

    private func verdicts(_ operations: [Operation]) -> [Verdict] {
        [LinearizabilityChecker.Scope.wholeStore, .perKeyIfPossible].map { scope in
            LinearizabilityChecker(stepsMax: 10_000, scope: scope).check(operations)
        }
    }

    private func expectOK(
        _ operations: [Operation], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(verdicts(operations) == [.ok, .ok], sourceLocation: sourceLocation)
    }

    private func expectViolation(
        _ operations: [Operation], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for verdict in verdicts(operations) {
            #expect(
                verdict.violation?.kind == .notLinearizable, "\(verdict)",
                sourceLocation: sourceLocation)
        }
    }

    @Test func `concurrent operations may stand in any order that explains them`() {
        expectOK([
            done(0...10, .put("a", "2"), 3, .put), done(1...9, .put("a", "1"), 2, .put),
            done(2...8, .get("a"), 1, .found()), done(11...12, .get("a"), 3, .found(a2)),
        ])
    }

    @Test func `a stale read is not linearizable`() {
        expectViolation([
            done(0...5, .put("a", "1"), 2, .put), done(6...9, .get("a"), 1, .found()),
        ])
    }

    // Herlihy and Wing 1990, figure 1: once a read has seen a write, later ones do.
    @Test func `reads never go back`() {
        expectViolation([
            done(0...100, .put("a", "1"), 2, .put), done(10...20, .get("a"), 2, .found(a1)),
            done(30...40, .get("a"), 1, .found()),
        ])
    }

    @Test func `a write without an answer stands after its invocation or nowhere`() {
        expectOK([lost(0, .put("a", "1")), done(6...9, .get("a"), 2, .found(a1))])
        expectOK([lost(0, .put("a", "1")), done(6...9, .get("a"), 1, .found())])
        expectViolation([
            done(0...5, .get("a"), 2, .found(a1)), lost(6, .put("a", "1")),
        ])
    }

    @Test func `a write without an answer stands once`() {
        expectViolation([
            lost(0, .put("a", "1")), done(10...12, .get("a"), 2, .found(a1)),
            done(20...22, .delete("a"), 3, .deleted(1)),
            done(30...32, .get("a"), 4, .found(new("a", "1", 4))),
        ])
    }

    @Test func `an unanswered write's revision is learned from the first read`() {
        let swap = HistoryRequest.swap("a", mod: 2, "2")
        expectOK([
            lost(0, .put("a", "1")), done(10...12, .get("a"), 2, .found(a1)),
            done(20...22, swap, 3, .swapped), done(30...32, .get("a"), 3, .found(a2)),
        ])
        expectViolation([
            lost(0, .put("a", "1")), done(10...12, .get("a"), 2, .found(a1)),
            done(13...14, .get("a"), 3, .found(kv("a", "1", create: 3, mod: 3, version: 1))),
        ])
    }

    @Test func `serializable reads are left out`() {
        expectOK([
            done(0...5, .put("a", "1"), 2, .put),
            done(6...9, .get("a", serializable: true), 1, .found()),
        ])
    }

    @Test func `refusals and leases are judged by the whole store`() {
        expectOK([
            done(0...1, .grant(0), 1, .granted(7)),
            done(2...3, .put("a", "1", lease: 7), 2, .put),
            done(4...5, .revoke(7), 3, .leaseRevoke),
            refused(6...7, .put("a", "1", lease: 7), .leaseNotFound),
            done(8...9, .get("a", at: 2), 3, .found(new("a", "1", 2, lease: 7))),
            done(10...11, .compact(Revision(3)), 3, .compact),
            refused(12...13, .get("a", at: 2), .compacted(floor: Revision(3))),
            refused(14...15, .put("a", "2"), .noSpace),
        ])
        expectViolation([
            done(0...1, .grant(7), 1, .granted(7)),
            refused(2...3, .put("a", "1", lease: 7), .leaseNotFound),
        ])
        expectViolation([
            done(0...1, .put("a", "1", lease: 7), 2, .put),
                done(2...3, .revoke(7), 3, .leaseRevoke),
        ])
    }

    @Test func `an expiry can be given as a revocation without an answer`() {
        expectOK([
            done(0...1, .grant(7), 1, .granted(7)),
            done(2...3, .put("a", "1", lease: 7), 2, .put), lost(1, .revoke(7)),
            done(8...9, .get("a"), 3, .found()),
        ])
    }

    @Test func `a search that uses up its budget is inconclusive, always at the same step`() {
        let operations = (0..<12).map { lost($0, .put("a", "\($0)")) } + [
            done(20...30, .get("a"), 2, .found(new("a", "x", 2)))
        ]
        for _ in 0..<2 {
            let verdict = LinearizabilityChecker(stepsMax: 500).check(operations)
            #expect(verdict == .inconclusive(steps: 500))
        }
    }

    @Test func `a long history with little concurrency is cheap`() {
        let history = ToyStore.history(seed: 1, bug: .none, count: 1_000)
        let verdict = LinearizabilityChecker(stepsMax: 50_000, scope: .wholeStore)
            .check(history.operations)
        #expect(verdict == .ok)
    }
}
