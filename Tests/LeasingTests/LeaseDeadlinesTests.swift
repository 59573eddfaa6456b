import Environment
import Leasing
import Primitives
import Testing

/// Seconds after the start of the clock.
func at(_ seconds: Double) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
}

/// A primary of term 1 with one clock reading behind it.
func primary(
    _ leases: [(id: LeaseID, ttlSeconds: Int64, remainingSeconds: Int64)] = [], now: Double = 0
) -> LeaseDeadlines {
    var deadlines = LeaseDeadlines()
    deadlines.promote(term: Term(1), leases: leases, now: at(now))
    return deadlines
}

extension LeaseDeadlines {
    /// Reads the clock; answers the leases that expired, as numbers.
    mutating func read(_ seconds: Double, max: Int = 1_000) -> [Int64] {
        let expired = expired(now: at(seconds), max: max)
        checkInvariants()
        return expired.map(\.rawValue)
    }

    /// The checkpoints due, as numbers.
    mutating func due(_ seconds: Double, max: Int = 1_000) -> [[Int64]] {
        let due = checkpointsDue(now: at(seconds), max: max)
        checkInvariants()
        return due.map { [$0.id.rawValue, $0.remainingSeconds] }
    }
}

private let one = LeaseID(1)
private let two = LeaseID(2)

@Suite struct `Lease deadlines` {
    @Test func `a lease expires when its TTL has passed`() {
        var deadlines = primary()
        deadlines.granted(one, ttlSeconds: 10, now: at(0))
        #expect(deadlines.read(0.1).isEmpty)
        #expect(deadlines.read(10).isEmpty)
        #expect(deadlines.read(10.1) == [1])
    }

    // L1: what happens between two readings of the clock counts from the second, however long
    // the process was paused in between.
    @Test func `a renewal counts from the next reading of the clock`() {
        var deadlines = primary()
        deadlines.granted(one, ttlSeconds: 10, now: at(0))
        _ = deadlines.read(1)
        #expect(deadlines.renew(one, now: at(1)) == 10)
        #expect(deadlines.read(1).isEmpty)
        #expect(deadlines.remaining(one, now: at(1)) == 10)
        #expect(deadlines.read(9).isEmpty)
        #expect(deadlines.read(18.9).isEmpty)
        #expect(deadlines.read(19) == [1])
    }

    @Test func `remaining time is rounded down and never negative`() {
        var deadlines = primary([(one, 10, 0)])
        #expect(deadlines.remaining(one, now: at(0)) == 10)
        _ = deadlines.read(1)
        #expect(deadlines.remaining(one, now: at(1)) == 10)
        #expect(deadlines.remaining(one, now: at(1.1)) == 9)
        #expect(deadlines.remaining(one, now: at(10.9)) == 0)
        #expect(deadlines.remaining(one, now: at(100)) == 0)
        #expect(deadlines.read(100) == [1])
        #expect(deadlines.remaining(one, now: at(100)) == 0)
        #expect(deadlines.remaining(two, now: at(100)) == nil)
    }

    // RELIABILITY B50: no renewal succeeds for a lease that is gone or about to go.
    @Test func `a lease whose expiry was proposed is not renewed`() {
        var deadlines = primary([(one, 10, 0), (two, 20, 0)])
        _ = deadlines.read(1)
        #expect(deadlines.read(11) == [1])
        #expect(deadlines.renew(one, now: at(11)) == nil)
        #expect(deadlines.needsCheckpointClear(one) == false)
        deadlines.revoked(one)
        #expect(deadlines.renew(one, now: at(11)) == nil)
        #expect(deadlines.renew(two, now: at(11)) == 20)
        #expect(deadlines.renew(LeaseID(9), now: at(11)) == nil)
    }

    @Test func `a lease that is overdue but was not named yet can still be renewed`() {
        var deadlines = primary([(one, 10, 0)])
        _ = deadlines.read(1)
        #expect(deadlines.renew(one, now: at(30)) == 10)
        #expect(deadlines.read(31).isEmpty)
        #expect(deadlines.read(41) == [1])
    }

