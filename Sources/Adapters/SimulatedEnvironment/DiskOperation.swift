/// The calls of `Disk` and `DiskFile` that the simulated disk counts, each under its own name.
package enum DiskOperation: String, CaseIterable, Sendable {
    case createDirectory, list, open, rename, remove, removeDirectory, syncDirectory
    case read, write, preallocate, truncate, sync, lock

    /// Whether the call is about names rather than the bytes of a file.
    package var concernsNames: Bool {
        switch self {
        case .createDirectory, .list, .open, .rename, .remove, .removeDirectory: true
        case .syncDirectory, .read, .write, .preallocate, .truncate, .sync, .lock: false
        }
    }
}

/// What was asked of a disk in some period, for the time that it would have taken.
package struct DiskActivity: Sendable, Equatable {
    /// Calls of `read` and the bytes they returned.
    package var reads = 0
    /// Bytes that `read` returned.
    package var bytesRead = 0
    /// Calls of `write`.
    package var writes = 0
    /// Bytes that `write` took.
    package var bytesWritten = 0
    /// Bytes that `preallocate` added; a real disk writes them.
    package var bytesPreallocated = 0
    /// Calls of `sync`, failed ones included.
    package var syncs = 0
    /// Bytes in the sectors that `sync` made durable.
    package var bytesSynced = 0
    /// Calls of `syncDirectory`.
    package var directorySyncs = 0
    /// All other calls.
    package var others = 0

    /// Nothing yet.
    package init() {}

    mutating func count(_ operation: DiskOperation) {
        switch operation {
        case .read: reads += 1
        case .write: writes += 1
        case .sync: syncs += 1
        case .syncDirectory: directorySyncs += 1
        default: others += 1
        }
    }
}
