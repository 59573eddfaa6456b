internal import Primitives

/// Reads the batches of one segment in order, and tells at their end whether a crash explains
/// what is missing.
struct SegmentReader {
    /// A whole batch.
    struct Batch {
        /// The records, one after another.
        var records: Bytes
        /// Its first sector.
        var firstSector: Int
    }

    let path: String
    let bytes: Bytes
    /// Where the next batch is expected.
    private(set) var cursor: SegmentCursor
    /// Batches are sought in sectors below this.
    private let limit: Int
    private var states: [SectorState]
    /// The last batch that some sector says had been synced.
    private let provenBatch: UInt32
    /// The first sector of the first batch read that no sector says so of.
    private(set) var firstUnproven: Int?

    /// Looks at the sectors of a segment up to `end` bytes, or as far as batches may reach.
    /// - Throws: `.damaged` for the first sector that is neither absent nor whole.
    init(
        path: String, bytes: Bytes, cursor: SegmentCursor, end: Int?, trusting: Bool
    ) throws(WALError) {
        self.path = path
        self.bytes = bytes
        self.cursor = cursor
        limit = end.map { $0 / Sector.sizeBytes } ?? cursor.closingSector
        // The header is no sector of a batch.
        states = [.absent]
        states.reserveCapacity(limit)
        var proven: UInt32 = 0
        for number in 1..<limit {
            var state = cursor.key.state(of: number, in: bytes)
            if case .current(_, let durable) = state { proven = max(proven, durable) }
            if state == .damaged {
                guard trusting else { throw Self.damage(path, sector: number, .checksum) }
                state = .absent
            }
            states.append(state)
        }
        provenBatch = proven
    }

    /// Whether batches fill the segment up to the end that was given.
    var isComplete: Bool { cursor.nextSector == limit }

    /// The next batch; nil if there is none, or not all of it.
    mutating func next() throws(WALError) -> Batch? {
        let first = cursor.nextSector
        guard first < limit, case .current(let batch, _) = states[first] else { return nil }
        let start = first * Sector.sizeBytes + Sector.payloadOffset
        let count = Int(bytes.word(at: start))
        guard batch == cursor.lastBatch + 1, bytes.word(at: start + 4) == cursor.chain else {
            throw Self.damage(path, sector: first, .order)
        }
        let payloadBytes = BatchEncoder.headerBytes + count
        let end = first + BatchEncoder.sectorCount(payloadBytes: payloadBytes)
        guard end <= limit else { throw Self.damage(path, sector: first, .order) }
        var payload = Bytes()
        payload.reserveCapacity((end - first) * Sector.payloadBytes)
        var chain = cursor.chain
        for sector in first..<end {
            guard case .current(let found, _) = states[sector] else { return nil }
            guard found == batch else { throw Self.damage(path, sector: sector, .order) }
            let offset = sector * Sector.sizeBytes
            let share = offset + Sector.payloadOffset
            payload.append(contentsOf: bytes[share..<share + Sector.payloadBytes])
            chain = Sector.chain(chain, adding: bytes.word(at: offset))
        }
        cursor.chain = chain
        cursor.lastBatch = batch
        cursor.nextSector = end
        if batch > provenBatch, firstUnproven == nil { firstUnproven = first }
        return Batch(
            records: Bytes(payload[BatchEncoder.headerBytes..<payloadBytes]), firstSector: first)
    }

    /// The number of sectors behind the last whole batch that hold something, where a crash
    /// explains it: none of them says that the batch before it had been synced.
    /// - Throws: `.lostSector` if one does, at the first sector that is missing.
    func leftoverSectors() throws(WALError) -> Int {
        var count = 0
        for sector in cursor.nextSector..<max(limit, cursor.nextSector) {
            guard case .current(let batch, let durable) = states[sector] else { continue }
            guard batch > cursor.lastBatch else { throw Self.damage(path, sector: sector, .order) }
            guard durable <= cursor.lastBatch else { throw lostSector() }
            count += 1
        }
        return count
    }

    /// Fails where the file is shorter than it was made and ends before the first sector that
    /// says, by being empty, that nothing follows: what else was cut off nobody knows.
    func checkLength(_ sizeBytes: Int) throws(WALError) {
        guard bytes.count < sizeBytes else { return }
        let first = (cursor.nextSector..<limit).first { states[$0] == .absent } ?? limit
        guard (first + 1) * Sector.sizeBytes <= bytes.count else {
            throw .damaged(path: path, offset: bytes.count, .truncated)
        }
    }

    /// Leftovers, whatever they say. The deliberate bug `truncatesCorruptedMiddle`.
    func uncheckedLeftoverSectors() -> Int {
        states.dropFirst(cursor.nextSector).count { $0 != .absent }
    }

    /// Points at the first sector that is not there.
    func lostSector() -> WALError {
        let missing = (cursor.nextSector..<limit).first { states[$0] == .absent }
        return Self.damage(path, sector: missing ?? cursor.nextSector, .lostSector)
    }

    /// Whether the sector that closes a segment is there: then another segment follows.
    func isClosed() throws(WALError) -> Bool {
        switch cursor.key.state(of: cursor.closingSector, in: bytes) {
        case .absent: return false
        case .current(Sector.closingBatch, _): return true
        case .current, .damaged:
            throw Self.damage(path, sector: cursor.closingSector, .checksum)
        }
    }

    /// Where in the file the byte at `offset` of a batch's records lies.
    static func fileOffset(of offset: Int, in batch: Batch) -> Int {
        let place = BatchEncoder.headerBytes + offset
        return (batch.firstSector + place / Sector.payloadBytes) * Sector.sizeBytes
            + Sector.payloadOffset + place % Sector.payloadBytes
    }

    private static func damage(
        _ path: String, sector: Int, _ damage: WALError.Damage
    ) -> WALError {
        .damaged(path: path, offset: sector * Sector.sizeBytes, damage)
    }
}
