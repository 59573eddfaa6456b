internal import Primitives
internal import Raft
internal import ReplicatedStore
internal import StoreModel
internal import Verification

/// Which leases exist, by the commands that were applied first.
struct LeaseTruth {
    /// The leases that exist, with the entries that granted them.
    private(set) var alive: [LeaseID: LogIndex] = [:]
    /// All that began and ended, in the order of the log.
    private(set) var records: [LeaseRecord] = []
    private var known: Set<LeaseID> = []

    /// A lease came to be; answers whether its identifier was in use before.
    mutating func grant(
        _ lease: LeaseID, ttlSeconds: Int64, by index: LogIndex, at time: Int64
    ) -> Bool {
        alive[lease] = index
        records.append(.began(lease, ttlSeconds: ttlSeconds, at: time))
        return !known.insert(lease).inserted
    }

    /// A lease ended; answers whether there was one.
    @discardableResult
    mutating func end(
        _ lease: LeaseID, at time: Int64, revision: Revision, byExpiry: Bool
    ) -> Bool {
        guard alive.removeValue(forKey: lease) != nil else { return false }
        records.append(.revoked(lease, at: time, revision: revision, byExpiry: byExpiry))
        return true
    }
}

/// What commands and answers say about leases.
extension Simulation {
    /// An entry was applied for the first time anywhere.
    mutating func observeFirst(_ applied: AppliedEntry) throws(RunFailure) {
        guard let command = applied.command, case .success = applied.outcome?.result else { return }
        switch command {
        case .leaseGrant(let lease, let ttl):
            guard leases.alive[lease] == nil else {
                throw RunFailure("L1", "\(applied.id) grants lease \(lease), which nothing ended")
            }
            if leases.grant(lease, ttlSeconds: ttl, by: applied.id.index, at: now) {
                coverage.reach(.leaseGrantedAgain)
            }
            coverage.reach(.leaseGranted)
        case .leaseRevoke(let lease):
            if applied.outcome?.events.isEmpty == false { coverage.reach(.leaseRevokedWithKeys) }
            leases.end(lease, at: now, revision: applied.revision, byExpiry: false)
        case .leaseExpire(let expired, let term, let asOf):
            guard term == applied.id.term else { return }
            for lease in expired {
                guard let grantedAt = leases.alive[lease], grantedAt <= asOf else { continue }
                leases.end(lease, at: now, revision: applied.revision, byExpiry: true)
                coverage.reach(.leaseExpired)
            }
        case .leaseCheckpoint: coverage.reach(.leaseCheckpointed)
        case .compact(let revision): watchers.compactions.append(revision)
        case .activateAlarm: coverage.reach(.noSpaceAlarmRaised)
        case .put, .deleteRange, .transaction, .deactivateAlarm, .setMember: break
        }
    }

    /// A client was granted a lease.
    mutating func noteGrant(of lease: LeaseID, ttlSeconds: Int64, _ call: Call) {
        calls.leaseRecords.append(
            .granted(
                lease, ttlSeconds: ttlSeconds, invokedAt: call.invokedAt, acknowledgedAt: now))
        guard case .client(let number) = call.caller else { return }
        // What everybody ends is no lease to hold on to.
        guard lease.rawValue > 2 else { return }
        clients[number].leases.append(lease)
        if clients[number].leases.count > 4 { clients[number].leases.removeFirst() }
    }

    /// A client renewed a lease, or was told that there is none.
    mutating func noteRenewal(of lease: LeaseID, _ call: Call, _ response: ClientResponse) {
        guard case .leaseKeepAlive(_, let ttl) = response.body else { return }
        if ttl > 0 {
            coverage.reach(.leaseRenewed)
            if !machines[call.slot].position.isLeader {
                    coverage.reach(.leaseRenewedThroughFollower)
                }
            calls.leaseRecords.append(
                .renewed(
                    lease, ttlSeconds: ttl, invokedAt: call.invokedAt, acknowledgedAt: now))
        } else {
            calls.leaseRecords.append(
                .renewalRefused(lease, invokedAt: call.invokedAt, returnedAt: now))
            guard case .client(let number) = call.caller else { return }
            clients[number].leases.removeAll { $0 == lease }
        }
    }

    /// A client was told how long a lease has: never more than it was granted for.
    mutating func noteTime(of lease: LeaseID, _ response: ClientResponse) throws(RunFailure) {
        guard case .leaseTimeToLive(let description, let remaining) = response.body else { return }
        if remaining > description.grantedTTLSeconds {
            throw RunFailure(
                "L1",
                "lease \(lease) has \(remaining) s left of \(description.grantedTTLSeconds) s")
        }
    }
}
