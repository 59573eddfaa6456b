public import Primitives

/// A table of the backend.
public enum BackendTable: UInt8, CaseIterable, Sendable {
    /// History: name of a block's first record (big-endian main and sub revision) → block of
    /// records.
    case records = 0
    /// Lease identifier (big-endian) → encoded lease.
    case leases = 1
    /// Member identifier (big-endian) → encoded attributes.
    case roster = 2
    /// Fixed names → applied index and term, membership, revisions.
    case meta = 3
}

/// One change to the backend.
public enum BackendOperation: Sendable, Equatable {
    /// Stores `value` under `key`, replacing what was there.
    case put(BackendTable, key: Bytes, value: Bytes)
    /// Removes `key`; no error if it is missing.
    case delete(BackendTable, key: Bytes)
}

/// Changes that become durable together or not at all.
public struct BackendBatch: Sendable {
    /// In the order in which they take effect.
    public var operations: [BackendOperation]

    /// A batch of the given changes.
    public init(operations: [BackendOperation] = []) {
        self.operations = operations
    }

    /// Stores `value` under `key`.
    public mutating func put(_ table: BackendTable, key: Bytes, value: Bytes) {
        operations.append(.put(table, key: key, value: value))
    }

    /// Removes `key`.
    public mutating func delete(_ table: BackendTable, key: Bytes) {
        operations.append(.delete(table, key: key))
    }
}

/// Why the backend could not do what was asked.
public enum BackendError: Error, Equatable, Sendable {
    /// No room on the disk or above the configured size; nothing of the batch took place.
    case noSpace
    /// The stored data are damaged; `path` and `offset` (where known) say where.
    case corrupted(path: String, offset: Int?, reason: String)
    /// Any other failure, in the library's words.
    case failed(operation: String, reason: String)
}

/// A consistent view of the backend as of its last commit before the view was made.
package protocol BackendView: AnyObject {
    /// Calls `body` with the stored bytes of `key`, valid only during the call; nil if missing.
    func read<Result>(
        _ table: BackendTable, key: Bytes, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result?
    /// Visits the entries with `from <= key`, and `key < to` where `to` is given, in ascending key
    /// order until `body` answers false. The buffers are valid only during the call.
    func scan(
        _ table: BackendTable, from: Bytes, to: Bytes?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    )
    /// How many entries a table has.
    func count(_ table: BackendTable) -> Int
}

/// An ordered, durable key-value store with a few tables. Reads see the last commit that
/// `refresh` has seen; one commit runs at a time, possibly on another thread than the reads.
package protocol Backend: BackendView {
    /// Makes the whole batch durable, atomically. Returns when it is durable.
    /// May be called on another thread than the reads; never twice at once.
    func commit(_ batch: BackendBatch) throws(BackendError)
    /// Lets later reads see all commits that have finished.
    func refresh() throws(BackendError)
    /// A view that later commits do not change, for snapshots. Usable on another thread.
    func makeView() throws(BackendError) -> any BackendView
    /// Bytes allocated on disk, and of those in use.
    func sizes() -> (allocatedBytes: Int, inUseBytes: Int)
    /// Rewrites the file without its free space where the backend supports that.
    func defragment() throws(BackendError)
    /// Closes it; later calls are a bug.
    func close()
}

/// Opens a member's backend and replaces it as a whole.
package protocol BackendProvider: AnyObject {
    /// Opens the present backend, or makes an empty one.
    /// - Throws: `.corrupted` if the files cannot be trusted.
    func open() throws(BackendError) -> any Backend
    /// Makes a new backend from all that `fill` commits to it, and puts it in the place of the
    /// present one in one durable step: after a crash either the old or the complete new one is
    /// found. The present backend must not be used again. May run on another thread.
    func replace(
        _ fill: (any Backend) throws(BackendError) -> Void
    ) throws(BackendError) -> any Backend
}
