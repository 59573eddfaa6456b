package import Primitives
package import StoreModel

extension StateMachine {
    /// Whether the lease was granted and not revoked. Decided by the log alone: leases end by
    /// commands, not by a member's clock.
    package func hasLease(_ id: LeaseID) -> Bool { leases.contains(id) }

    /// All leases, ascending.
    package var leaseIDs: [LeaseID] { leases.identifiers }

    /// What a client may know of a lease; nil if it does not exist. Its keys, sorted, if asked.
    package func lease(_ id: LeaseID, wantsKeys: Bool) -> LeaseDescription? {
        guard let lease = leases[id] else { return nil }
        return LeaseDescription(
            id: id, grantedTTLSeconds: lease.ttlSeconds,
            keys: wantsKeys ? leases.keys(of: id) : [])
    }

    /// What a new leader's clock starts from, ascending by lease: the seconds granted, and those
    /// that the last checkpoint said are left, zero where there was none since the last renewal.
    package var leaseTerms: [(id: LeaseID, ttlSeconds: Int64, remainingSeconds: Int64)] {
        leases.identifiers.compactMap { id in
            leases[id].map { (id, $0.ttlSeconds, $0.remainingSeconds) }
        }
    }

    /// Grants a lease (etcd's lessor refuses identifier zero so).
    mutating func grant(_ id: LeaseID, ttlSeconds: Int64) throws(StoreError) {
        if id == .zero { throw .leaseNotFound }
        if leases.contains(id) { throw .leaseExists }
        leases.grant(id, ttlSeconds: ttlSeconds, at: appliedIndex)
    }

    /// Ends leases that exist: all their keys vanish in one revision, in order of leases, then
    /// keys.
    mutating func revoke(_ ids: [LeaseID], _ draft: inout RevisionDraft) {
        for id in ids where leases.contains(id) {
            for key in leases.keys(of: id) {
                bury(key, &draft)
            }
            leases.remove(id)
        }
    }
}
