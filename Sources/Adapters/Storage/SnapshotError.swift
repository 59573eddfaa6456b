/// Why an image file cannot be used.
public enum SnapshotError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes at `offset` of the file are not what a complete image has there.
    case damaged(path: String, offset: Int, reason: String)
    /// The file is an image of a version that this code does not know.
    case unknownVersion(path: String, offset: Int, version: UInt32)
    /// Received bytes leave a gap: the next ones must start at or before `expected`.
    case gap(path: String, offset: Int, expected: Int)

    /// For the operator.
    public var description: String {
        switch self {
        case .damaged(let path, 0, let reason): "\(path): \(reason)"
        case .damaged(let path, let offset, let reason):
            "\(path) is damaged at offset \(offset): \(reason)"
        case .unknownVersion(let path, _, let version):
            "\(path) has version \(version), made by a later version of keelson; this one reads "
                + "version \(SnapshotFile.version)"
        case .gap(let path, let offset, let expected):
            "\(path): bytes \(expected) to \(offset) are missing"
        }
    }
}
