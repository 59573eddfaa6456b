internal import Environment
internal import Primitives
internal import StoreModel

/// A lease that was granted and not revoked.
struct Lease {
    var ttlSeconds: Int64
    /// The entry that granted it. Identifiers come again, entries don't.
    var grantedAt: LogIndex
    /// What a leader last said is left; zero for all of it.
    var remainingSeconds: Int64 = 0
    /// Attached keys. The order in here is nobody's business: every use sorts.
    var keys: Set<Bytes> = []
}

/// All leases. Which keys are attached follows from the keys' records; the rest is stored.
struct LeaseTable {
    /// Of a stored lease (docs/formats/backend.md).
    private static let version: UInt8 = 2

    private var leases: [LeaseID: Lease] = [:]
    /// Leases that differ from what the last batch had.
    private var changed: Set<LeaseID> = []
    /// Depends on identifiers and times, not on the order of events.
    private(set) var hash: UInt64 = 0

    var count: Int { leases.count }

    var hasChanges: Bool { !changed.isEmpty }

    /// All identifiers, ascending.
    var identifiers: [LeaseID] { leases.keys.sorted() }

    subscript(id: LeaseID) -> Lease? { leases[id] }

    /// Whether a lease was granted and not revoked.
    func contains(_ id: LeaseID) -> Bool { leases[id] != nil }

    /// Whether a lease was granted by an entry up to `index`, and not revoked.
    func contains(_ id: LeaseID, grantedBy index: LogIndex) -> Bool {
        leases[id].map { $0.grantedAt <= index } ?? false
    }

    /// Adds a lease.
    mutating func grant(_ id: LeaseID, ttlSeconds: Int64, at index: LogIndex) {
        invariant(leases[id] == nil, "lease \(id) is granted twice")
        let lease = Lease(ttlSeconds: ttlSeconds, grantedAt: index)
        leases[id] = lease
        hash &+= Self.contribution(id, lease)
        changed.insert(id)
    }

    /// Removes a lease without keys.
    mutating func remove(_ id: LeaseID) {
        guard let lease = leases.removeValue(forKey: id) else { return }
        invariant(lease.keys.isEmpty, "lease \(id) is removed with \(lease.keys.count) keys")
        hash &-= Self.contribution(id, lease)
        changed.insert(id)
    }

    /// Notes what is left of a lease.
    mutating func checkpoint(_ id: LeaseID, remainingSeconds: Int64) {
        guard var lease = leases[id], lease.remainingSeconds != remainingSeconds else { return }
        hash &-= Self.contribution(id, lease)
        lease.remainingSeconds = remainingSeconds
        hash &+= Self.contribution(id, lease)
        leases[id]?.remainingSeconds = remainingSeconds
        changed.insert(id)
    }

    /// The keys of a lease, sorted.
    func keys(of id: LeaseID) -> [Bytes] {
        leases[id]?.keys.sorted(by: precedes) ?? []
    }

    /// Attaches a key; says whether the lease exists.
    @discardableResult
    mutating func attach(_ key: Bytes, to id: LeaseID) -> Bool {
        leases[id]?.keys.insert(key) != nil
    }

    /// Detaches a key.
    mutating func detach(_ key: Bytes, from id: LeaseID) {
        leases[id]?.keys.remove(key)
    }

    private static func contribution(_ id: LeaseID, _ lease: Lease) -> UInt64 {
        var hasher = StableHasher(seed: 1)
        hasher.combine(id.rawValue)
        hasher.combine(lease.ttlSeconds)
        hasher.combine(lease.remainingSeconds)
        hasher.combine(lease.grantedAt.rawValue)
        return hasher.value
    }

    /// Puts what changed since the last batch into `batch`.
    mutating func take(into batch: inout BackendBatch) {
        for id in changed.sorted() {
            var key = ByteWriter(capacity: 8)
            key.writeBigEndian(id.rawValue)
            guard let lease = leases[id] else {
                batch.delete(.leases, key: key.bytes)
                continue
            }
            var value = ByteWriter(capacity: 25)
            value.write(Self.version)
            value.write(lease.ttlSeconds)
            value.write(lease.remainingSeconds)
            value.write(lease.grantedAt.rawValue)
            batch.put(.leases, key: key.bytes, value: value.bytes)
        }
        changed.removeAll(keepingCapacity: true)
    }

    /// Knows no lease.
    init() {}

    /// Reads the leases of a view, without their keys.
    init(from view: any BackendView) throws(LoadError) {
        var found: [(LeaseID, Lease)] = []
        try view.readAll(.leases) { key, value throws(DecodingError) in
            var name = ByteReader(key)
            let id = LeaseID(try name.readBigEndian())
            try name.finish()
            var reader = ByteReader(value)
            let version = try reader.read(UInt8.self)
            guard 1...Self.version ~= version else {
                throw .invalid(field: "lease version", offset: 0)
            }
            let (ttlSeconds, remainingSeconds): (Int64, Int64) = (
                try reader.read(), try reader.read())
            // Version 1 did not tell: before any entry of a leader that asks for it.
            let grantedAt = version == 1 ? LogIndex.zero : LogIndex(try reader.read())
            try reader.finish()
            let lease = Lease(
                ttlSeconds: ttlSeconds, grantedAt: grantedAt, remainingSeconds: remainingSeconds)
            found.append((id, lease))
        }
        for (id, lease) in found {
            leases[id] = lease
            hash &+= Self.contribution(id, lease)
        }
    }

    /// Checks the hash; costly.
    func checkInvariants() {
        var sum: UInt64 = 0
        for id in identifiers {
            guard let lease = leases[id] else { continue }
            sum &+= Self.contribution(id, lease)
        }
        invariant(sum == hash, "the hash of the leases")
    }
}
