internal import Environment
internal import Glibc

/// What all POSIX calls here share: repetition after a signal, and errors in the words of
/// `DiskError`.
///
/// SAFETY: buffers passed to the kernel are locals that outlive the call.
enum PosixCalls {
    /// Makes a call until no signal interrupts it.
    /// - Throws: the error for the errno that it left, about `path`.
    @discardableResult
    static func check<Number: SignedInteger>(
        _ operation: String, _ path: String, _ call: () -> Number
    ) throws(DiskError) -> Number {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw error(operation, path, code) }
        }
    }

    /// The error for an errno.
    static func error(_ operation: String, _ path: String, _ code: Int32) -> DiskError {
        switch code {
        case ENOENT: .notFound(path: path)
        case EEXIST: .exists(path: path)
        case ENOSPC, EDQUOT: .noSpace(path: path)
        default: .failed(operation: operation, path: path, code: code)
        }
    }

    /// The file type bits of what has this path, links not followed; nil if nothing has it.
    static func kind(of path: String) -> mode_t? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return status.st_mode & S_IFMT
    }

    /// When a regular file was last written to, in seconds since 1970; nil for anything else.
    static func writtenSeconds(of path: String) -> Int64? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Int64(status.st_mtim.tv_sec)
    }

    /// Whether the path leads to a folder, links followed.
    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Bytes that this process may still write to the file system that holds `path`; nil where
    /// the system does not say.
    static func freeBytes(at path: String) -> Int? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        let (bytes, isTooLarge) = Int(status.f_bavail)
            .multipliedReportingOverflow(by: Int(status.f_frsize))
        return isTooLarge ? .max : bytes
    }
}
