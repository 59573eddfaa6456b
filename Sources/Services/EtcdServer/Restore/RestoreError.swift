internal import Environment
internal import ReplicatedStore

/// Why a backup was not restored; nothing was changed.
package enum RestoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is something where the data folder is to be.
    case notEmpty(path: String)
    /// The data folder's place is taken by what is no folder.
    case noFolder(path: String)
    /// Another restore to the same place is under way.
    case underWay(path: String)
    /// The settings, the file or the disk, in words for the operator.
    case refused(String)

    /// Sorts what can go wrong.
    init(_ error: any Error) {
        switch error {
        case let error as RestoreError: self = error
        case let error as MemberFailure: self = .refused(error.text)
        case let error as StartError: self = .refused("\(error)")
        case let error as FolderError: self = .refused("\(error)")
        case let error as DiskError: self = .refused(error.text)
        default: self = .refused("\(error)")
        }
    }

    /// For the operator.
    package var description: String {
        switch self {
        case .notEmpty(let path):
            "data-dir \"\(path)\" not empty or could not be read: a restore makes a new folder"
        case .noFolder(let path): "data-dir \"\(path)\" is there already, and no folder"
        case .underWay(let path): "another restore to \"\(path)\" is under way"
        case .refused(let text): text
        }
    }
}
