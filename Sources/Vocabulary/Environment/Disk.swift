package import Primitives

/// Why a file operation failed; `path` is the file or folder concerned.
public enum DiskError: Error, Equatable, Sendable {
    /// Nothing is there.
    case notFound(path: String)
    /// Something is there already.
    case exists(path: String)
    /// ENOSPC or EDQUOT: the write did not take place, or only in part.
    case noSpace(path: String)
    /// Another process holds the lock.
    case locked(path: String)
    /// Any other failure; `code` is the errno value.
    case failed(operation: String, path: String, code: Int32)
}

/// The file operations that the store's adapters need, synchronous so that the simulator can run
/// them; the shell chooses the thread. Paths are absolute or relative to the process, with `/`.
///
/// Contract, as on a POSIX file system: what was written is durable only after `DiskFile.sync`;
/// a created, renamed or removed name only after `syncDirectory` on its folder. A failed sync says
/// nothing about what reached the disk, so its caller must end the process.
package protocol Disk: AnyObject {
    /// Creates a folder and its missing parents, mode 0700. No error if it exists.
    func createDirectory(_ path: String) throws(DiskError)
    /// The names in a folder, sorted.
    func list(_ path: String) throws(DiskError) -> [String]
    /// Whether a file or folder has this path.
    func exists(_ path: String) -> Bool
    /// Opens a file for reading and, unless `mode` says otherwise, for writing.
    /// - Throws: `.exists` or `.notFound` as `mode` demands.
    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile
    /// Gives a file a new name in one step, replacing what had it.
    func rename(_ path: String, to newPath: String) throws(DiskError)
    /// Removes a file.
    func remove(_ path: String) throws(DiskError)
    /// Removes a folder and all in it; no error if it is not there.
    func removeDirectory(_ path: String) throws(DiskError)
    /// Makes the names in a folder durable.
    func syncDirectory(_ path: String) throws(DiskError)
}

/// How `Disk.open` treats a missing or an existing file.
public enum OpenMode: Sendable {
    /// The file must exist.
    case existing
    /// The file must exist and is only read: somebody else's, perhaps, or on a read-only disk.
    case reading
    /// The file must not exist; it is created empty with mode 0600.
    case new
    /// Opens the file, created empty with mode 0600 where it is missing.
    case createIfMissing
}

/// One open file. Not for use from two threads at once.
package protocol DiskFile: AnyObject {
    /// The path under which it was opened.
    var path: String { get }
    /// Its length in bytes.
    func size() throws(DiskError) -> Int
    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(DiskError) -> Bytes
    /// Writes all of `bytes` at `offset`, growing the file as needed.
    func write(_ bytes: Bytes, at offset: Int) throws(DiskError)
    /// Reserves and zero-fills the file up to `size` bytes; never shrinks it.
    func preallocate(size: Int) throws(DiskError)
    /// Cuts or extends the file to `size` bytes.
    func truncate(to size: Int) throws(DiskError)
    /// fdatasync: makes all earlier writes to this file durable.
    func sync() throws(DiskError)
    /// Takes the exclusive advisory lock, released by `close` or the end of the process.
    /// - Throws: `.locked` if another process or handle has it.
    func lock() throws(DiskError)
    /// Closes the file without syncing; later calls fail.
    func close()
}
