package import Primitives
package import StoreModel

extension StateMachine {
    /// A hash of everything that members with equal applied indexes must agree on, whatever they
    /// have compacted physically, restarted or received. Cheap: the parts that grow are summed up
    /// as they change, and anew from the backend at each start.
    package func stateHash() -> UInt64 {
        var hasher = StableHasher()
        hasher.combine(appliedIndex.rawValue)
        hasher.combine(appliedTerm.rawValue)
        hasher.combine(revision.rawValue)
        hasher.combine(compactRevision.rawValue)
        hasher.combine(UInt64(keyCount))
        hasher.combine(keptHistoryHash)
        hasher.combine(UInt64(leases.count))
        hasher.combine(leases.hash)
        hasher.combine(membershipRecord)
        hasher.combine(UInt64(alarms.count))
        for alarm in alarms {
            hasher.combine(alarm.member.rawValue)
            hasher.combine(UInt64(alarm.kind.rawValue))
        }
        members.hash(into: &hasher)
        return hasher.value
    }

    /// The hash of history up to a revision, zero for the newest: of all records from the compact
    /// revision on, and of the versions in force before it that still were at it. Members agree on
    /// it at equal revision and compact revision (etcd's HashKV). Reads all of history.
    /// - Throws: `.compacted`, `.futureRevision`.
    package func hashKV(
        through asked: Revision
    ) throws(StoreError) -> (hash: UInt32, revision: Revision, compactRevision: Revision) {
        try checkReadable(asked)
        let last = asked > .zero ? asked : revision
        var sum = CRC32C()
        records.visit(
            from: .zero,
            stored: { id, span in
                guard id.main <= last else { return false }
                if isKept(id, span) { sum.update(id, span) }
                return true
            },
            recent: { record in
                guard record.id.main <= last else { return false }
                var writer = ByteWriter()
                record.keyValue.encode(hash: record.hash, into: &writer)
                if isKept(record.id, writer.bytes.span) {
                    sum.update(record.id, writer.bytes.span)
                }
                return true
            })
        return (sum.value, last, compactRevision)
    }

    private func isKept(_ id: RecordID, _ span: ByteSpan) -> Bool {
        if id.main >= compactRevision { return true }
        // A record that was whole when the index was built.
        guard let header = try? RecordHeader(decoding: span) else {
            invariant(false, "record \(id.main).\(id.sub) is damaged")
            return false
        }
        guard !header.isTombstone, let item = index.item(of: copy(span.extracting(header.key)))
        else { return false }
        if item.main <= compactRevision.rawValue { return item.id == id }
        return index.olderVersion(of: item, at: compactRevision.rawValue)?.id == id
    }
}

extension CRC32C {
    /// Adds a record: its name, and what it says behind its own hash.
    fileprivate mutating func update(_ id: RecordID, _ record: ByteSpan) {
        let name = id.encoded
        update(name.span)
        update(record.extracting(droppingFirst: 4))
    }
}
