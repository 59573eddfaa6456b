package import Environment
internal import Primitives

/// Opens and replaces a member's backend in LMDB, in a folder of its own.
///
/// `open` checks the whole file first: its structure, the checksum of every value, and the sum of
/// all entries (docs/formats/lmdb.md). What the check accepts is exactly what was committed.
/// Files have mode 0600, folders 0700. A second opening of the folder is refused, in this process
/// as in any other, as long as a backend or a view of the first one lives.
package final class LMDBBackendProvider: BackendProvider {
    /// Bytes to which the data file may grow where nothing else is said. LMDB maps as much of the
    /// address space, which costs no memory.
    package static let defaultSizeMax = 64 << 30

    private let directory: String
    private let disk: any Disk
    private let sizeMax: Int
    private let onFault: @Sendable (BackendError) -> Never
    private weak var folder: BackendFolder?
    private weak var present: LMDBBackend?

    /// A provider for `directory`, which must be on the file system that `disk` reaches.
    /// - Parameters:
    ///   - sizeMax: bytes to which the data file may grow; a commit that needs more throws
    ///     `.noSpace`. A file that is larger already may be read and changed, not grown.
    ///   - onFault: told of what no caller can be given as an error, and must end the process:
    ///     a damaged value met by a read, and a sync that failed while a new backend was put in
    ///     force. Where not given the process traps with a message that names file and offset.
    package init(
        directory: String, disk: any Disk, sizeMax: Int = LMDBBackendProvider.defaultSizeMax,
        onFault: @escaping @Sendable (BackendError) -> Never = LMDBBackendProvider.trap
    ) {
        self.directory = directory
        self.disk = disk
        self.sizeMax = sizeMax
        self.onFault = onFault
    }

    /// Ends the process with a message: what happens to faults unless `onFault` says otherwise.
    package static let trap: @Sendable (BackendError) -> Never = { error in
        fatalError("the backend cannot go on: \(error)")
    }

    /// Opens the present backend, or makes an empty one.
    /// - Throws: `.corrupted`, with path and offset, if the file cannot be trusted; `.failed` if
    ///   the folder is in use.
    package func open() throws(BackendError) -> any Backend {
        let folder = try makeFolder()
        let backend = try LMDBBackend(folder.open())
        (self.folder, present) = (folder, backend)
        return backend
    }

    /// Makes a new backend from all that `fill` commits to it and puts it in the place of the
    /// present one. After an error the present one is in force and may be used as before.
    package func replace(
        _ fill: (any Backend) throws(BackendError) -> Void
    ) throws(BackendError) -> any Backend {
        let folder = if let folder { folder } else { try makeFolder() }
        let old = present
        var filled: LMDBBackend?
        _ = try folder.replace { (environment) throws(BackendError) in
            let backend = try LMDBBackend(environment)
            try fill(backend)
            try backend.refresh()
            filled = backend
        }
        guard let filled else { fatalError("the new backend is gone") }
        old?.markReplaced()
        (self.folder, present) = (folder, filled)
        return filled
    }

    private func makeFolder() throws(BackendError) -> BackendFolder {
        try BackendFolder(directory: directory, disk: disk, sizeMax: sizeMax, onFault: onFault)
    }
}
