import Primitives
import StoreModel

extension KeyValueModel {
    /// Reads a range. The count is of all keys in it; filters by revision come before sorting,
    /// the limit after (etcd's executeRange).
    func range(_ request: RangeRequest) throws(StoreError) -> RangeResponse {
        try checkReadable(request.revision)
        var found: [KeyValue] = []
        for position in positions(in: request.range) {
            let version =
                request.revision > .zero
                ? keys[position].versions.version(at: request.revision) : keys[position].newest
            if let version { found.append(version) }
        }
        let count = Int64(found.count)
        if request.isCountOnly { return RangeResponse(count: count) }
        if request.hasRevisionBounds { found.removeAll { !request.admits($0) } }
        found = sorted(found, for: request)
        let hasMore = request.limit > 0 && found.count > request.limit
        if hasMore { found.removeLast(found.count - Int(request.limit)) }
        if request.isKeysOnly {
            for index in found.indices { found[index].value = [] }
        }
        return RangeResponse(keyValues: found, hasMore: hasMore, count: count)
    }

    /// Refuses revisions above the newest and below the last compaction; zero and below mean now.
    func checkReadable(_ asked: Revision) throws(StoreError) {
        if asked > revision { throw .futureRevision(current: revision) }
        if asked > .zero && asked < compactRevision { throw .compacted(floor: compactRevision) }
    }

    /// Sorts what came in key order. Ties stay in key order; whoever compares answers must allow
    /// any order of ties, since etcd's sort is not stable.
    private func sorted(_ found: [KeyValue], for request: RangeRequest) -> [KeyValue] {
        guard request.isReordered else { return found }
        var cut = found
        // Without an order etcd limits by key before it sorts by the target.
        if request.sortOrder == .none && request.limit > 0 && !request.hasRevisionBounds {
            cut = Array(found.prefix(Int(clamping: request.limit.addingReportingOverflow(1).0)))
        }
        let isDescending = request.sortOrder == .descending
        let order = cut.indices.sorted { left, right in
            let comparison = cut[left].compare(cut[right], by: request.sortTarget)
            if comparison == 0 { return left < right }
            return isDescending ? comparison > 0 : comparison < 0
        }
        return order.map { cut[$0] }
    }
}

extension RangeRequest {
    /// Whether the answer may not be in ascending order of keys.
    var isReordered: Bool {
        sortTarget != .key || sortOrder == .descending
    }

    /// Whether versions are filtered by their revisions.
    var hasRevisionBounds: Bool {
        minModRevision != .zero || maxModRevision != .zero || minCreateRevision != .zero
            || maxCreateRevision != .zero
    }

    /// Whether a version is within the bounds.
    func admits(_ version: KeyValue) -> Bool {
        if maxModRevision != .zero && version.modRevision > maxModRevision { return false }
        if version.modRevision < minModRevision { return false }
        if maxCreateRevision != .zero && version.createRevision > maxCreateRevision {
            return false
        }
        return version.createRevision >= minCreateRevision
    }
}

extension KeyValue {
    /// Below, at or above zero as this version sorts before, with or after the other.
    func compare(_ other: KeyValue, by target: RangeRequest.SortTarget) -> Int {
        switch target {
        case .key: return key == other.key ? 0 : precedes(key, other.key) ? -1 : 1
        case .value: return value == other.value ? 0 : precedes(value, other.value) ? -1 : 1
        case .version: return Int((version - other.version).signum())
        case .create:
            return Int((createRevision.rawValue - other.createRevision.rawValue).signum())
        case .mod:
            return Int((modRevision.rawValue - other.modRevision.rawValue).signum())
        }
    }
}

