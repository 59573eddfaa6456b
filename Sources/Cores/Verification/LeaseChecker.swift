package import Primitives
import StoreModel

/// What happened to a lease. Times are nanoseconds of the true clock.
package enum LeaseRecord: Sendable, Equatable {
    /// A grant was acknowledged.
    case granted(LeaseID, ttlSeconds: Int64, invokedAt: Int64, acknowledgedAt: Int64)
    /// A lease began: the first member applied its grant then. These records and `revoked` come in
    /// the order of the log.
    case began(LeaseID, ttlSeconds: Int64, at: Int64)
    /// A keep-alive was acknowledged with a TTL above zero.
    case renewed(LeaseID, ttlSeconds: Int64, invokedAt: Int64, acknowledgedAt: Int64)
    /// A keep-alive was answered that the lease does not exist (TTL zero).
    case renewalRefused(LeaseID, invokedAt: Int64, returnedAt: Int64)
    /// A revocation took effect: the first member applied it then, and the store's revision was
    /// `revision` afterwards. `byExpiry` if a member's clock asked for it, not a client.
    case revoked(LeaseID, at: Int64, revision: Revision, byExpiry: Bool)
}

/// Holds leases to L1–L3 of RELIABILITY.
package struct LeaseChecker: Sendable {
    private let versions: KeyVersions
    private let clockRateMax: Double

    /// Checks against this log of all events. Members' clocks run at most `clockRateMax` times as
    /// fast as the true one, so a lease may end after its TTL divided by that.
    package init(log: EventLog, clockRateMax: Double) {
        versions = KeyVersions(log)
        self.clockRateMax = clockRateMax
    }

    /// Checks all leases of a run.
    package func check(_ records: [LeaseRecord]) -> Verdict {
        var lives: [LeaseID: LeaseLife] = [:]
        for record in records { lives[record.lease, default: LeaseLife()].add(record) }
        do throws(Violation) {
            for lease in lives.keys.sorted() {
                try check(lease, lives[lease] ?? LeaseLife())
            }
            return .ok
        } catch {
            return .violation(error)
        }
    }

    private func check(_ lease: LeaseID, _ life: LeaseLife) throws(Violation) {
        var previousEnd = Int64.min
        for (number, end) in life.ends.enumerated() {
            var supports = life.supports.filter {
                $0.invokedAt > previousEnd && $0.invokedAt < end.at
                    && !life.isGrantedAgain(after: end.at, until: $0.acknowledgedAt)
            }
            if number < life.begins.count { supports.append(life.begins[number]) }
            if end.byExpiry { try checkKept(lease, supports, until: end.at) }
            try checkVanished(lease, end)
            previousEnd = end.at
        }
        for renewal in life.supports where renewal.isRenewal {
            try checkMayRenew(lease, renewal, life)
        }
        for refusal in life.refusals { try checkMayRefuse(lease, refusal, life) }
    }

    /// L1: not before the TTL has passed since the last acknowledged renewal. The server counts
    /// from some time after the request was sent, so from then on it is certain.
    private func checkKept(
        _ lease: LeaseID, _ supports: [LeaseLife.Support], until end: Int64
    ) throws(Violation) {
        for support in supports {
            let deadline = deadline(of: support)
            if end >= deadline { continue }
            throw Violation(
                .lease(.keptAlive),
                "lease \(lease) expired at \(end), but was "
                    + (support.isRenewal ? "renewed" : "granted") + " for \(support.ttlSeconds) s "
                    + "during \(support.invokedAt)…\(support.acknowledgedAt) and may not end "
                    + "before \(deadline)")
        }
    }

    private func deadline(of support: LeaseLife.Support) -> Int64 {
        let shortest = Double(support.ttlSeconds) * 1e9 / clockRateMax
        // Long TTLs leave the range of nanoseconds: they never end.
        guard shortest < 4e18 else { return .max }
        let (sum, isTooLarge) = support.invokedAt.addingReportingOverflow(Int64(shortest))
        return isTooLarge ? .max : sum
    }

    /// L2: nothing is attached to the lease once its revocation took effect.
    private func checkVanished(_ lease: LeaseID, _ end: LeaseLife.End) throws(Violation) {
        let left = versions.keys(attachedTo: lease, at: end.revision)
        if left.isEmpty { return }
        throw Violation(
            .lease(.vanishesAtOnce),
            "lease \(lease) was revoked at revision \(end.revision), but "
                + left.map(describe).joined(separator: ", ") + " is still attached then")
    }

    /// L3: no renewal of a revoked lease succeeds, unless it may have been granted again.
    private func checkMayRenew(
        _ lease: LeaseID, _ renewal: LeaseLife.Support, _ life: LeaseLife
    ) throws(Violation) {
        for end in life.ends where end.at < renewal.invokedAt {
            if life.isGrantedAgain(after: end.at, until: renewal.acknowledgedAt) { continue }
            throw Violation(
                .lease(.renewalErrors),
                "lease \(lease) was renewed during \(renewal.invokedAt)…"
                    + "\(renewal.acknowledgedAt), though revoked at \(end.at)")
        }
    }

    /// The other side of L1: a lease that cannot have ended is not reported as gone.
    private func checkMayRefuse(
        _ lease: LeaseID, _ refusal: LeaseLife.Refusal, _ life: LeaseLife
    ) throws(Violation) {
        if life.ends.contains(where: { $0.at <= refusal.returnedAt }) { return }
        for support in life.supports where support.acknowledgedAt < refusal.invokedAt {
            guard refusal.returnedAt < deadline(of: support) else { continue }
            throw Violation(
                .lease(.keptAlive),
                "lease \(lease) was reported gone at \(refusal.returnedAt), but nobody had "
                    + "revoked it and it may not end before \(deadline(of: support))")
        }
    }
}

