/// Why an image file cannot be used.
public enum SnapshotError: Error, Equatable, Sendable {
    /// The bytes at `offset` of the file are not what a complete image has there.
    case damaged(path: String, offset: Int, reason: String)
    /// The file is an image of a version that this code does not know.
    case unknownVersion(path: String, offset: Int, version: UInt32)
    /// Received bytes leave a gap: the next ones must start at or before `expected`.
    case gap(path: String, offset: Int, expected: Int)
}
