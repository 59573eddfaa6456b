internal import Primitives

/// A file apart from its name: what a process sees, what the disk has, and the changes between.
/// A value, so that one exclusive access covers a whole operation.
struct FileState {
    /// A change since the last sync.
    struct Change {
        enum Kind {
            /// `bytes[0..<count]` at `offset`.
            case write(offset: Int, bytes: Bytes, count: Int)
            /// A write that by itself never reaches the disk.
            case lostWrite(offset: Int, bytes: Bytes)
            /// The file was cut or grown from a size to another.
            case resize(from: Int, to: Int)
        }
        var sequence: Int
        var kind: Kind
        /// The file's size after it.
        var size: Int
    }

    /// More changes than this without a sync are drawn together: their effect is kept, the order
    /// among them is forgotten.
    static let changesMax = 1_024

    private(set) var current = SparseBytes()
    private(set) var size = 0
    private(set) var durable = SparseBytes()
    private(set) var durableSize = 0
    /// Since the last sync, or since `floor`; oldest first.
    private(set) var changes: [Change] = []
    /// The state when changes were drawn together.
    private(set) var floor: Floor?
    /// Sectors that differ, or may differ, from `durable`: pages in the order in which they
    /// became dirty, and by page the mask of its sectors.
    private(set) var dirtyPages: [Int] = []
    private(set) var dirtyMasks: [UInt8] = []
    /// What the cache held after the last sync, if that was not all durable.
    private(set) var cacheBase: SparseBytes?
    /// Whether a failed sync or a lost write has left the cache and the disk apart.
    private var isDiverged = false

    /// What the file was at some change; the changes before it are forgotten.
    struct Floor {
        var sequence: Int
        var bytes: SparseBytes
        var size: Int
        /// What was dirty then.
        var masks: [UInt8]
        /// The least size that it was cut to.
        var leastSize: Int
    }

    init() {}

    /// A file whose contents are durable.
    init(bytes: SparseBytes, size: Int) {
        current = bytes
        durable = bytes
        self.size = size
        durableSize = size
    }

    func read(at offset: Int, count: Int) -> Bytes {
        current.read(at: offset, count: min(count, max(0, size - offset)))
    }

    /// Writes the first `count` of `bytes`.
    mutating func write(_ bytes: Bytes, count: Int, at offset: Int, sequence: Int) {
        guard count > 0 else { return }
        boundChanges()
        current.write(bytes, 0..<count, at: offset)
        size = max(size, offset + count)
        markDirty(offset..<offset + count)
        changes.append(
            Change(
                sequence: sequence, kind: .write(offset: offset, bytes: bytes, count: count),
                size: size))
    }

    /// Writes so that only the cache will ever know.
    mutating func writeToCacheOnly(_ bytes: Bytes, at offset: Int, sequence: Int) {
        guard !bytes.isEmpty else { return }
        boundChanges()
        isDiverged = true
        current.write(bytes, bytes.indices, at: offset)
        size = max(size, offset + bytes.count)
        changes.append(
            Change(sequence: sequence, kind: .lostWrite(offset: offset, bytes: bytes), size: size))
    }

    /// Writes bytes that were not meant for this file, durably, within its size.
    mutating func damage(_ bytes: Bytes, count: Int, at offset: Int) {
        current.write(bytes, 0..<count, at: offset)
        durable.write(bytes, 0..<count, at: offset)
    }

    mutating func flip(bit: Int, at offset: Int) {
        current.flip(bit: bit, at: offset)
        if offset < durableSize { durable.flip(bit: bit, at: offset) }
    }

    mutating func resize(to newSize: Int, sequence: Int) {
        guard newSize != size else { return }
        boundChanges()
        if newSize < size {
            // Pages that nobody has written to are zero before and after.
            let pages = max(current.pageCount, durable.pageCount)
            markDirty(newSize..<max(newSize, min(size, pages * SparseBytes.pageBytes)))
            current.zero(newSize..<size)
        }
        changes.append(
            Change(sequence: sequence, kind: .resize(from: size, to: newSize), size: newSize))
        size = newSize
    }

    /// Makes all changes durable and returns how many bytes that took.
    mutating func sync() -> Int {
        var sectors = 0
        for page in dirtyPages {
            durable.copySectors(dirtyMasks[page], ofPage: page, from: current)
            sectors += dirtyMasks[page].nonzeroBitCount
        }
        durableSize = size
        forgetChanges()
        return sectors * SparseBytes.sectorBytes
    }

    /// A sync that fails: some sectors reach the disk, and none counts as dirty any more.
    /// RELIABILITY B33 (fsyncgate).
    mutating func failSync(using random: inout SplitMix64) {
        if random.chance(0.5) { durableSize = size }
        for page in dirtyPages.sorted() {
            var mask = dirtyMasks[page] & UInt8(truncatingIfNeeded: random.next())
            // Sectors behind the end belong to nobody.
            let sectorsLeft = durableSize / SparseBytes.sectorBytes
                - page * SparseBytes.sectorsPerPage
            if durableSize < size, sectorsLeft < SparseBytes.sectorsPerPage {
                mask &= UInt8(truncatingIfNeeded: (1 << max(0, sectorsLeft)) - 1)
            }
            durable.copySectors(mask, ofPage: page, from: current)
        }
        durable.zero(durableSize..<max(durableSize, durable.pageCount * SparseBytes.pageBytes))
        isDiverged = true
        forgetChanges()
    }

    /// A sync that lies: nothing reaches the disk, and nothing counts as dirty any more.
    mutating func pretendToSync() {
        isDiverged = true
        forgetChanges()
    }

    private mutating func forgetChanges() {
        for page in dirtyPages { dirtyMasks[page] = 0 }
        dirtyPages.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
        floor = nil
        cacheBase = isDiverged ? current : nil
    }

    /// Draws the changes so far together when there are too many; called before the next one.
    private mutating func boundChanges() {
        guard changes.count == Self.changesMax else { return }
        var leastSize = floor?.leastSize ?? Int.max
        for change in changes {
            if case .resize(let from, let to) = change.kind, to < from {
                leastSize = min(leastSize, to)
            }
        }
        floor = Floor(
            sequence: changes[changes.count - 1].sequence, bytes: current, size: size,
            masks: dirtyMasks, leastSize: leastSize)
        changes.removeAll(keepingCapacity: true)
    }

    private mutating func markDirty(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let sector = SparseBytes.sectorBytes
        let last = (range.upperBound - 1) / sector
        var next = range.lowerBound / sector
        while next <= last {
            let page = next / SparseBytes.sectorsPerPage
            let first = next % SparseBytes.sectorsPerPage
            let end = min(SparseBytes.sectorsPerPage, last + 1 - page * SparseBytes.sectorsPerPage)
            let mask = UInt8(truncatingIfNeeded: (1 << end) - (1 << first))
            if page >= dirtyMasks.count {
                dirtyMasks.append(
                    contentsOf: repeatElement(0, count: page + 1 - dirtyMasks.count))
            }
            if dirtyMasks[page] == 0 { dirtyPages.append(page) }
            dirtyMasks[page] |= mask
            next = (page + 1) * SparseBytes.sectorsPerPage
        }
    }
}