/// All that happened to one lease identifier.
private struct LeaseLife {
    /// A grant or a renewal that was acknowledged.
    struct Support {
        var isRenewal: Bool
        var ttlSeconds: Int64
        var invokedAt: Int64
        var acknowledgedAt: Int64
    }

    struct Refusal {
        var invokedAt: Int64
        var returnedAt: Int64
    }

    struct End {
        var at: Int64
        var revision: Revision
        var byExpiry: Bool
    }

    var supports: [Support] = []
    /// When each life of the identifier began, and each ended, in order.
    var begins: [Support] = []
    var refusals: [Refusal] = []
    var ends: [End] = []

    /// Whether another life may have begun in that time.
    func isGrantedAgain(after end: Int64, until last: Int64) -> Bool {
        begins.contains { $0.invokedAt >= end && $0.invokedAt <= last }
    }

    mutating func add(_ record: LeaseRecord) {
        switch record {
        case .granted(_, let ttl, let invoked, let acknowledged):
            supports.append(
                Support(
                    isRenewal: false, ttlSeconds: ttl, invokedAt: invoked,
                    acknowledgedAt: acknowledged))
        case .began(_, let ttl, let at):
            begins.append(
                Support(isRenewal: false, ttlSeconds: ttl, invokedAt: at, acknowledgedAt: at))
        case .renewed(_, let ttl, let invoked, let acknowledged):
            supports.append(
                Support(
                    isRenewal: true, ttlSeconds: ttl, invokedAt: invoked,
                    acknowledgedAt: acknowledged))
        case .renewalRefused(_, let invoked, let returned):
            refusals.append(Refusal(invokedAt: invoked, returnedAt: returned))
        case .revoked(_, let at, let revision, let byExpiry):
            ends.append(End(at: at, revision: revision, byExpiry: byExpiry))
        }
    }
}

extension LeaseRecord {
    fileprivate var lease: LeaseID {
        switch self {
        case .granted(let id, _, _, _), .renewed(let id, _, _, _), .began(let id, _, _),
            .renewalRefused(let id, _, _), .revoked(let id, _, _, _):
            return id
        }
    }
}
