/// A failure of the device, planned or drawn. A fault that makes no sense for the call it meets
/// (a misdirected read, say) has no effect.
package enum DiskFault: Sendable, Equatable {
    /// The call fails with EIO. A write may have taken place in part. After a failed `sync` the
    /// cached sectors count as clean though only some of them reached the disk, as on Linux: a
    /// second sync succeeds and brings nothing back.
    case ioError
    /// The call fails with ENOSPC; a write may have taken place in part.
    case noSpace
    /// A write is accepted and read back until the crash, but never reaches the disk, synced or
    /// not; a `sync` with this fault reports success and makes nothing durable. No store can
    /// survive that alone: only for runs that expect loss.
    case lostWrite
    /// A write is accepted, but lands on another sector of this or another file, durably; its own
    /// place keeps what it had.
    case misdirectedWrite
}

/// How often the device fails: the chance (0 to 1) of each fault for each call that it suits.
package struct DiskFaultRates: Sendable, Equatable {
    /// EIO from `read`.
    package var readError = 0.0
    /// EIO from `write`, `preallocate` and `truncate`.
    package var writeError = 0.0
    /// EIO from `sync` and `syncDirectory`.
    package var syncError = 0.0
    /// EIO from calls about names.
    package var nameError = 0.0
    /// ENOSPC from `write`, `preallocate`, and from creating files or folders.
    package var noSpace = 0.0
    /// Writes that get lost.
    package var lostWrite = 0.0
    /// Writes that land elsewhere.
    package var misdirectedWrite = 0.0

    /// No faults; set what is wanted.
    package init() {}

    /// The faults that suit an operation, each with its chance, in the order of precedence.
    func candidates(for operation: DiskOperation) -> [(DiskFault, Double)] {
        switch operation {
        case .read: [(.ioError, readError)]
        case .write:
            [
                (.ioError, writeError), (.noSpace, noSpace), (.lostWrite, lostWrite),
                (.misdirectedWrite, misdirectedWrite),
            ]
        case .preallocate: [(.ioError, writeError), (.noSpace, noSpace)]
        case .truncate: [(.ioError, writeError)]
        case .sync, .syncDirectory: [(.ioError, syncError)]
        case .createDirectory, .open: [(.ioError, nameError), (.noSpace, noSpace)]
        case .list, .rename, .remove, .removeDirectory: [(.ioError, nameError)]
        case .lock: []
        }
    }
}

/// A fault that took place.
package struct InjectedDiskFault: Sendable, Equatable {
    /// The number of the operation, from 1.
    package var number: Int
    /// What was asked.
    package var operation: DiskOperation
    /// The file or folder concerned.
    package var path: String
    /// What happened.
    package var fault: DiskFault
    /// Where a misdirected write went.
    package var victim: DamagedRange?
}

/// Bytes of a file that are not what was written there.
package struct DamagedRange: Sendable, Equatable {
    /// The file.
    package var path: String
    /// The first byte.
    package var offset: Int
    /// How many bytes.
    package var count: Int
}
