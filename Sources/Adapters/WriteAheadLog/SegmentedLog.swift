internal import Environment
package import Primitives
package import Raft

/// The write-ahead log of a member: hard states and entries in segment files, durable once `sync`
/// has returned. Format, recovery and what it can tell apart: docs/formats/wal.md.
///
/// - `append` writes one batch with one call; `sync` makes all batches since the last one durable
///   with one fdatasync. A crash leaves some first part of the unsynced batches, never a batch in
///   part, and nothing from behind a lost one.
/// - `open` returns what is there and durable. What was never synced may be missing at its end;
///   for anything else it refuses, with file and offset.
/// - After any failure all calls throw it again: what is on the disk is known only to the next
///   `open`. RELIABILITY B33.
///
/// A value that owns its files: don't copy it, and use it from one thread at a time.
package struct SegmentedLog {
    let folder: SegmentFolder
    /// Oldest first; the last one is written to.
    var segments: [Segment]
    /// The last segment.
    var file: any DiskFile
    var cursor: SegmentCursor
    var encoder = BatchEncoder()
    /// Including what is in the encoder.
    var position: LogPosition
    /// As of the last batch written.
    var written: LogPosition
    /// The entry before the first that is kept.
    package internal(set) var baseEntry: EntryID
    /// Why nothing works any more.
    var failure: WALError?

    /// Payload bytes after which a batch ends and another one begins.
    static let batchBytesMax = 8 << 20
    /// Bytes in an entry's record.
    static let entryBytesMax = 1 << 30

    /// The last hard state appended.
    package var hardState: HardState { position.hardState }

    /// The last entry appended; `baseEntry` if there is none after it.
    package var lastEntry: EntryID { position.lastEntry }

    /// How many segment files the log has.
    package var segmentCount: Int { segments.count }

    /// Writes hard states and entries in the order given. They are durable only after `sync`.
    ///
    /// An entry at or below the end of the log cuts the log there first (Raft §5.3); it must lie
    /// above `baseEntry` and leave no gap.
    /// - Throws: `.disk` if it could not be written, for instance for lack of space. Then none of
    ///   it counts, unless the next `open` finds it complete.
    package mutating func append(_ writes: [LogWrite]) throws(WALError) {
        if let failure { throw failure }
        for write in writes {
            if let hardState = write.hardState {
                encoder.add(hardState)
                position.hardState = hardState
            }
            for entry in write.entries {
                try add(entry)
            }
        }
        try writeBatch()
    }

    /// Makes everything appended so far durable.
    /// - Throws: `.disk`. The process must end then.
    package mutating func sync() throws(WALError) {
        if let failure { throw failure }
        guard !cursor.isDurable else { return }
        do {
            try file.sync()
        } catch {
            throw failed(error)
        }
        cursor.durableBatch = cursor.lastBatch
    }

    /// Lets entries up to `index` go: their segments are taken away once no other entry is in
    /// them. Everything appended before is durable afterwards if any was.
    /// - Parameter entry: the entry at `index`.
    package mutating func release(
        through index: LogIndex, base entry: EntryID
    ) throws(WALError) {
        if let failure { throw failure }
        invariant(entry.index == index, "base \(entry) is not the entry at \(index)")
        invariant(index <= lastEntry.index, "release of \(index) beyond \(lastEntry)")
        guard index > baseEntry.index else { return }
        baseEntry = entry
        let count = segments.dropLast().prefix { $0.highestIndex <= index }.count
        guard count > 0 else { return }
        // Durable before the first segment goes: it says that those before it are not missed.
        encoder.add(base: entry)
        try writeBatch()
        try sync()
        try retire(first: count)
    }

    /// Replaces the log by an empty one that continues after `entry`, durably and in one step.
    package mutating func reset(to entry: EntryID, hardState: HardState) throws(WALError) {
        if let failure { throw failure }
        let old = segments.count
        let start = LogPosition(hardState: hardState, lastEntry: entry)
        file.close()
        try begin(
            SegmentHeader(
                sequence: nextSequence, startsLog: true, sizeBytes: 0, position: start,
                previousEnd: 0, previousChain: folder.identity),
            sectors: 1)
        position = start
        written = start
        baseEntry = entry
        try retire(first: old)
    }

    /// Closes the files without syncing; the log must not be used again.
    package func close() {
        file.close()
    }
}

extension SegmentedLog {
    var nextSequence: UInt32 { (segments.last?.name.sequence ?? 0) + 1 }

    private mutating func add(_ entry: Entry) throws(WALError) {
        invariant(
            entry.index > baseEntry.index && entry.index <= lastEntry.index.next,
            "entry \(entry.index) does not fit a log from \(baseEntry) to \(lastEntry)")
        guard entry.sizeBytes <= Self.entryBytesMax else {
            let error = WALError.entryTooLarge(index: entry.index, sizeBytes: entry.sizeBytes)
            failure = error
            throw error
        }
        encoder.add(entry)
        position.lastEntry = EntryID(index: entry.index, term: entry.term)
        if encoder.payloadBytes >= Self.batchBytesMax { try writeBatch() }
    }

    /// Writes what the encoder holds as one batch, in a new segment where this one is full.
    private mutating func writeBatch() throws(WALError) {
        guard !encoder.isEmpty else { return }
        let count = encoder.sectorCount
        if cursor.nextSector + count > cursor.closingSector {
            try roll(sectors: count)
        }
        let chain = encoder.encode(at: cursor)
        do {
            try file.write(encoder.sectors, at: cursor.nextOffset)
        } catch {
            throw failed(error)
        }
        cursor.nextSector += count
        cursor.chain = chain
        cursor.lastBatch += 1
        let highest = max(segments[segments.count - 1].highestIndex, encoder.highestIndex)
        segments[segments.count - 1].highestIndex = highest
        written = position
        encoder.clear()
    }

    /// Goes on in a new segment, with room for at least `sectors` sectors of batches. The old one
    /// is synced first: that the new one exists proves that nothing in the old one may be missing.
    mutating func roll(sectors: Int) throws(WALError) {
        try sync()
        let (oldFile, oldCursor) = (file, cursor)
        try begin(
            SegmentHeader(
                sequence: nextSequence, startsLog: false, sizeBytes: 0, position: written,
                previousEnd: cursor.nextOffset, previousChain: cursor.chain),
            sectors: sectors)
        do {
            // Nothing waits for it: it only proves, if it is there, that a segment follows.
            try oldFile.write(
                BatchEncoder.closingSector(oldCursor),
                at: oldCursor.closingSector * Sector.sizeBytes)
        } catch {
            throw failed(error)
        }
        oldFile.close()
    }

    /// Makes the segment with this header the last one.
    private mutating func begin(_ header: SegmentHeader, sectors: Int) throws(WALError) {
        do {
            let next = try folder.create(header, sectors: sectors)
            segments.append(next.segment)
            file = next.file
            cursor = next.cursor
        } catch {
            throw failed(error)
        }
    }

    private mutating func retire(first count: Int) throws(WALError) {
        do {
            try folder.retire(segments[..<count])
        } catch {
            throw failed(error)
        }
        segments.removeFirst(count)
    }

    /// Remembers that nothing is known any more of what is on the disk.
    private mutating func failed(_ error: DiskError) -> WALError {
        failure = .disk(error)
        return .disk(error)
    }
}
