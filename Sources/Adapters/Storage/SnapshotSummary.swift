package import Environment
package import Primitives

/// What a verified image holds.
package struct SnapshotSummary: Equatable, Sendable {
    /// The writer's own bytes.
    package var header: Bytes
    /// Entries of each table, by `BackendTable.rawValue`.
    package var entryCounts: [Int]
    /// How many chunks they are in.
    package var chunkCount: Int
    /// The file's length.
    package var sizeBytes: Int
    /// The hash over the hashes of header and chunks, which names the image as a whole.
    package var sha256: Bytes

    /// How many entries a table has.
    package func count(_ table: BackendTable) -> Int {
        entryCounts[Int(table.rawValue)]
    }
}
