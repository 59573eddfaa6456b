import Environment
import Leasing
import Primitives
import StoreModel
import Testing

/// Random runs of two members that take turns as the primary over one replicated log, under a
/// true time that their clocks are read at only now and then.
struct LeaseSchedule {
    private enum Entry {
        case expire([LeaseID], term: UInt64)
        case checkpoint([LeaseCheckpoint])
        /// Takes a checkpoint back for a client that waits for its renewal.
        case clear(LeaseID, term: UInt64)
    }

    private struct Lease {
        var ttlSeconds: Int64
        var remainingSeconds: Int64 = 0
        /// True time of the last grant or acknowledged renewal.
        var supportedAt: Double
    }

    private var random: SplitMix64
    private var time = 0.0
    private var term: UInt64 = 1
    private var primary = LeaseDeadlines(checkpointSeconds: 4, reproposalSeconds: 3)
    /// The primary's last reading of its clock.
    private var now = at(0)
    /// What its clock showed at true time zero.
    private var offset = 0.0
    private var log: [Entry] = []
    private var leases: [LeaseID: Lease] = [:]
    private var lastID = LeaseID.zero
    private(set) var violations: [String] = []
    private(set) var revokedCount = 0
    private(set) var renewedCount = 0
    private(set) var clearedCount = 0

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        primary.promote(term: Term(1), leases: [], now: now)
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            time += Double(random.below(100)) / 100
            switch random.below(20) {
            case 0..<8: tick()
            case 8..<10: grant()
            case 10..<14: keepAlive()
            case 14..<18: if !log.isEmpty { apply(log.removeFirst()) }
            case 18:
                // The proposal is lost, or the process is paused.
                if !log.isEmpty, random.chance(0.5) { log.removeLast() }
                time += Double(random.below(8))
            default: if random.chance(0.3) { changeLeader() }
            }
            primary.checkInvariants()
        }
        finish()
    }

    private mutating func tick() {
        now = at(time + offset)
        let expired = primary.expired(now: now, max: 3)
        if !expired.isEmpty { log.append(.expire(expired, term: term)) }
        let checkpoints = primary.checkpointsDue(now: now, max: 3)
        if !checkpoints.isEmpty { log.append(.checkpoint(checkpoints)) }
    }

    private mutating func grant() {
        guard leases.count < 12 else { return }
        lastID = lastID.next
        let id = lastID
        let ttl = Int64(2 + random.below(18))
        leases[id] = Lease(ttlSeconds: ttl, supportedAt: time)
        primary.granted(id, ttlSeconds: ttl, now: now)
    }

    private mutating func keepAlive() {
        guard !leases.isEmpty else { return }
        let id = leases.keys.sorted()[random.below(leases.count)]
        if primary.needsCheckpointClear(id) {
            log.append(.clear(id, term: term))
        } else {
            renew(id)
        }
    }

    private mutating func renew(_ id: LeaseID) {
        guard leases[id] != nil, primary.renew(id, now: now) != nil else { return }
        leases[id]?.supportedAt = time
        renewedCount += 1
    }

    private mutating func apply(_ entry: Entry) {
        switch entry {
        case .checkpoint(let checkpoints):
            for checkpoint in checkpoints {
                leases[checkpoint.id]?.remainingSeconds = checkpoint.remainingSeconds
            }
        case .clear(let id, let asked):
            leases[id]?.remainingSeconds = 0
            guard asked == term else { return }
            clearedCount += 1
            renew(id)
        case .expire(let expired, _):
            for id in expired { revoke(id) }
        }
    }

    private mutating func revoke(_ id: LeaseID) {
        guard let lease = leases.removeValue(forKey: id) else { return }
        primary.revoked(id)
        revokedCount += 1
        if time < lease.supportedAt + Double(lease.ttlSeconds) {
            violations.append(
                "lease \(id) of \(lease.ttlSeconds) s ended at \(time), though supported at "
                    + "\(lease.supportedAt)")
        }
    }

    /// Another member with another clock takes over, with a prefix of what is in the log.
    private mutating func changeLeader() {
        primary.demote()
        term += 1
        for _ in 0..<random.below(log.count + 1) { apply(log.removeFirst()) }
        log = []
        offset = Double(random.below(100_000)) - 50_000
        // Its last reading may be long ago.
        now = at(time + offset - Double(random.below(300)) / 100)
        let terms = leases.keys.sorted().map { id in
            (id: id, ttlSeconds: leases[id]!.ttlSeconds,
             remainingSeconds: leases[id]!.remainingSeconds)
        }
        primary.promote(term: Term(term), leases: terms, now: now)
    }

    /// Nobody renews any more: every lease ends, within its TTL, a tick and a proposal's loss.
    private mutating func finish() {
        for _ in 0..<60 {
            time += 0.5
            tick()
            while !log.isEmpty { apply(log.removeFirst()) }
        }
        if !leases.isEmpty { violations.append("\(leases.count) leases never end") }
        if primary.count != 0 { violations.append("\(primary.count) deadlines leak") }
    }
}

@Suite struct `Leases under changing leaders` {
    // RELIABILITY B50: no acknowledged renewal is forgotten, by no change of the leader, pause or
    // lost proposal, and no lease lives for ever.
    @Test func `no lease ends before its time, and each ends`() {
        var revoked = 0
        var renewed = 0
        var cleared = 0
        for seed in UInt64(0)..<200 {
            var schedule = LeaseSchedule(seed: seed)
            schedule.run(steps: 400)
            #expect(schedule.violations.isEmpty, "seed \(seed): \(schedule.violations)")
            revoked += schedule.revokedCount
            renewed += schedule.renewedCount
            cleared += schedule.clearedCount
        }
        #expect(revoked > 1_000)
        #expect(renewed > 1_000)
        #expect(cleared > 100)
    }
}
