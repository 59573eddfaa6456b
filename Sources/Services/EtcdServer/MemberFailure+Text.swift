package import Environment
internal import Glibc
internal import ReplicatedStore

extension MemberFailure {
    /// One line for the operator.
    var text: String {
        switch self {
        case .refused(let reason): reason
        case .disk(let error): error.text
        case .backend(.noSpace): "no space left on the disk for the backend"
        case .backend(.corrupted(let path, let offset, let reason)):
            "\(path) is damaged" + (offset.map { " at offset \($0)" } ?? "") + ": \(reason)"
        case .backend(.failed(let operation, let reason)): "backend: \(operation): \(reason)"
        }
    }
}

extension DiskError {
    /// One line for the operator.
    package var text: String {
        switch self {
        case .notFound(let path): "\(path) does not exist"
        case .exists(let path): "\(path) exists already"
        case .noSpace(let path): "no space left on the disk for \(path)"
        case .locked(let path): "\(path) is locked: another process uses this data directory"
        case .failed(let operation, let path, let code):
            "\(path): \(operation): \(systemText(code))"
        }
    }
}

/// The system's words for an error number.
// SAFETY: `strerror` answers a text that is copied at once.
func systemText(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
}
