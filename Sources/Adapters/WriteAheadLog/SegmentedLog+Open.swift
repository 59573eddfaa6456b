package import Environment
internal import Primitives
internal import Raft

extension SegmentedLog {
    /// Opens the log in a folder, or makes a new one where there is none.
    ///
    /// What it returns is durable: batches that were written but, as far as can be told, not
    /// synced are written again and synced before, so that neither a crash nor a failed sync of
    /// an earlier process can take them away any more.
    /// - Throws: `.damaged`, `.foreign`, `.unsupportedVersion`, `.missingSegment` and
    ///   `.duplicateSegment` when the folder cannot be trusted; nothing in it was changed then.
    ///   `.disk` for failures.
    package static func open(
        disk: any Disk, directory: String, options: LogOptions
    ) throws(WALError) -> (log: SegmentedLog, recovered: RecoveredLog) {
        let folder = SegmentFolder(disk: disk, directory: directory, options: options)
        do {
            try disk.createDirectory(directory)
            try disk.syncDirectory(folder.parent)
            let names = try disk.list(directory).compactMap { SegmentName($0) }
                .sorted { $0.sequence < $1.sequence }
            guard !names.isEmpty else { return try create(folder) }
            return try recover(LogRecovery(folder, names), folder)
        } catch let error as WALError {
            throw error
        } catch let error as DiskError {
            throw .disk(error)
        } catch {
            invariant(false, "unexpected \(error)")
            throw .missingSegment(directory: directory, sequence: 0)
        }
    }

    private init(
        folder: SegmentFolder, segments: [Segment], file: any DiskFile, cursor: SegmentCursor,
        position: LogPosition, baseEntry: EntryID
    ) {
        self.folder = folder
        self.segments = segments
        self.file = file
        self.cursor = cursor
        self.position = position
        written = position
        self.baseEntry = baseEntry
    }

    /// Makes the first segment. Until it is durable the folder counts as empty.
    private static func create(
        _ folder: SegmentFolder
    ) throws(DiskError) -> (log: SegmentedLog, recovered: RecoveredLog) {
        // A spare without a log is of a log that is gone; its sectors could be taken for those of
        // a segment of the same number one day.
        if folder.disk.exists(folder.sparePath) {
            try folder.disk.remove(folder.sparePath)
        }
        let first = try folder.create(
            SegmentHeader(
                sequence: 1, startsLog: true, sizeBytes: 0, position: LogPosition(),
                previousEnd: 0, previousChain: folder.identity),
            sectors: 1)
        try folder.prepareSpare()
        let log = SegmentedLog(
            folder: folder, segments: [first.segment], file: first.file, cursor: first.cursor,
            position: LogPosition(), baseEntry: .zero)
        let empty = RecoveredLog(
            hardState: HardState(), baseEntry: .zero, entries: [], isNew: true)
        return (log, empty)
    }

    /// Makes what was found durable and goes on from there.
    private static func recover(
        _ found: LogRecovery, _ folder: SegmentFolder
    ) throws -> (log: SegmentedLog, recovered: RecoveredLog) {
        let last = found.segments[found.segments.count - 1]
        let file = try folder.disk.open(folder.path(last.name), .existing)
        // Where the file was cut short, only sectors that nothing is missing from are gone.
        try file.preallocate(size: last.sizeBytes)
        if let first = found.tail.firstUnproven {
            // A failed sync may have left them in the cache, marked as clean, and nowhere else.
            let start = first * Sector.sizeBytes
            var sectors = Bytes(found.tail.bytes[start..<found.tail.cursor.nextOffset])
            // Nor may one stay without its trailer, the last part of it to arrive: damaged later,
            // it would count as never written.
            for sector in stride(from: 0, to: sectors.count, by: Sector.sizeBytes) {
                sectors.setWord(
                    found.tail.cursor.key.trailer, at: sector + Sector.trailerOffset)
            }
            try file.write(sectors, at: start)
        }
        try file.sync()
        for name in found.leftovers {
            try folder.disk.remove(folder.path(name))
        }
        // Also for the last segment's own name, whose creator may have ended before its sync.
        try folder.disk.syncDirectory(folder.directory)
        var cursor = found.tail.cursor
        cursor.durableBatch = cursor.lastBatch
        var log = SegmentedLog(
            folder: folder, segments: found.segments, file: file, cursor: cursor,
            position: found.replay.position, baseEntry: found.replay.base)
        var recovered = RecoveredLog(
            hardState: found.replay.position.hardState, baseEntry: found.replay.base,
            entries: found.replay.entries, isNew: false)
        if found.leftoverSectors > 0 {
            recovered.tornTail = TornTail(
                path: file.path, offset: cursor.nextOffset, sectors: found.leftoverSectors)
            // They are never written over, which could be cut short in its turn: the next
            // segment says that they don't count.
            try log.roll(sectors: 1)
        }
        try folder.prepareSpare()
        return (log, recovered)
    }
}
