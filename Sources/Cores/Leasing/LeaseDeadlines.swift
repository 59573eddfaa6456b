package import Environment
package import Primitives
package import StoreModel

/// When leases expire, by the clock of the one member whose clock counts: the *primary*, a leader
/// that has applied the first entry of its term. On all other members it is empty.
///
/// What it promises (L1 of RELIABILITY): a lease is not named by `expired` before its time has
/// passed on this clock since the primary began, since the grant, and since the last renewal
/// that was acknowledged. The clock is read once a tick, so what happens between two readings
/// counts from the second one: a lease lives up to a tick too long and never too short, even
/// after a pause of the process.
///
/// A lease whose expiry was proposed is not renewed any more, since the proposal may take effect
/// after the client was told that it has more time.
package struct LeaseDeadlines: Sendable {
    /// What is known of a lease.
    private struct Lease: Sendable {
        var id: LeaseID
        var ttlSeconds: Int64
        /// Its time starts at the next reading of the clock, with so many seconds; nil while it
        /// runs.
        var startingSeconds: Int64?
        /// Its expiry was proposed.
        var isExpiring = false
        /// A checkpoint of it may be in the log, so that a new primary starts from less than the
        /// TTL.
        var isCheckpointed = false
        /// The checkpoint is being taken back.
        var isClearing = false
    }

    /// The term in which this member is the primary; nil if it isn't.
    package private(set) var term: Term?
    private let checkpointSeconds: Int64
    private let reproposalSeconds: Int64
    private var slots: [LeaseID: Int] = [:]
    private var leases: [Lease] = []
    private var freeSlots: [Int] = []
    /// When each lease expires, or is to be proposed again.
    private var expiries = DeadlineHeap()
    /// When each lease with a long TTL gets its next checkpoint.
    private var checkpoints = DeadlineHeap()
    /// Slots whose time starts at the next reading of the clock; some may be gone or twice in it.
    private var starting: [Int] = []
    /// The latest reading that anything of `starting` came with.
    private var startingSince = MonotonicInstant(nanoseconds: .min)

    /// Deadlines of a member that is not the primary. `checkpointSeconds`: how often leases with a
    /// longer TTL get a checkpoint (etcd: 5 minutes). `reproposalSeconds`: when the expiry of a
    /// lease that is still there is proposed again (etcd: 3 s). Both at least 1.
    package init(checkpointSeconds: Int64 = 300, reproposalSeconds: Int64 = 3) {
        self.checkpointSeconds = checkpointSeconds
        self.reproposalSeconds = reproposalSeconds
    }

    /// Whether this member's clock counts.
    package var isPrimary: Bool { term != nil }

    /// How many leases have deadlines here.
    package var count: Int { slots.count }

    /// This member becomes the primary of `term`, with all leases of the store; what it knew
    /// before is forgotten. Each lease gets its checkpointed time (`remainingSeconds` above zero)
    /// or its whole TTL from now on: the old primary may have renewed it a moment ago.
    package mutating func promote(
        term: Term,
        leases terms: [(id: LeaseID, ttlSeconds: Int64, remainingSeconds: Int64)],
        now: MonotonicInstant
    ) {
        demote()
        self.term = term
        for (id, ttlSeconds, remainingSeconds) in terms {
            add(id, ttlSeconds: ttlSeconds, now: now)
            guard remainingSeconds > 0, let slot = slots[id] else { continue }
            leases[slot].startingSeconds = min(remainingSeconds, ttlSeconds)
            leases[slot].isCheckpointed = true
        }
    }

    /// This member's clock no longer counts.
    package mutating func demote() {
        term = nil
        slots = [:]
        leases = []
        freeSlots = []
        expiries.removeAll()
        checkpoints.removeAll()
        starting = []
        startingSince = MonotonicInstant(nanoseconds: .min)
    }

    /// A grant was applied.
    package mutating func granted(
        _ lease: LeaseID, ttlSeconds: Int64, now: MonotonicInstant
    ) {
        guard isPrimary else { return }
        revoked(lease)
        add(lease, ttlSeconds: ttlSeconds, now: now)
    }

    /// The lease is gone, revoked or expired.
    package mutating func revoked(_ lease: LeaseID) {
        guard let slot = slots.removeValue(forKey: lease) else { return }
        expiries.remove(slot)
        checkpoints.remove(slot)
        leases[slot] = Lease(id: .zero, ttlSeconds: 0)
        freeSlots.append(slot)
    }

    /// Gives a lease its whole TTL again and answers it, in seconds. To be called once this
    /// member's leadership was confirmed after the client asked, and behind the taking back of a
    /// checkpoint if `needsCheckpointClear` asked for that. Nil if the lease is not known or its
    /// expiry was proposed: it counts as gone (etcd #20615).
    package mutating func renew(_ lease: LeaseID, now: MonotonicInstant) -> Int64? {
        guard let slot = slots[lease], !leases[slot].isExpiring else { return nil }
        leases[slot].isCheckpointed = false
        leases[slot].isClearing = false
        start(slot, seconds: leases[slot].ttlSeconds, now: now)
        return leases[slot].ttlSeconds
    }

    /// Seconds until the lease expires, rounded down, 0 once its time has passed; nil if it is not
    /// known.
    package func remaining(_ lease: LeaseID, now: MonotonicInstant) -> Int64? {
        guard let slot = slots[lease] else { return nil }
        if let seconds = leases[slot].startingSeconds { return seconds }
        if leases[slot].isExpiring { return 0 }
        return remainingNanoseconds(slot, now) / 1_000_000_000
    }

    /// Leases whose time has passed, the earliest first, at most `max`. Each is named again
    /// after a while if it has not been `revoked` by then: the proposal may have been lost. To be
    /// called at each reading of the clock; `now` is that reading.
    package mutating func expired(now: MonotonicInstant, max: Int) -> [LeaseID] {
        startClocks(now)
        var expired: [LeaseID] = []
        while expired.count < max, let (slot, time) = expiries.first, time <= now.nanoseconds {
            expired.append(leases[slot].id)
            leases[slot].isExpiring = true
            checkpoints.remove(slot)
            expiries.set(slot, to: Self.time(now, after: reproposalSeconds))
        }
        return expired
    }

    /// Remaining times to be written to the log, rounded up, at most `max`: of each lease with a
    /// TTL above the checkpoint interval, once in that interval. `now` as for `expired`.
    package mutating func checkpointsDue(now: MonotonicInstant, max: Int) -> [LeaseCheckpoint] {
        startClocks(now)
        var due: [LeaseCheckpoint] = []
        while due.count < max, let (slot, time) = checkpoints.first, time <= now.nanoseconds {
            let remaining = remainingNanoseconds(slot, now)
            let seconds = remaining / 1_000_000_000 + (remaining % 1_000_000_000 > 0 ? 1 : 0)
            scheduleCheckpoint(slot, now)
            // A lease that expires now needs none; zero would mean its whole TTL.
            guard seconds > 0 else { continue }
            leases[slot].isCheckpointed = true
            due.append(LeaseCheckpoint(id: leases[slot].id, remainingSeconds: seconds))
        }
        return due
    }

    /// Whether a checkpoint may be in the log, which must be taken back (a checkpoint of zero
    /// seconds) before a renewal is acknowledged: a new primary would start from it. From then
    /// until the renewal no other checkpoint is due, which could come behind the taking back.
    package mutating func needsCheckpointClear(_ lease: LeaseID) -> Bool {
        guard let slot = slots[lease], leases[slot].isCheckpointed, !leases[slot].isExpiring
        else { return false }
        leases[slot].isClearing = true
        checkpoints.remove(slot)
        return true
    }

    /// Checks what must hold between the parts; costly, for the simulator and tests.
    package func checkInvariants() {
        invariant(isPrimary || slots.isEmpty, "deadlines are kept without being the primary")
        invariant(expiries.isConsistent && checkpoints.isConsistent, "a heap is out of order")
        invariant(
            leases.count - freeSlots.count == slots.count, "slots of leases are counted wrong")
        let listed = Set(starting)
        var startingCount = 0
        for slot in leases.indices where leases[slot].startingSeconds != nil {
            startingCount += 1
            invariant(
                expiries[slot] == nil && listed.contains(slot),
                "lease \(leases[slot].id) starts and runs at once")
        }
        invariant(
            expiries.count + startingCount == slots.count,
            "\(slots.count) leases, but \(expiries.count) run and \(startingCount) start")
    }
}

