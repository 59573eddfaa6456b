internal import Environment
internal import Primitives
internal import StoreModel

extension StateMachine {
    /// Checks what must hold between the parts, every record included; costly, for the simulator.
    package func checkInvariants() {
        index.checkInvariants()
        leases.checkInvariants()
        let isMutated = limits.mutation.isActive(.revisionFromLastKeptRecord)
        invariant(
            isMutated || compactRevision <= revision,
            "compacted to \(compactRevision), at revision \(revision)")
        invariant(meta.sweptRevision <= compactRevision, "swept beyond the compaction")
        invariant(
            isMutated || (sweepCursor != nil) == (meta.sweptRevision < compactRevision),
            "swept to \(meta.sweptRevision) of \(compactRevision)")
        checkRecords()
        checkLeases()
    }

    private func checkRecords() {
        var sum: UInt64 = 0
        index.visitLeaves(index.span(from: [])) { leaf, positions in
            for position in positions {
                let item = leaf.item(at: position)
                sum &+= item.contribution
                checkRecord(item.id, item.hash, of: leaf.key(at: position))
                var link = item.older
                while link != 0 {
                    let record = index.older[link]
                    sum &+= record.contribution
                    checkRecord(record.id, record.hash, of: leaf.key(at: position))
                    link = record.next
                }
            }
            return true
        }
        invariant(sum == historyHash, "the hash of history")
    }

    private func checkRecord(_ id: RecordID, _ hash: UInt32, of key: Bytes) {
        let keyValue = records.read(id, hash: hash)
        invariant(keyValue.key == key, "record \(id.main).\(id.sub) is of another key")
        invariant(keyValue.modRevision == id.main, "record \(id.main).\(id.sub) names another")
        invariant(
            keyValue.contentHash(sub: id.sub) == hash,
            "record \(id.main).\(id.sub) says something else than the index")
    }

    private func checkLeases() {
        var attached = 0
        index.visitLeaves(index.span(from: [])) { leaf, positions in
            for position in positions {
                let item = leaf.item(at: position)
                guard item.lease != 0 else { continue }
                attached += 1
                let key = leaf.key(at: position)
                invariant(item.isLive, "a deleted key has a lease")
                invariant(
                    leases[LeaseID(item.lease)]?.keys.contains(key) == true,
                    "a key is not attached to its lease")
            }
            return true
        }
        let counted = leases.identifiers.reduce(0) { $0 + (leases[$1]?.keys.count ?? 0) }
        invariant(counted == attached, "\(counted) keys attached, \(attached) keys with a lease")
    }
}
