internal import Primitives
internal import StoreModel

/// A record that no closed block of the backend has yet, as far as this member can read it.
struct TailRecord {
    var keyValue: KeyValue
    var sub: Int32
    var hash: UInt32
    /// Compacted before it ever left.
    var isDropped = false

    var id: RecordID { RecordID(main: keyValue.modRevision, sub: sub) }
}

/// The newest records, in memory: those that no batch has taken, those on their way into the
/// backend, and those of the block that the next batch writes again.
///
///     | closed blocks, on their way | open block | not taken |
///     0                        closedCount    takenCount   count
struct RecordTail {
    private(set) var records: ContiguousArray<TailRecord> = []
    /// Records of closed blocks whose batch is not visible yet.
    private(set) var closedCount = 0
    /// Records that a batch has taken.
    private(set) var takenCount = 0
    /// Bytes of the keys and values of records that no batch has taken.
    private(set) var untakenBytes = 0
    /// A record that the open block has was dropped.
    private(set) var isOpenBlockStale = false
    /// The name of the open block.
    private(set) var openBlock: RecordID?

    /// Records that no batch has taken.
    var untakenCount: Int { records.count - takenCount }

    /// The first record that is here.
    var first: RecordID? { records.first?.id }

    /// Adds the newest record.
    mutating func append(_ record: TailRecord) {
        invariant(records.last.map { $0.id < record.id } ?? true, "records out of order")
        untakenBytes += record.keyValue.key.count + record.keyValue.value.count
        records.append(record)
    }

    /// Where a record is; nil if it is not here.
    func position(of id: RecordID) -> Int? {
        guard let first = records.first, id >= first.id else { return nil }
        // Where each revision is one record, which is the rule, the place is known at once.
        let guess = Int(id.main.rawValue - first.keyValue.modRevision.rawValue)
        if guess < records.count, records[guess].id == id { return guess }
        let found = position(from: id)
        return found < records.count && records[found].id == id ? found : nil
    }

    /// The first record at or after a name.
    func position(from id: RecordID) -> Int {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) >> 1
            if records[middle].id < id {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Forgets a record that is compacted, if it is not in a closed block; says whether.
    mutating func drop(_ id: RecordID) -> Bool {
        guard let position = position(of: id), position >= closedCount else { return false }
        records[position].isDropped = true
        if position >= takenCount { untakenBytes -= records[position].keyValue.value.count }
        records[position].keyValue.value = []
        if position < takenCount { isOpenBlockStale = true }
        return true
    }

    /// A batch has taken all records; those before `closed` are in closed blocks.
    mutating func noteTaken(closed: Int, openBlock: RecordID?) {
        takenCount = records.count
        untakenBytes = 0
        closedCount = closed
        self.openBlock = openBlock
        isOpenBlockStale = false
    }

    /// The batches taken so far are visible.
    mutating func removeClosed() {
        records.removeFirst(closedCount)
        takenCount -= closedCount
        closedCount = 0
    }
}
