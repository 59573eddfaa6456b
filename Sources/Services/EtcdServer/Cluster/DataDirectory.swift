internal import Environment
internal import Glibc
internal import Primitives

/// The folder of one member: `DATA_DIR/member` with the identity file, and beside it what the
/// engine keeps (docs/formats/member-folder.md).
struct DataDirectory {
    let disk: any Disk
    /// What the operator named.
    let root: String

    /// The engine's folder.
    var memberPath: String { root + "/member" }
    /// The backend's folder.
    var backendPath: String { memberPath + "/backend" }
    private var identityPath: String { memberPath + "/identity" }

    /// Makes the folder where it is missing and refuses one that is not ours.
    func prepare() throws {
        for path in [root + "/member/snap/db", root + "/member/wal"] where disk.exists(path) {
            throw FolderError.foreign(path: root)
        }
        try disk.createDirectory(memberPath)
        for path in [root, memberPath] {
            if let mode = mode(of: path), mode & 0o022 != 0 {
                throw FolderError.writableByOthers(path: path, mode: mode)
            }
        }
    }

    // SAFETY: `stat` fills the structure that is passed to it.
    private func mode(of path: String) -> UInt32? {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else { return nil }
        return facts.st_mode
    }

    /// Who the member is; nil at its first start.
    func readRecord() throws -> MemberRecord? {
        guard disk.exists(identityPath) else {
            for name in ["log", "backend"] where disk.exists(memberPath + "/" + name) {
                throw FolderError.incomplete(path: memberPath)
            }
            return nil
        }
        let file = try disk.open(identityPath, .existing)
        defer { file.close() }
        let bytes = try file.read(at: 0, count: try file.size())
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FolderError.damaged("\(identityPath) is no text")
        }
        do throws(FolderError) {
            return try MemberRecord(decoding: text)
        } catch .damaged(let problem) {
            throw FolderError.damaged("\(identityPath) \(problem)")
        }
    }

    /// Whether the member was removed from its cluster.
    var isRemoved: Bool { disk.exists(memberPath + "/removed") }

    /// Remembers that the member was removed: its identifier is never used again.
    func markRemoved() throws {
        try disk.open(memberPath + "/removed", .createIfMissing).close()
        try disk.syncDirectory(memberPath)
    }

    /// Remembers who the member is, in one durable step.
    func write(_ record: MemberRecord) throws {
        let partPath = identityPath + ".part"
        if disk.exists(partPath) { try disk.remove(partPath) }
        let file = try disk.open(partPath, .new)
        do {
            defer { file.close() }
            try file.write(Bytes(record.encoded.utf8), at: 0)
            try file.sync()
        }
        try disk.rename(partPath, to: identityPath)
        try disk.syncDirectory(memberPath)
        try disk.syncDirectory(root)
    }
}
