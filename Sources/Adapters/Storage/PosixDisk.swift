package import Environment
internal import Glibc
internal import Primitives

/// The `Disk` of a real machine: POSIX calls, each repeated when a signal interrupts it.
///
/// Keeps more than the contract asks for in one place: `createDirectory` makes the folders that
/// it creates durable at once, so that no caller can forget the parent of a data folder.
/// Holds no state, so any number of threads may use it at once.
///
/// SAFETY: the only pointers are the paths, which the compiler keeps alive for the call.
package final class PosixDisk: Disk, Sendable {
    /// The file system of this machine.
    package init() {}

    /// Creates a folder and its missing parents, mode 0700 whatever the umask.
    package func createDirectory(_ path: String) throws(DiskError) {
        let parent = PosixPath.parent(of: path)
        do {
            try makeDirectory(path)
        } catch .notFound where parent != path {
            try createDirectory(parent)
            try makeDirectory(path)
        }
    }

    /// The names in a folder, sorted by their UTF-8.
    package func list(_ path: String) throws(DiskError) -> [String] {
        let names = try PosixFolder(path).names()
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether a file, folder or link has this path.
    package func exists(_ path: String) -> Bool {
        PosixCalls.kind(of: path) != nil
    }

    /// Opens a file; a new one has mode 0600 whatever the umask.
    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        switch mode {
        case .existing: try PosixFile(path: path, creates: false)
        case .reading: try PosixFile(path: path, creates: false, isReadOnly: true)
        case .new: try PosixFile(path: path, creates: true)
        case .createIfMissing: try openOrCreate(path)
        }
    }

    /// Gives a file or folder a new name in one step, replacing a file that had it.
    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        try PosixCalls.check("rename", path) { unsafe Glibc.rename(path, newPath) }
    }

    /// Removes a file or a link.
    package func remove(_ path: String) throws(DiskError) {
        try PosixCalls.check("unlink", path) { unsafe unlink(path) }
    }

    /// Removes a folder and all in it, following no symbolic link; no error if it is not there.
    package func removeDirectory(_ path: String) throws(DiskError) {
        do {
            try PosixFolder(path, followsLink: false).removeContents()
            try PosixCalls.check("rmdir", path) { unsafe rmdir(path) }
        } catch .notFound {
            return
        }
    }

    /// Makes the names in a folder durable.
    package func syncDirectory(_ path: String) throws(DiskError) {
        try PosixFolder(path).sync()
    }

    /// When a file was last written to, in seconds since 1970; nil for links, folders and other
    /// things that are no files.
    package static func writtenSeconds(of path: String) -> Int64? {
        PosixCalls.writtenSeconds(of: path)
    }

    /// Makes one folder whose parent exists, durably.
    private func makeDirectory(_ path: String) throws(DiskError) {
        do {
            try PosixCalls.check("mkdir", path) { unsafe mkdir(path, 0o700) }
        } catch .exists {
            guard PosixCalls.isDirectory(path) else { throw .exists(path: path) }
            return
        }
        // A umask may have taken bits away from the owner.
        try PosixCalls.check("chmod", path) { unsafe chmod(path, 0o700) }
        try syncDirectory(PosixPath.parent(of: path))
    }

    private func openOrCreate(_ path: String) throws(DiskError) -> PosixFile {
        // Another process may create or remove the file in between, but not for ever.
        for _ in 0..<8 {
            do {
                return try PosixFile(path: path, creates: false)
            } catch .notFound {
                do {
                    return try PosixFile(path: path, creates: true)
                } catch .exists {
                    continue
                }
            }
        }
        throw .failed(operation: "open", path: path, code: EAGAIN)
    }
}
