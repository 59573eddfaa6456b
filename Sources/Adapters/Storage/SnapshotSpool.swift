package import Environment
package import Primitives

/// A file in which an image that arrives in pieces is put together. It is of use only once all
/// of it is there and `SnapshotFile.verify` accepts it. For one thread at a time.
package final class SnapshotSpool {
    /// The file.
    package let path: String
    /// Bytes that have arrived, from the start on without a gap.
    package private(set) var receivedBytes = 0
    private let disk: any Disk
    private let file: any DiskFile

    /// Starts with an empty file, whatever was there before.
    package init(path: String, disk: any Disk) throws(DiskError) {
        self.path = path
        self.disk = disk
        file = try disk.open(path, .createIfMissing)
        try file.truncate(to: 0)
    }

    deinit {
        file.close()
    }

    /// Adds bytes that belong at `offset`. What has arrived before is not written again, so that
    /// a piece may come twice; whether it was the same is for the hashes to say.
    /// - Throws: `SnapshotError.gap` if bytes before `offset` are missing; nothing was written
    ///   then. `DiskError`; the same bytes may be added again after it.
    package func append(_ bytes: Bytes, at offset: Int) throws {
        guard 0...receivedBytes ~= offset else {
            throw SnapshotError.gap(path: path, offset: offset, expected: receivedBytes)
        }
        let known = receivedBytes - offset
        guard bytes.count > known else { return }
        try file.write(known == 0 ? bytes : Bytes(bytes[known...]), at: receivedBytes)
        receivedBytes = offset + bytes.count
    }

    /// Makes what has arrived durable, so that a disk that cannot keep it says so now.
    package func finish() throws(DiskError) {
        try file.sync()
    }

    /// Closes and removes the file.
    package func discard() {
        file.close()
        // The member's start removes what is left over, so only disk space is lost.
        try? disk.remove(path)
    }
}
