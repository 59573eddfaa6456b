import Primitives
import StoreModel
import Testing

@testable import Verification

/// L1–L3 of RELIABILITY C1, and B50.
@Suite struct `Lease histories` {
    private let lease = LeaseID(7)
    private let second: Int64 = 1_000_000_000

    /// Two keys attached at revisions 2 and 3; both deleted at 4.
    private let log = History(
        [],
        log: [
            [putEvent(new("a", "1", 2, lease: 7))], [putEvent(new("b", "1", 3, lease: 7))],
            [deleteEvent("a", 4), deleteEvent("b", 4)],
        ]
    ).log

    private func verdict(_ records: [LeaseRecord], clockRateMax: Double = 2) -> Violation.Kind? {
        LeaseChecker(log: log, clockRateMax: clockRateMax).check(records).violation?.kind
    }

    private func granted(_ start: Int64, ttl: Int64 = 10) -> LeaseRecord {
        .granted(
            lease, ttlSeconds: ttl, invokedAt: start * second,
            acknowledgedAt: start * second + 1)
    }

    private func began(_ at: Int64, ttl: Int64 = 10) -> LeaseRecord {
        .began(lease, ttlSeconds: ttl, at: at * second)
    }

    private func renewed(_ start: Int64, ttl: Int64 = 10) -> LeaseRecord {
        .renewed(
            lease, ttlSeconds: ttl, invokedAt: start * second,
            acknowledgedAt: start * second + 1)
    }

    private func ended(_ at: Int64, _ revision: Int64 = 4, byExpiry: Bool = true) -> LeaseRecord {
        .revoked(lease, at: at * second, revision: Revision(revision), byExpiry: byExpiry)
    }

    @Test func `L1 a lease lives for its TTL, shortened by the fastest clock`() {
        #expect(verdict([granted(0), ended(5)]) == nil)
        #expect(verdict([granted(0), ended(4)]) == .lease(.keptAlive))
        #expect(verdict([granted(0), ended(9)], clockRateMax: 1) == .lease(.keptAlive))
        #expect(verdict([granted(0), ended(10)], clockRateMax: 1) == nil)
    }

    // RELIABILITY B50: an old leader, which did not see the renewal, revokes the lease.
    @Test func `L1 an acknowledged renewal prolongs a lease`() {
        #expect(verdict([granted(0), renewed(4), ended(8)]) == .lease(.keptAlive))
        #expect(verdict([granted(0), renewed(4), ended(9)]) == nil)
    }

    @Test func `L1 a client may revoke a lease at any time`() {
        #expect(verdict([granted(0), ended(1, byExpiry: false)]) == nil)
    }

    @Test func `L1 the longest TTL does not overflow`() {
        #expect(
            verdict([granted(0, ttl: 9_000_000_000), ended(100)]) == .lease(.keptAlive))
    }

    @Test func `L1 a living lease is not reported gone`() {
        let refusal = LeaseRecord.renewalRefused(
            lease, invokedAt: 3 * second, returnedAt: 3 * second + 5)
        #expect(verdict([granted(0), refusal]) == .lease(.keptAlive))
        #expect(verdict([granted(0), refusal, ended(2, byExpiry: false)]) == nil)
        let late = LeaseRecord.renewalRefused(
            lease, invokedAt: 6 * second, returnedAt: 6 * second + 5)
        #expect(verdict([granted(0), late]) == nil)
    }

    @Test func `L2 no key stays attached to a revoked lease`() {
        #expect(verdict([granted(0), ended(20, 3)]) == .lease(.vanishesAtOnce))
        #expect(verdict([granted(0), ended(20, 4)]) == nil)
    }

    // RELIABILITY B50: a renewal succeeds for a revoked lease.
    @Test func `L3 a renewal of a revoked lease errors`() {
        #expect(verdict([granted(0), ended(20), renewed(21)]) == .lease(.renewalErrors))
        #expect(verdict([began(0), ended(20), began(21), renewed(22)]) == nil)
    }

    // The second life may last as long as if there had been no first one.
    @Test func `L1 each life of an identifier lasts for its TTL`() {
        let first = [began(0), ended(1, byExpiry: false)]
        #expect(verdict(first + [began(1), ended(2)]) == .lease(.keptAlive))
        #expect(verdict(first + [began(1), ended(6)]) == nil)
        #expect(verdict(first + [began(1), ended(1)]) == .lease(.keptAlive))
        // A grant on its way when the first life ended is the second one's.
        let racing = LeaseRecord.granted(
            lease, ttlSeconds: 10, invokedAt: 19 * second, acknowledgedAt: 21 * second)
        #expect(verdict([began(0), racing, ended(20), began(21)]) == nil)
        #expect(verdict([began(0), racing, ended(20)]) == .lease(.keptAlive))
    }

    @Test func `L3 a renewal on its way while the lease is revoked may succeed`() {
        let racing = LeaseRecord.renewed(
            lease, ttlSeconds: 10, invokedAt: 20 * second - 1, acknowledgedAt: 21 * second)
        #expect(verdict([granted(0), racing, ended(20, byExpiry: false)]) == nil)
    }
}
