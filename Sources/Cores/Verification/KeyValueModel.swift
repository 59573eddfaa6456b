package import Primitives
package import StoreModel

/// A naive etcd in memory, written from etcd's documented behaviour and independent of the store
/// it judges. It keeps all history (compaction only forbids reading it), knows no time, and costs
/// a copy of one array of keys when copied and changed.
///
/// Leases never expire by themselves: whoever replays a history calls `expire`.
package struct KeyValueModel: Equatable, Sendable {
    /// One key with all its versions.
    struct Key: Equatable, Sendable {
        var key: Bytes
        var versions: VersionHistory

        /// The version in force now; nil if the key does not exist.
        var newest: KeyValue? {
            guard let last = versions.last, last.version != 0 else { return nil }
            return last
        }
    }

    /// A lease that was granted and not revoked.
    struct Lease: Equatable, Sendable {
        var id: LeaseID
        var ttlSeconds: Int64
    }

    /// The newest revision; counts mutating requests from 1, as in etcd.
    package internal(set) var revision: Revision
    /// Reads below it are refused; zero before the first compaction.
    package internal(set) var compactRevision = Revision.zero
    /// What the last request changed, without previous versions; empty if nothing.
    package internal(set) var lastEvents: [Event] = []
    /// Sorted by key.
    var keys: [Key] = []
    /// Sorted by identifier.
    var leases: [Lease] = []
    let limits: StoreLimits
    /// False where nobody reads old revisions: then copies that are changed stay cheap.
    let keepsHistory: Bool
    /// Hash of all changes since the beginning.
    private var changesHash: UInt64 = 0

    /// An empty store whose first write makes revision `revision + 1`. Without history, reads at
    /// old revisions are answered wrongly.
    package init(
        revision: Revision = Revision(1), limits: StoreLimits = StoreLimits(),
        keepsHistory: Bool = true
    ) {
        self.revision = revision
        self.limits = limits
        self.keepsHistory = keepsHistory
    }

    /// Answers a request as etcd would now; afterwards `revision` is the response header's.
    /// - Throws: what etcd refuses it with; nothing has changed then.
    package mutating func apply(
        _ request: HistoryRequest
    ) throws(StoreError) -> HistoryResponse {
        lastEvents.removeAll(keepingCapacity: true)
        try validate(request)
        let response = try answer(request)
        seal()
        return response
    }

    private mutating func answer(
        _ request: HistoryRequest
    ) throws(StoreError) -> HistoryResponse {
        switch request {
        case .put(let put):
            try checkLease(put.lease)
            try checkKeyExists(for: put)
            return .put(write(put))
        case .range(let request, _): return .range(try range(request))
        case .deleteRange(let request): return .deleteRange(delete(request))
        case .transaction(let request): return .transaction(try run(request))
        case .compact(let revision):
            try compact(revision)
            return .compact
        case .leaseGrant(let id, let ttl):
            return .leaseGrant(try grant(id, ttlSeconds: ttl), ttlSeconds: ttl)
        case .leaseRevoke(let id):
            try checkLease(id)
            deleteKeys(attachedTo: [id])
            leases.removeAll { $0.id == id }
            return .leaseRevoke
        }
    }

    /// Ends a request: all its changes are one revision.
    mutating func seal() {
        if lastEvents.isEmpty { return }
        revision = revision.next
        var hasher = StableHasher(seed: changesHash)
        for event in lastEvents {
            hasher.combine(UInt64(event.kind.rawValue))
            hasher.combine(event.keyValue.key)
            hasher.combine(event.keyValue.value)
            hasher.combine(event.keyValue.lease.rawValue)
        }
        changesHash = hasher.value
    }

    /// Where `key` is or would be in `keys`.
    func find(_ key: Bytes) -> (position: Int, isPresent: Bool) {
        let position = keys.partitionPoint { precedes($0.key, key) }
        return (position, position < keys.count && keys[position].key == key)
    }

    /// The positions in `keys` that a range covers.
    func positions(in range: KeyRange) -> Range<Int> {
        let (first, isPresent) = find(range.key)
        if range.isSingleKey { return first..<(isPresent ? first + 1 : first) }
        if range.isUnbounded { return first..<keys.count }
        return first..<max(first, find(range.end).position)
    }

    /// The key's version now; nil if it does not exist.
    package func newest(_ key: Bytes) -> KeyValue? {
        let (position, isPresent) = find(key)
        return isPresent ? keys[position].newest : nil
    }

    /// Hash of all that decides later answers.
    package var fingerprint: UInt64 {
        var hasher = StableHasher(seed: changesHash)
        hasher.combine(revision.rawValue)
        hasher.combine(compactRevision.rawValue)
        for lease in leases {
            hasher.combine(lease.id.rawValue)
            hasher.combine(lease.ttlSeconds)
        }
        return hasher.value
    }
}