extension LeaseDeadlines {
    private mutating func add(_ id: LeaseID, ttlSeconds: Int64, now: MonotonicInstant) {
        let lease = Lease(id: id, ttlSeconds: ttlSeconds)
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            leases[free] = lease
        } else {
            slot = leases.count
            leases.append(lease)
        }
        slots[id] = slot
        start(slot, seconds: ttlSeconds, now: now)
    }

    /// Lets a lease's time start anew at the next reading of the clock.
    private mutating func start(_ slot: Int, seconds: Int64, now: MonotonicInstant) {
        if leases[slot].startingSeconds == nil { starting.append(slot) }
        leases[slot].startingSeconds = seconds
        startingSince = max(startingSince, now)
        expiries.remove(slot)
        checkpoints.remove(slot)
    }

    /// Starts what came before this reading of the clock.
    private mutating func startClocks(_ now: MonotonicInstant) {
        guard !starting.isEmpty, now > startingSince else { return }
        for slot in starting {
            guard let seconds = leases[slot].startingSeconds else { continue }
            leases[slot].startingSeconds = nil
            expiries.set(slot, to: Self.time(now, after: seconds))
            scheduleCheckpoint(slot, now)
        }
        starting.removeAll(keepingCapacity: true)
    }

    private mutating func scheduleCheckpoint(_ slot: Int, _ now: MonotonicInstant) {
        if leases[slot].ttlSeconds > checkpointSeconds, !leases[slot].isClearing {
            checkpoints.set(slot, to: Self.time(now, after: checkpointSeconds))
        }
    }

    /// From now to the lease's expiry; not negative.
    private func remainingNanoseconds(_ slot: Int, _ now: MonotonicInstant) -> Int64 {
        let (rest, isTooLarge) = (expiries[slot] ?? 0).subtractingReportingOverflow(
            now.nanoseconds)
        return isTooLarge ? .max : max(0, rest)
    }

    /// The reading `seconds` later; the largest one, which no clock reaches, if it is beyond.
    private static func time(_ now: MonotonicInstant, after seconds: Int64) -> Int64 {
        let (span, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (time, isTooLate) = now.nanoseconds.addingReportingOverflow(span)
        return isTooLong || isTooLate ? .max : time
    }
}
