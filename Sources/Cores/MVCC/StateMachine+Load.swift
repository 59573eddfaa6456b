package import Environment
package import Primitives
package import StoreModel

extension StateMachine {
    /// Starts from what a backend has; as a new store if it is empty. Reads all of it once and
    /// checks every record.
    ///
    /// - Throws: where an entry of the backend cannot be trusted. A compaction that had not
    ///   finished goes on with the next `compactSlice`.
    package init(limits: StoreLimits, backend: any Backend) throws(LoadError) {
        self.limits = limits
        meta = try Meta(from: backend)
        savedMeta = meta
        leases = try LeaseTable(from: backend)
        members = try Roster(from: backend)
        records = RecordStore(backend: backend)
        try loadRecords()
        try attachKeys()
        if meta.sweptRevision < meta.compactRevision { sweepCursor = [] }
        if limits.mutation.isActive(.revisionFromLastKeptRecord) {
            meta.revision = max(Revision(1), newestLiveRevision())
        }
    }

    /// The last entry that a view of a backend includes, and the membership record that belongs
    /// to it; nil if it includes none.
    /// - Throws: where the entries concerned cannot be trusted.
    package static func position(
        in view: any BackendView
    ) throws(LoadError) -> (index: LogIndex, term: Term, membershipRecord: Bytes)? {
        let meta = try Meta(from: view)
        guard meta.appliedIndex != .zero else { return nil }
        return (meta.appliedIndex, meta.appliedTerm, meta.membershipRecord)
    }

    private mutating func loadRecords() throws(LoadError) {
        var index = KeyIndex()
        var sum: UInt64 = 0
        var last = RecordID(main: .zero, sub: 0)
        try records.load { id, span throws(DecodingError) in
            let header = try RecordHeader(decoding: span)
            let keySpan = span.extracting(header.key)
            let hash = recordHash(
                id: id, create: header.create, version: header.version, lease: header.lease,
                key: keySpan, value: span.extracting(droppingFirst: header.key.upperBound))
            guard hash == header.hash else { throw .invalid(field: "record hash", offset: 0) }
            let item = KeyItem(
                id: id, create: Revision(header.create), version: header.version,
                lease: LeaseID(header.lease), hash: hash)
            let key = copy(keySpan)
            let (place, isPresent) = index.find(key)
            index.record(item, for: key, at: place, isPresent: isPresent)
            sum &+= item.contribution
            last = id
        }
        if !limits.mutation.isActive(.revisionFromLastKeptRecord) {
            try checkRevisions(last: last)
        }
        self.index = index
        historyHash = sum
    }

    private func checkRevisions(last: RecordID) throws(LoadError) {
        guard last.main <= meta.revision else {
            throw .recordBeyondRevision(last, newest: meta.revision)
        }
        guard meta.compactRevision <= meta.revision else {
            throw .compactedBeyondRevision(meta.compactRevision, newest: meta.revision)
        }
    }

    /// Which keys a lease has follows from the keys.
    private mutating func attachKeys() throws(LoadError) {
        var attached: [(Bytes, LeaseID)] = []
        index.visitLeaves(index.span(from: [])) { leaf, positions in
            for position in positions {
                let lease = leaf.item(at: position).lease
                if lease != 0 { attached.append((leaf.key(at: position), LeaseID(lease))) }
            }
            return true
        }
        for (key, lease) in attached {
            guard leases.attach(key, to: lease) else { throw .unknownLease(lease, key: key) }
        }
    }

    /// For a deliberate bug.
    private func newestLiveRevision() -> Revision {
        var newest: Int64 = 0
        index.visitLeaves(index.span(from: [])) { leaf, positions in
            for position in positions where leaf.item(at: position).isLive {
                newest = max(newest, leaf.item(at: position).main)
            }
            return true
        }
        return Revision(newest)
    }
}
