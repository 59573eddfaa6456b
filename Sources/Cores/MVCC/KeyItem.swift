internal import Primitives
internal import StoreModel

/// What the index knows of a key: its newest record, and the way to older ones. Values are in the
/// tail or in the backend. Six words in a leaf.
struct KeyItem {
    /// The newest record.
    var main: Int64
    /// Zero for a deletion, as in etcd's tombstones.
    var create: Int64
    /// Zero for a deletion.
    var version: Int64
    var lease: Int64
    /// The newest record's place within its revision.
    var sub: Int32
    /// The content hash of the newest record.
    var hash: UInt32
    /// The record before, in `OlderRecords`; zero if none is kept.
    var older: UInt32 = 0
    /// Bytes of the key; the leaf's business.
    var keyCount: UInt32 = 0

    /// Whether the key exists.
    var isLive: Bool { version != 0 }

    /// Whether a compaction could have something to remove here.
    var isCompactible: Bool { older != 0 || version == 0 }

    /// The newest record's name.
    var id: RecordID { RecordID(main: Revision(main), sub: sub) }

    /// What the history hash adds for the newest record.
    var contribution: UInt64 { historyContribution(main: main, sub: sub, hash: hash) }

    /// What stands for a put or, with version zero, a deletion.
    init(
        id: RecordID, create: Revision, version: Int64, lease: LeaseID, hash: UInt32
    ) {
        main = id.main.rawValue
        sub = id.sub
        self.create = create.rawValue
        self.version = version
        self.lease = lease.rawValue
        self.hash = hash
    }

    static let wordCount = 6

    /// The item as words.
    var words: [6 of UInt64] {
        [
            UInt64(bitPattern: main), UInt64(bitPattern: create), UInt64(bitPattern: version),
            UInt64(bitPattern: lease), UInt64(UInt32(bitPattern: sub)) | UInt64(hash) << 32,
            UInt64(older) | UInt64(keyCount) << 32,
        ]
    }

    /// Takes the item apart that `words` put together.
    @inline(__always)
    init(
        _ main: UInt64, _ create: UInt64, _ version: UInt64, _ lease: UInt64,
        _ subAndHash: UInt64, _ olderAndCount: UInt64
    ) {
        self.main = Int64(bitPattern: main)
        self.create = Int64(bitPattern: create)
        self.version = Int64(bitPattern: version)
        self.lease = Int64(bitPattern: lease)
        sub = Int32(truncatingIfNeeded: subAndHash)
        hash = UInt32(truncatingIfNeeded: subAndHash >> 32)
        older = UInt32(truncatingIfNeeded: olderAndCount)
        keyCount = UInt32(truncatingIfNeeded: olderAndCount >> 32)
    }
}

/// A record that is not its key's newest.
struct OlderRecord {
    var main: Int64
    var sub: Int32
    var hash: UInt32
    /// The record before; zero if none is kept.
    var next: UInt32
    var isTombstone: Bool

    /// The record's name.
    var id: RecordID { RecordID(main: Revision(main), sub: sub) }

    /// What the history hash adds for the record.
    var contribution: UInt64 { historyContribution(main: main, sub: sub, hash: hash) }
}

/// What one record adds to the hash of all history. The sum does not depend on the order in which
/// records come and go, so it can be kept up to date.
func historyContribution(main: Int64, sub: Int32, hash: UInt32) -> UInt64 {
    let name = mix64(UInt64(bitPattern: main) ^ UInt64(UInt32(bitPattern: sub)) << 40)
    return mix64(name ^ UInt64(hash))
}

/// Older records of all keys, as lists from newer to older. Only keys that changed since the last
/// compaction have any, so they are apart from the index's leaves, in chunks so that growing
/// copies nothing.
struct OlderRecords {
    private static let chunkSize = 4_096

    private var chunks: ContiguousArray<ContiguousArray<OlderRecord>> = []
    /// The first of the list of unused places; zero for none.
    private var free: UInt32 = 0
    /// Records kept.
    private(set) var count = 0

    /// The record behind a link; links are never zero.
    subscript(link: UInt32) -> OlderRecord {
        get {
            let place = Int(link) - 1
            return chunks[place / Self.chunkSize][place % Self.chunkSize]
        }
        set {
            let place = Int(link) - 1
            chunks[place / Self.chunkSize][place % Self.chunkSize] = newValue
        }
    }

    /// Keeps a record; the answer is the link to it.
    mutating func add(_ record: OlderRecord) -> UInt32 {
        count += 1
        if free != 0 {
            let link = free
            free = self[link].next
            self[link] = record
            return link
        }
        if chunks.isEmpty || chunks[chunks.count - 1].count == Self.chunkSize {
            var chunk: ContiguousArray<OlderRecord> = []
            chunk.reserveCapacity(Self.chunkSize)
            chunks.append(chunk)
        }
        chunks[chunks.count - 1].append(record)
        let place = (chunks.count - 1) * Self.chunkSize + chunks[chunks.count - 1].count
        invariant(place <= Int(UInt32.max), "more than 2^32 older records")
        return UInt32(place)
    }

    /// Forgets a record.
    mutating func remove(_ link: UInt32) {
        count -= 1
        self[link] = OlderRecord(main: 0, sub: 0, hash: 0, next: free, isTombstone: false)
        free = link
    }
}
