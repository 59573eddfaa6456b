internal import Environment
internal import Primitives

/// The folder of a log: makes segments, keeps a spare one ready, and takes old ones away.
struct SegmentFolder {
    let disk: any Disk
    let directory: String
    let options: LogOptions
    let identity: UInt32

    /// A file in the making, or of a released segment; what it holds never counts.
    static let spareName = "spare"

    init(disk: any Disk, directory: String, options: LogOptions) {
        self.disk = disk
        self.directory = directory
        self.options = options
        identity = options.identity
    }

    var sparePath: String { directory + "/" + Self.spareName }

    func path(_ name: SegmentName) -> String { directory + "/" + name.text }

    /// The folder that holds this one.
    var parent: String {
        guard let slash = directory.lastIndex(of: "/") else { return "." }
        return slash == directory.startIndex ? "/" : String(directory[..<slash])
    }

    /// Makes a segment with room for at least `sectors` sectors of batches, durably: the file has
    /// its name only when all it holds at that moment is durable, and the name is durable when
    /// this returns. So a crash leaves a whole segment or none (RELIABILITY B32, B34).
    func create(
        _ draft: SegmentHeader, sectors: Int
    ) throws(DiskError) -> (segment: Segment, file: any DiskFile, cursor: SegmentCursor) {
        var header = draft
        invariant(header.sequence <= Sector.sequenceMax, "segment numbers are used up")
        let spare = try openSpare(for: header.sequence)
        try spare.preallocate(
            size: max(options.standardSizeBytes, (sectors + 2) * Sector.sizeBytes))
        header.sizeBytes = try spare.size() / Sector.sizeBytes * Sector.sizeBytes
        let sector = header.encoded(options)
        try spare.write(sector, at: 0)
        try spare.sync()
        spare.close()
        let path = path(header.name)
        try disk.rename(sparePath, to: path)
        try disk.syncDirectory(directory)
        return (
            Segment(name: header.name, sizeBytes: header.sizeBytes, highestIndex: .zero),
            try disk.open(path, .existing),
            SegmentCursor(header, sector: sector, identity: identity)
        )
    }

    /// Opens the spare file, or an empty one where there is none that will do.
    private func openSpare(for sequence: UInt32) throws(DiskError) -> any DiskFile {
        if disk.exists(sparePath) {
            let spare = try disk.open(sparePath, .existing)
            if try isUsable(spare, for: sequence) { return spare }
            spare.close()
            try disk.remove(sparePath)
        }
        return try disk.open(sparePath, .new)
    }

    /// Whether all that a spare file may hold is older than the segment that it is to become: it
    /// is new, or was an earlier segment, or an attempt to make this very one ended before any
    /// batch was written to it.
    private func isUsable(_ spare: any DiskFile, for sequence: UInt32) throws(DiskError) -> Bool {
        guard try spare.size() <= options.standardSizeBytes else { return false }
        let sector = try spare.read(at: 0, count: Sector.sizeBytes)
        if sector.allSatisfy({ $0 == 0 }) { return true }
        do {
            let header = try SegmentHeader(decoding: sector, path: sparePath, options)
            return header.sequence <= sequence
        } catch {
            // A torn header, or another log's file: nothing in it is needed.
            return false
        }
    }

    /// Fills a spare file with zeros, so that the next segment need not wait for that. Without
    /// room on the disk there is none: the next segment will tell.
    func prepareSpare() throws(DiskError) {
        do {
            let spare = try disk.open(sparePath, .createIfMissing)
            defer { spare.close() }
            guard try spare.size() < options.standardSizeBytes else { return }
            try spare.preallocate(size: options.standardSizeBytes)
            try spare.sync()
        } catch .noSpace {
            guard disk.exists(sparePath) else { return }
            try disk.remove(sparePath)
        }
    }

    /// Takes segments that are not needed any more out of the log; one becomes the spare file,
    /// which may be written to only after this has made its new name durable.
    func retire(_ segments: ArraySlice<Segment>) throws(DiskError) {
        for segment in segments {
            if segment.sizeBytes == options.standardSizeBytes, !disk.exists(sparePath) {
                try disk.rename(path(segment.name), to: sparePath)
            } else {
                try disk.remove(path(segment.name))
            }
        }
        try disk.syncDirectory(directory)
    }
}