    @Test func `an expiry whose proposal was lost is named again after a while`() {
        var deadlines = primary([(one, 10, 0)])
        _ = deadlines.read(1)
        #expect(deadlines.read(11) == [1])
        #expect(deadlines.read(12).isEmpty)
        #expect(deadlines.read(13.9).isEmpty)
        #expect(deadlines.read(14) == [1])
        deadlines.revoked(one)
        #expect(deadlines.read(100).isEmpty)
        #expect(deadlines.count == 0)
    }

    @Test func `a lease that is granted again under its identifier starts afresh`() {
        var deadlines = primary([(one, 10, 5)])
        _ = deadlines.read(1)
        #expect(deadlines.read(6) == [1])
        deadlines.granted(one, ttlSeconds: 20, now: at(6))
        #expect(deadlines.needsCheckpointClear(one) == false)
        #expect(deadlines.read(7).isEmpty)
        #expect(deadlines.renew(one, now: at(7)) == 20)
        #expect(deadlines.read(8).isEmpty)
        #expect(deadlines.read(27.9).isEmpty)
        #expect(deadlines.read(28) == [1])
    }

    @Test func `a hundred thousand leases that expire at once come in slices`() {
        let ids = (Int64(1)...100_000).map { (LeaseID($0), Int64(10), Int64(0)) }
        var deadlines = LeaseDeadlines()
        deadlines.promote(term: Term(1), leases: ids, now: at(0))
        #expect(deadlines.expired(now: at(1), max: 1_000).isEmpty)
        var named: Set<LeaseID> = []
        for _ in 0..<100 {
            let slice = deadlines.expired(now: at(11), max: 1_000)
            #expect(slice.count == 1_000)
            named.formUnion(slice)
        }
        #expect(named.count == 100_000)
        #expect(deadlines.expired(now: at(11), max: 1_000).isEmpty)
        for id in named { deadlines.revoked(id) }
        #expect(deadlines.count == 0)
        deadlines.checkInvariants()
    }

    @Test func `the earliest deadlines come first`() {
        var deadlines = primary([(LeaseID(3), 30, 0), (one, 10, 0), (two, 20, 0)])
        _ = deadlines.read(1)
        #expect(deadlines.read(100, max: 2) == [1, 2])
        #expect(deadlines.read(100, max: 2) == [3])
    }

    @Test(arguments: [9_000_000_000, Int64.max, 9_223_372_036])
    func `the longest TTLs don't overflow`(_ ttl: Int64) {
        let late = MonotonicInstant(nanoseconds: 1 << 62)
        var deadlines = LeaseDeadlines()
        deadlines.promote(term: Term(1), leases: [(one, ttl, 0), (two, ttl, ttl)], now: late)
        #expect(deadlines.remaining(one, now: late) == ttl)
        let next = late.adding(seconds: 1)
        #expect(deadlines.expired(now: next, max: 10).isEmpty)
        #expect(deadlines.remaining(one, now: next)! > 4_000_000_000)
        #expect(deadlines.renew(one, now: next) == ttl)
        #expect(deadlines.checkpointsDue(now: next.adding(seconds: 301), max: 10).count == 1)
        #expect(deadlines.expired(now: next.adding(seconds: 1_000_000_000), max: 10).isEmpty)
        deadlines.checkInvariants()
    }

    @Test func `a clock that starts far below zero is fine`() {
        let early = MonotonicInstant(nanoseconds: .min + 1)
        var deadlines = LeaseDeadlines()
        deadlines.promote(term: Term(1), leases: [(one, 9_000_000_000, 0)], now: early)
        #expect(deadlines.expired(now: early.adding(seconds: 1), max: 1).isEmpty)
        #expect(deadlines.remaining(one, now: early.adding(seconds: 11)) == 8_999_999_990)
    }
}

