internal import Environment
internal import Primitives
internal import Raft

/// What a folder holds, read and checked before anything in it is changed.
struct LogRecovery {
    /// The log's segments, oldest first.
    private(set) var segments: [Segment] = []
    /// Segments that a reset or a release had given up before a crash undid their removal.
    private(set) var leftovers: [SegmentName]
    private(set) var replay: LogReplay
    /// The last segment, read to its end.
    private(set) var tail: SegmentReader
    /// What batches that were cut short left behind the end of the last segment.
    private(set) var leftoverSectors = 0

    private let folder: SegmentFolder
    private var names: [SegmentName]

    /// Reads all segments of the log.
    /// - Parameter names: at least one, in the order of their numbers.
    /// - Throws: refusals.
    init(_ folder: SegmentFolder, _ names: [SegmentName]) throws(WALError) {
        self.folder = folder
        let headers = try Self.headers(folder, names)
        leftovers = Array(names.dropLast(headers.count))
        self.names = Array(names.suffix(headers.count))
        replay = LogReplay(from: headers[0])
        tail = try Self.reader(folder, headers, 0)
        for position in headers.indices {
            if position > 0 { tail = try Self.reader(folder, headers, position) }
            try readBatches()
            segments.append(
                Segment(
                    name: headers[position].name, sizeBytes: headers[position].sizeBytes,
                    highestIndex: replay.highestIndex))
            guard position + 1 < headers.count else { break }
            if try continues(with: headers[position + 1]) { continue }
            leftovers += self.names.dropFirst(position + 1)
            break
        }
        try checkTail()
    }

    /// The headers of the segments that make up the log: from the last one back to the one that
    /// says that nothing before it counts, or to a gap in the numbers.
    private static func headers(
        _ folder: SegmentFolder, _ names: [SegmentName]
    ) throws(WALError) -> [SegmentHeader] {
        for (name, next) in zip(names, names.dropFirst()) where name.sequence == next.sequence {
            throw .duplicateSegment(path: folder.path(next), sequence: next.sequence)
        }
        var headers: [SegmentHeader] = []
        for name in names.reversed() {
            if let next = headers.last, name.sequence + 1 != next.sequence { break }
            let path = folder.path(name)
            let header = try SegmentHeader(
                decoding: read(folder, name, count: Sector.sizeBytes), path: path, folder.options)
            guard header.name == name else {
                throw .damaged(path: path, offset: SegmentHeader.sequenceOffset, .header)
            }
            headers.append(header)
            if header.startsLog { break }
        }
        return headers.reversed()
    }

    private static func read(
        _ folder: SegmentFolder, _ name: SegmentName, count: Int
    ) throws(WALError) -> Bytes {
        do {
            let file = try folder.disk.open(folder.path(name), .existing)
            defer { file.close() }
            return try file.read(at: 0, count: count)
        } catch {
            throw .disk(error)
        }
    }

    /// Opens a segment for reading its batches: up to the end that the next one names, the last
    /// one as far as it goes.
    private static func reader(
        _ folder: SegmentFolder, _ headers: [SegmentHeader], _ position: Int
    ) throws(WALError) -> SegmentReader {
        let header = headers[position]
        let path = folder.path(header.name)
        var end: Int?
        if position + 1 < headers.count {
            let next = headers[position + 1]
            let limit = header.sizeBytes - Sector.sizeBytes
            guard next.previousEnd % Sector.sizeBytes == 0,
                (Sector.sizeBytes...limit).contains(next.previousEnd)
            else {
                throw .damaged(
                    path: folder.path(next.name), offset: SegmentHeader.previousEndOffset, .header)
            }
            end = next.previousEnd
        }
        let bytes = try read(folder, header.name, count: end ?? header.sizeBytes)
        return try SegmentReader(
            path: path, bytes: bytes,
            cursor: SegmentCursor(
                header, sector: Bytes(bytes.prefix(Sector.sizeBytes)), identity: folder.identity),
            end: end,
            trusting: folder.options.mutation.isActive(.truncatesCorruptedMiddle))
    }

    /// Takes in the records of all whole batches of `tail`.
    private mutating func readBatches() throws(WALError) {
        replay.highestIndex = .zero
        while let batch = try tail.next() {
            var reader = ByteReader(batch.records)
            while reader.remaining > 0 {
                let offset = SegmentReader.fileOffset(of: reader.offset, in: batch)
                let record: LogRecord
                do {
                    record = try reader.readRecord()
                } catch {
                    throw .damaged(path: tail.path, offset: offset, .record)
                }
                guard replay.apply(record) else {
                    throw .damaged(path: tail.path, offset: offset, .contradiction)
                }
            }
        }
    }

    /// Whether the segment with this header goes on where `tail` ends.
    /// - Throws: `.damaged` if not, since a segment is begun only when the one before is durable.
    private func continues(with next: SegmentHeader) throws(WALError) -> Bool {
        guard tail.isComplete else {
            if folder.options.mutation.isActive(.truncatesCorruptedMiddle) { return false }
            throw tail.lostSector()
        }
        guard next.previousChain == tail.cursor.chain, next.position == replay.position else {
            throw .damaged(
                path: folder.path(next.name), offset: SegmentHeader.previousEndOffset,
                .contradiction)
        }
        return true
    }

    /// Decides what the end of the last segment means.
    private mutating func checkTail() throws(WALError) {
        if folder.options.mutation.isActive(.truncatesCorruptedMiddle) {
            leftoverSectors = tail.uncheckedLeftoverSectors()
            return
        }
        leftoverSectors = try tail.leftoverSectors()
        let last = segments[segments.count - 1]
        try tail.checkLength(last.sizeBytes)
        if try tail.isClosed() {
            throw .missingSegment(
                directory: folder.directory, sequence: last.name.sequence + 1)
        }
        guard replay.isBaseKnown else {
            throw .missingSegment(
                directory: folder.directory, sequence: segments[0].name.sequence - 1)
        }
    }
}
