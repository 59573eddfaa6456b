/// Why a member's folder cannot be used.
package enum FolderError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The identity file is not as it must be.
    case damaged(String)
    /// A later version of this program made it.
    case newer(Int)
    /// etcd itself made it.
    case foreign(path: String)
    /// Others could write into it.
    case writableByOthers(path: String, mode: UInt32)
    /// Files are there without an identity file.
    case incomplete(path: String)

    /// For the operator.
    package var description: String {
        switch self {
        case .damaged(let problem): problem
        case .newer(let version):
            "the folder has layout version \(version), made by a later version of keelson; this "
                + "one reads up to \(MemberRecord.layoutVersion)"
        case .foreign(let path):
            "\(path) was made by etcd, which keeps its data in another format: restore an etcd "
                + "snapshot instead, or name another --data-dir"
        case .writableByOthers(let path, let mode):
            "\(path) can be written by others (mode 0\(String(mode & 0o777, radix: 8))): "
                + "take that right away, the folder should have mode 0700"
        case .incomplete(let path):
            "\(path) holds store files but no identity file; it is not clear whose they are"
        }
    }
}
