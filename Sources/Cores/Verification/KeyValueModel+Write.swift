package import Primitives
import StoreModel

extension KeyValueModel {
    /// Stores a value in the revision being made and answers the version before, if asked for.
    mutating func write(_ put: PutRequest) -> KeyValue? {
        let (position, isPresent) = find(put.key)
        let previous = isPresent ? keys[position].newest : nil
        let version = KeyValue(
            key: put.key,
            value: put.ignoresValue ? previous?.value ?? [] : put.value,
            createRevision: previous?.createRevision ?? revision.next,
            modRevision: revision.next,
            version: (previous?.version ?? 0) + 1,
            lease: put.ignoresLease ? previous?.lease ?? .zero : put.lease)
        if isPresent {
            record(version, at: position)
        } else {
            keys.insert(Key(key: put.key, versions: VersionHistory(version)), at: position)
        }
        lastEvents.append(Event(kind: .put, keyValue: version))
        return put.wantsPrevious ? previous : nil
    }

    private mutating func record(_ version: KeyValue, at position: Int) {
        if keepsHistory {
            keys[position].versions.append(version)
        } else {
            keys[position].versions = VersionHistory(version)
        }
    }

    /// Deletes the keys of a range in the revision being made.
    mutating func delete(_ request: DeleteRangeRequest) -> DeleteRangeResponse {
        var answer = DeleteRangeResponse()
        for position in positions(in: request.range) {
            guard let previous = keys[position].newest else { continue }
            bury(position)
            answer.deleted += 1
            if request.wantsPrevious { answer.previous.append(previous) }
        }
        return answer
    }

    /// Ends the key at `position`.
    private mutating func bury(_ position: Int) {
        let tombstone = KeyValue(
            key: keys[position].key, value: [], createRevision: .zero,
            modRevision: revision.next, version: 0, lease: .zero)
        record(tombstone, at: position)
        lastEvents.append(Event(kind: .delete, keyValue: tombstone))
    }

    /// Forbids reads below a revision.
    mutating func compact(_ floor: Revision) throws(StoreError) {
        if floor <= compactRevision { throw .compacted(floor: compactRevision) }
        if floor > revision { throw .futureRevision(current: revision) }
        compactRevision = floor
    }

    /// Grants a lease; identifier zero is replaced by the smallest free one.
    mutating func grant(_ asked: LeaseID, ttlSeconds: Int64) throws(StoreError) -> LeaseID {
        var id = asked
        if id == .zero {
            id = LeaseID(1)
            while hasLease(id) { id = id.next }
        }
        if ttlSeconds > limits.leaseTTLSecondsMax { throw .leaseTTLTooLarge }
        if hasLease(id) { throw .leaseExists }
        let position = leases.partitionPoint { $0.id < id }
        leases.insert(Lease(id: id, ttlSeconds: ttlSeconds), at: position)
        return id
    }

    /// Whether the lease was granted and not revoked.
    package func hasLease(_ id: LeaseID) -> Bool {
        let position = leases.partitionPoint { $0.id < id }
        return position < leases.count && leases[position].id == id
    }

    /// Makes the lease exist, for a replay that did not see its grant.
    mutating func assumeLease(_ id: LeaseID) {
        if hasLease(id) { return }
        let position = leases.partitionPoint { $0.id < id }
        leases.insert(Lease(id: id, ttlSeconds: 0), at: position)
    }

    /// The leases run out: their keys vanish in one revision. Unknown leases are ignored.
    package mutating func expire(_ expired: [LeaseID]) {
        lastEvents.removeAll(keepingCapacity: true)
        deleteKeys(attachedTo: expired)
        leases.removeAll { expired.contains($0.id) }
        seal()
    }

    /// Deletes the leases' keys in order of leases, then keys, in the revision being made.
    mutating func deleteKeys(attachedTo ended: [LeaseID]) {
        for id in ended where id != .zero {
            for position in keys.indices where keys[position].newest?.lease == id {
                bury(position)
            }
        }
    }

    /// The keys attached to a lease now, sorted.
    package func keys(attachedTo lease: LeaseID) -> [Bytes] {
        keys.compactMap { $0.newest?.lease == lease ? $0.key : nil }
    }
}
