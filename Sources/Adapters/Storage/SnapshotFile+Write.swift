package import Environment
package import Primitives

/// Writing an image.
///
/// SAFETY: the buffers of a visit are copied before it ends.
extension SnapshotFile {
    /// Writes the image of a view, under another name first: a file at `path` is complete and
    /// durable, after a crash at any point too. Commits may go on meanwhile; the view does not
    /// show them.
    /// - Parameters:
    ///   - header: the writer's own bytes, at most `headerBytesMax`.
    ///   - withSum: write a backup: the image with a sum at its end.
    ///   - chunkBytes: a chunk ends with the entry that reaches as many bytes; readers take any.
    ///   - onChunk: told the size of each chunk once it is durable; may take its time. Without it
    ///     all of the image is made durable at once.
    /// - Throws: the disk's error; no part of the image is left behind then, where the disk
    ///   allows that.
    package static func write(
        view: any BackendView, header: Bytes, to path: String, disk: any Disk,
        withSum: Bool = false, chunkBytes: Int = SnapshotFile.chunkBytes,
        onChunk: ((Int) -> Void)? = nil
    ) throws(DiskError) {
        let partPath = path + ".part"
        do {
            let file = try disk.open(partPath, .createIfMissing)
            defer { file.close() }
            try file.truncate(to: 0)
            var writer = SnapshotWriter(file, chunkBytes: chunkBytes, writesSum: withSum)
            writer.onChunk = onChunk
            try writeAll(view, header, writer)
            try file.sync()
        } catch {
            // The first error is the one to tell; the member's start removes parts.
            try? disk.remove(partPath)
            throw error
        }
        try disk.rename(partPath, to: path)
        try disk.syncDirectory(PosixPath.parent(of: path))
    }

    private static func writeAll(
        _ view: any BackendView, _ header: Bytes, _ empty: SnapshotWriter
    ) throws(DiskError) {
        var writer = empty
        try writer.writeHead(header)
        for table in BackendTable.allCases {
            var failure: DiskError?
            unsafe view.scan(table, from: [], to: nil) { key, value in
                do throws(DiskError) {
                    try unsafe writer.add(table, key: key, value: value)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
        }
        try writer.finish()
    }
}