@Suite struct `The primary's deadlines` {
    // RELIABILITY B50: an old leader's clock counts for nothing (etcd #15247).
    @Test func `a member that is not the primary names and renews nothing`() {
        var deadlines = primary([(one, 10, 0), (two, 1_000, 0)])
        #expect(deadlines.isPrimary)
        #expect(deadlines.term == Term(1))
        _ = deadlines.read(1)
        deadlines.demote()
        #expect(!deadlines.isPrimary)
        #expect(deadlines.read(100).isEmpty)
        #expect(deadlines.due(1_000).isEmpty)
        #expect(deadlines.renew(one, now: at(2)) == nil)
        deadlines.granted(one, ttlSeconds: 10, now: at(2))
        deadlines.revoked(one)
        #expect(deadlines.count == 0)
    }

    @Test func `a new primary gives every lease its whole time from then on`() {
        var deadlines = primary([(one, 10, 0)])
        _ = deadlines.read(1)
        #expect(deadlines.read(11) == [1])
        deadlines.promote(term: Term(2), leases: [(one, 10, 0)], now: at(12))
        #expect(deadlines.renew(one, now: at(12)) == 10)
        #expect(deadlines.read(13).isEmpty)
        #expect(deadlines.read(22.9).isEmpty)
        #expect(deadlines.read(23) == [1])
    }

    // RELIABILITY B50: with checkpoints a change of the leader does not reset a long TTL.
    @Test func `a new primary starts from the checkpoint`() {
        var deadlines = primary([(one, 1_000, 200), (two, 1_000, 5_000)])
        #expect(deadlines.remaining(one, now: at(0)) == 200)
        #expect(deadlines.remaining(two, now: at(0)) == 1_000)
        _ = deadlines.read(1)
        #expect(deadlines.read(200.9).isEmpty)
        #expect(deadlines.read(201) == [1])
    }

    @Test func `leases with long TTLs are checkpointed every five minutes, rounded up`() {
        var deadlines = primary([(one, 1_000, 0), (two, 300, 0)])
        #expect(deadlines.due(1).isEmpty)
        #expect(deadlines.due(300.9).isEmpty)
        #expect(deadlines.due(301.5) == [[1, 700]])
        #expect(deadlines.due(302).isEmpty)
        #expect(deadlines.due(601.5) == [[1, 400]])
        #expect(deadlines.due(901.5) == [[1, 100]])
        #expect(deadlines.read(1_001) == [2, 1])
        #expect(deadlines.due(1_300).isEmpty)
    }

    @Test func `checkpoints come in slices`() {
        var deadlines = primary((1...10).map { (LeaseID($0), 1_000, 0) })
        _ = deadlines.read(1)
        let counts = (0..<4).map { _ in deadlines.due(302, max: 4).count }
        #expect(counts == [4, 4, 2, 0])
    }

    // RELIABILITY B50: a renewal that was acknowledged must not be forgotten by the next primary.
    @Test func `a checkpoint is taken back before a renewal, and none comes in between`() {
        var deadlines = primary([(one, 1_000, 0)])
        _ = deadlines.read(1)
        #expect(deadlines.needsCheckpointClear(one) == false)
        #expect(deadlines.due(301) == [[1, 700]])
        #expect(deadlines.needsCheckpointClear(one) == true)
        #expect(deadlines.due(601).isEmpty)
        #expect(deadlines.needsCheckpointClear(one) == true)
        #expect(deadlines.renew(one, now: at(601)) == 1_000)
        #expect(deadlines.needsCheckpointClear(one) == false)
        #expect(deadlines.due(602).isEmpty)
        #expect(deadlines.due(902) == [[1, 700]])
        #expect(deadlines.needsCheckpointClear(two) == false)
    }

    @Test func `a checkpoint that a new primary found is taken back as well`() {
        var deadlines = primary([(one, 1_000, 400)])
        #expect(deadlines.needsCheckpointClear(one) == true)
        #expect(deadlines.due(1).isEmpty)
        #expect(deadlines.due(350).isEmpty)
        #expect(deadlines.renew(one, now: at(350)) == 1_000)
        #expect(deadlines.due(351).isEmpty)
        #expect(deadlines.due(651) == [[1, 700]])
    }
}
