package import Environment

/// Verifying and reading an image.
extension SnapshotFile {
    /// Reads a whole image and compares everything with its hashes.
    /// - Throws: `SnapshotError` naming file and offset of what is not as it must be; `DiskError`.
    package static func verify(
        path: String, disk: any Disk, ending: SnapshotEnding = .trailer
    ) throws -> SnapshotSummary {
        try readAll(path, disk, ending, nil)
    }

    /// Hands out the entries of an image, one chunk at a time, in the order of tables and keys.
    /// Each chunk is verified before `body` sees it. Only the trailer proves that no chunk is
    /// missing: after an error, what was handed out must not be used.
    /// - Throws: as `verify`, and what `body` throws.
    package static func read(
        path: String, disk: any Disk, ending: SnapshotEnding = .trailer,
        _ body: (BackendBatch) throws -> Void
    ) throws {
        try withoutActuallyEscaping(body) { body in
            _ = try readAll(path, disk, ending) { batch, _ in try body(batch) }
        }
    }

    private static func readAll(
        _ path: String, _ disk: any Disk, _ ending: SnapshotEnding,
        _ body: ((BackendBatch, Int) throws -> Void)?
    ) throws -> SnapshotSummary {
        let file = try disk.open(path, .reading)
        defer { file.close() }
        var reader = try SnapshotReader(path: path, file: file, ending: ending)
        return try reader.readAll(body)
    }
}
