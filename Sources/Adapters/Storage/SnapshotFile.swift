package import Environment
package import Primitives

/// An image of a whole backend in one file, for followers that lag behind the log and for backups.
///
/// A file begins with the writer's own header, goes on with chunks of entries in the order of
/// tables and keys, and ends with a trailer; each of these carries a SHA-256 of its own, and the
/// trailer a hash over all of them (docs/formats/snapshot.md). A reader hands out nothing that it
/// has not verified, and names file and offset in what it throws.
package enum SnapshotFile {
    /// The version that is written, and the only one that is read.
    package static let version: UInt32 = 1
    /// Bytes that the writer's own header may have.
    package static let headerBytesMax = 1 << 20
    /// A chunk ends with the entry that reaches this many bytes, unless the writer is told more
    /// or less.
    package static let chunkBytes = 1 << 20
    /// Bytes that the entries of a chunk may have, which bounds a single entry.
    package static let chunkBytesMax = 256 << 20
    /// Bytes that a key may have; it has at least one.
    package static let keyBytesMax = 511

    /// Whether a file begins as an image does, whatever follows.
    package static func isImage(path: String, disk: any Disk) throws(DiskError) -> Bool {
        let file = try disk.open(path, .reading)
        defer { file.close() }
        let count = SnapshotLayout.magic.count
        return try file.read(at: 0, count: count) == SnapshotLayout.magic
    }

    /// Bytes from `offset` on, at most `count` of them, of an image that is sent as it is; and
    /// whether they are its last ones.
    /// - Throws: `.notFound` if the file is gone; `.failed` with EINVAL if `offset` lies behind
    ///   its end.
    package static func readBytes(
        path: String, disk: any Disk, offset: Int, count: Int
    ) throws(DiskError) -> (bytes: Bytes, isLast: Bool) {
        let file = try disk.open(path, .existing)
        defer { file.close() }
        let size = try file.size()
        guard 0...size ~= offset, count >= 0 else {
            throw .failed(operation: "read", path: path, code: invalidArgument)
        }
        let bytes = try file.read(at: offset, count: min(count, size - offset))
        return (bytes, offset + bytes.count >= size)
    }

    /// EINVAL.
    private static let invalidArgument: Int32 = 22
}

/// What an image file ends with.
package enum SnapshotEnding: Sendable {
    /// The trailer, as members send each other images.
    case trailer
    /// Zeros up to whole blocks behind the trailer and a SHA-256 of all before it: a backup, as
    /// etcd's snapshot call sends it.
    case sum
    /// Either of them, as the file's size tells.
    case any
}

/// The fixed parts of the file.
enum SnapshotLayout {
    static let magic = Bytes("keelsnap".utf8)
    static let chunkMagic = Bytes("chnk".utf8)
    static let trailerMagic = Bytes("trlr".utf8)
    static let hashBytes = 32
    /// What a backup is filled up to before its sum.
    static let blockBytes = 512
    /// Magic, version, length of the writer's header.
    static let fileHeadBytes = 16
    /// Magic, length of the entries, number of the chunk, hash.
    static let chunkHeadBytes = 16 + hashBytes
    /// The part of a chunk's head that its hash covers.
    static let hashedChunkHeadBytes = 16
    /// Table, length of the key, length of the value.
    static let entryHeadBytes = 1 + 2 + 4
    /// Magic, count of tables, count of chunks, count of entries of each table.
    static let hashedTrailerBytes = 16 + 8 * BackendTable.allCases.count
    static let trailerBytes = hashedTrailerBytes + hashBytes
}
