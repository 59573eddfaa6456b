internal import Primitives
internal import Raft

/// Collects records and lays them out in sectors as one batch: what reaches the disk as a whole
/// or does not count. Its buffers are used again for the next batch.
struct BatchEncoder {
    /// Bytes before the records of a batch: their length, and the chain before the batch.
    static let headerBytes = 8

    /// Header and records.
    private var payload = ByteWriter()
    /// The batch as it is written, after `encode`.
    private(set) var sectors = Bytes()
    /// The highest index among its entries; zero for none.
    private(set) var highestIndex = LogIndex.zero

    init() {
        clear()
    }

    var isEmpty: Bool { payload.bytes.count == Self.headerBytes }

    var payloadBytes: Int { payload.bytes.count }

    var sectorCount: Int { Self.sectorCount(payloadBytes: payloadBytes) }

    static func sectorCount(payloadBytes: Int) -> Int {
        (payloadBytes + Sector.payloadBytes - 1) / Sector.payloadBytes
    }

    mutating func add(_ hardState: HardState) {
        payload.writeRecord(hardState)
    }

    mutating func add(base entry: EntryID) {
        payload.writeRecord(base: entry)
    }

    mutating func add(_ entry: Entry) {
        payload.writeRecord(entry)
        highestIndex = max(highestIndex, entry.index)
    }

    /// Starts the next batch.
    mutating func clear() {
        payload.bytes.removeAll(keepingCapacity: true)
        payload.write(UInt64(0))
        highestIndex = .zero
    }

    /// Puts the batch into `sectors`, for the place that `cursor` names, and returns the chain
    /// behind it.
    mutating func encode(at cursor: SegmentCursor) -> UInt32 {
        let count = sectorCount
        payload.bytes.setWord(UInt32(payloadBytes - Self.headerBytes), at: 0)
        payload.bytes.setWord(cursor.chain, at: 4)
        sectors.removeAll(keepingCapacity: true)
        sectors.reserveCapacity(count * Sector.sizeBytes)
        var head = Bytes(repeating: 0, count: Sector.payloadOffset)
        head.setWord(cursor.lastBatch + 1, at: 4)
        head.setWord(cursor.durableBatch, at: 8)
        var chain = cursor.chain
        for position in 0..<count {
            let start = position * Sector.payloadBytes
            let end = min(start + Sector.payloadBytes, payloadBytes)
            appendSector(head, payload.bytes[start..<end], cursor.key.trailer)
            chain = sealSector(position, number: cursor.nextSector + position, cursor.key, chain)
        }
        return chain
    }

    private mutating func appendSector(
        _ head: Bytes, _ share: ArraySlice<UInt8>, _ trailer: UInt32
    ) {
        sectors.append(contentsOf: head)
        sectors.append(contentsOf: share)
        let padding = Sector.payloadBytes - share.count
        sectors.append(contentsOf: Self.zeros[0..<padding + 4])
        sectors.setWord(trailer, at: sectors.count - 4)
    }

    /// Gives a sector its checksum and adds that to the chain.
    private mutating func sealSector(
        _ position: Int, number: Int, _ key: SectorKey, _ chain: UInt32
    ) -> UInt32 {
        let offset = position * Sector.sizeBytes
        let checksum = key.checksum(of: sectors, at: offset, number: number)
        sectors.setWord(checksum, at: offset)
        return Sector.chain(chain, adding: checksum)
    }

    /// The sector that closes a segment, to be written at its end when the next one is there.
    static func closingSector(_ cursor: SegmentCursor) -> Bytes {
        var bytes = Bytes(repeating: 0, count: Sector.sizeBytes)
        bytes.setWord(Sector.closingBatch, at: 4)
        bytes.setWord(cursor.lastBatch, at: 8)
        bytes.setWord(cursor.key.trailer, at: Sector.trailerOffset)
        let checksum = cursor.key.checksum(of: bytes, at: 0, number: cursor.closingSector)
        bytes.setWord(checksum, at: 0)
        return bytes
    }

    private static let zeros = Bytes(repeating: 0, count: Sector.sizeBytes)
}

/// Where the next batch goes within a segment.
struct SegmentCursor {
    let key: SectorKey
    var nextSector: Int
    /// The last sector of the file; batches end before it.
    let closingSector: Int
    /// The checksum of the checksums of everything before.
    var chain: UInt32
    /// Batches are counted from 1 in each segment.
    var lastBatch: UInt32 = 0
    /// The last batch that was synced.
    var durableBatch: UInt32 = 0

    var isDurable: Bool { durableBatch == lastBatch }

    var nextOffset: Int { nextSector * Sector.sizeBytes }

    /// The beginning of a segment with this header sector.
    init(_ header: SegmentHeader, sector: Bytes, identity: UInt32) {
        key = SectorKey(identity: identity, sequence: header.sequence)
        nextSector = 1
        closingSector = header.sizeBytes / Sector.sizeBytes - 1
        chain = Sector.chain(header.previousChain, adding: sector.word(at: 0))
    }
}
