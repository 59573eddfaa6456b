internal import CLMDB
internal import Environment
internal import Glibc

/// LMDB's result codes in the words of `BackendError`.
///
/// SAFETY: the text that LMDB returns is copied before any other call can change it.
enum LMDBFailure {
    /// The error for a code other than success; `path` is the data file.
    static func error(_ operation: String, _ code: Int32, path: String) -> BackendError {
        switch code {
        case MDB_MAP_FULL, ENOSPC, EDQUOT:
            .noSpace
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH,
            MDB_INCOMPATIBLE:
            .corrupted(path: path, offset: nil, reason: "\(operation): \(text(code))")
        default:
            .failed(operation: operation, reason: "\(path): \(text(code))")
        }
    }

    /// Fails unless the code means success.
    static func check(
        _ operation: String, _ code: Int32, path: String
    ) throws(BackendError) {
        if code != MDB_SUCCESS { throw error(operation, code, path: path) }
    }

    private static func text(_ code: Int32) -> String {
        guard let text = unsafe mdb_strerror(code) else { return "code \(code)" }
        return unsafe String(cString: text)
    }
}

extension BackendError {
    /// A failed file operation.
    init(_ error: DiskError) {
        switch error {
        case .noSpace: self = .noSpace
        case .locked(let path):
            self = .failed(operation: "lock", reason: "\(path): in use")
        case .notFound(let path): self = .failed(operation: "find", reason: "\(path): not there")
        case .exists(let path): self = .failed(operation: "create", reason: "\(path): exists")
        case .failed(let operation, let path, let code):
            self = .failed(operation: operation, reason: "\(path): errno \(code)")
        }
    }
}
