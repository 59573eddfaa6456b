package import StoreModel
internal import Primitives

extension StateMachine {
    /// Reads keys as of now or of a kept revision.
    ///
    /// The answer is in key order unless sorted otherwise; ties stay in key order. `count` is of
    /// all keys in the range, whatever the filters and the limit say.
    /// - Throws: `.emptyKey`, `.compacted`, `.futureRevision`.
    package func range(_ request: RangeRequest) throws(StoreError) -> RangeResponse {
        if request.range.key.isEmpty { throw .emptyKey }
        try checkReadable(request.revision)
        return collect(request)
    }

    /// Refuses revisions above the newest and below the last compaction; zero and below mean now.
    func checkReadable(_ asked: Revision) throws(StoreError) {
        if asked > revision { throw .futureRevision(current: revision) }
        if asked > .zero, asked < compactRevision { throw .compacted(floor: compactRevision) }
    }

    /// Reads at a revision that was found to be readable.
    func collect(_ request: RangeRequest) -> RangeResponse {
        let revision = request.revision > .zero ? request.revision.rawValue : nil
        if request.range.isSingleKey, !request.isCountOnly, !request.hasRevisionBounds {
            return collectOne(request, at: revision)
        }
        let span = index.span(of: request.range)
        let count = revision.map { index.liveCount(in: span, at: $0) } ?? index.liveCount(in: span)
        if request.isCountOnly || count == 0 { return RangeResponse(count: Int64(count)) }
        var found = fetch(request, span, at: revision)
        if request.hasRevisionBounds { found.removeAll { !request.admits($0) } }
        if request.sortsByTarget || request.sortOrder == .descending {
            found = sorted(found, for: request)
        }
        var hasMore = false
        if request.limit > 0, Int64(found.count) > request.limit {
            found.removeLast(found.count - Int(request.limit))
            hasMore = true
        }
        if request.isKeysOnly {
            for position in found.indices { found[position].value = [] }
        }
        // What was fetched ends with the limit where nothing else decides what comes first.
        hasMore = hasMore || (request.fetchLimit != nil && count > found.count)
        return RangeResponse(keyValues: found, hasMore: hasMore, count: Int64(count))
    }

    private func collectOne(_ request: RangeRequest, at revision: Int64?) -> RangeResponse {
        let key = request.range.key
        guard let item = index.item(of: key),
            let wanted = wanted(item, at: revision)
        else { return RangeResponse() }
        var keyValue = records.read(wanted.id, hash: wanted.hash, known: key)
        if request.isKeysOnly { keyValue.value = [] }
        return RangeResponse(keyValues: [keyValue], count: 1)
    }

    /// The record of a key that a read wants; nil if the key did not exist.
    private func wanted(_ item: KeyItem, at revision: Int64?) -> WantedRecord? {
        if let revision, item.main > revision {
            return index.olderVersion(of: item, at: revision)
                .map { WantedRecord(id: $0.id, hash: $0.hash) }
        }
        return item.isLive ? WantedRecord(id: item.id, hash: item.hash) : nil
    }

    /// Reads the versions of a span in key order, as many as the request can need.
    private func fetch(
        _ request: RangeRequest, _ span: KeySpan, at revision: Int64?
    ) -> [KeyValue] {
        let most = request.fetchLimit ?? Int.max
        // The index knows all of a newest version but its value.
        let needsValues = !request.isKeysOnly || request.sortTarget == .value
        var found: [KeyValue] = []
        var missing: [Int] = []
        var wantedRecords: ContiguousArray<WantedRecord> = []
        index.visitLeaves(span) { leaf, positions in
            for position in positions {
                let item = leaf.item(at: position)
                guard let wanted = wanted(item, at: revision) else { continue }
                if needsValues {
                    wantedRecords.append(wanted)
                } else {
                    if wanted.id == item.id {
                        found.append(item.keyValue(of: leaf.key(at: position)))
                    } else {
                        missing.append(found.count)
                        found.append(.unread)
                        wantedRecords.append(wanted)
                    }
                }
                if max(found.count, wantedRecords.count) == most { return false }
            }
            return true
        }
        if wantedRecords.isEmpty { return found }
        let read = records.read(wantedRecords)
        if needsValues { return read }
        for (position, keyValue) in zip(missing, read) { found[position] = keyValue }
        return found
    }

    private func sorted(_ found: [KeyValue], for request: RangeRequest) -> [KeyValue] {
        let isDescending = request.sortOrder == .descending
        let order = found.indices.sorted { left, right in
            let comparison = found[left].compare(found[right], by: request.sortTarget)
            if comparison == 0 { return left < right }
            return isDescending ? comparison > 0 : comparison < 0
        }
        return order.map { found[$0] }
    }
}

extension RangeRequest {
    /// Whether versions are filtered by their revisions.
    fileprivate var hasRevisionBounds: Bool {
        minModRevision != .zero || maxModRevision != .zero || minCreateRevision != .zero
            || maxCreateRevision != .zero
    }

    /// Whether the answer is ordered by something else than the key.
    fileprivate var sortsByTarget: Bool { sortTarget != .key }

    /// How many keys are to be read; nil for all, where filters or an order decide which of them
    /// are answered. Without an order etcd takes the first keys, one beyond the limit, and then
    /// sorts those by the target.
    fileprivate var fetchLimit: Int? {
        guard limit > 0, !hasRevisionBounds, sortOrder == .none || isPlain else { return nil }
        if sortsByTarget { return Int(clamping: limit.addingReportingOverflow(1).0) }
        return Int(clamping: limit)
    }

    private var isPlain: Bool { sortTarget == .key && sortOrder != .descending }

    /// Whether a version is within the bounds.
    fileprivate func admits(_ version: KeyValue) -> Bool {
        if maxModRevision != .zero, version.modRevision > maxModRevision { return false }
        if version.modRevision < minModRevision { return false }
        if maxCreateRevision != .zero, version.createRevision > maxCreateRevision { return false }
        return version.createRevision >= minCreateRevision
    }
}

extension KeyItem {
    /// The newest version without its value.
    fileprivate func keyValue(of key: Bytes) -> KeyValue {
        KeyValue(
            key: key, value: [], createRevision: Revision(create), modRevision: Revision(main),
            version: version, lease: LeaseID(lease))
    }
}

extension KeyValue {
    /// Below, at or above zero as this version sorts before, with or after the other.
    fileprivate func compare(_ other: KeyValue, by target: RangeRequest.SortTarget) -> Int {
        switch target {
        case .key: return order(key.span, other.key.span, from: 0)
        case .value: return order(value.span, other.value.span, from: 0)
        case .version: return version == other.version ? 0 : version < other.version ? -1 : 1
        case .create:
            if createRevision == other.createRevision { return 0 }
            return createRevision < other.createRevision ? -1 : 1
        case .mod:
            return modRevision == other.modRevision ? 0 : modRevision < other.modRevision ? -1 : 1
        }
    }
}
