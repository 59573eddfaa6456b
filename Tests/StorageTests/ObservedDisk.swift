import Environment
import Glibc
import Storage

/// A real disk that tells of every operation on names before it takes place. The observer may
/// end the process, or refuse the operation.
final class ObservedDisk: Disk {
    typealias Observer = (_ number: Int, _ operation: String, _ path: String) throws(DiskError)
        -> Void

    private let base = PosixDisk()
    private let observer: Observer
    private(set) var operations: [String] = []

    init(_ observer: @escaping Observer = { (_, _, _) throws(DiskError) in }) {
        self.observer = observer
    }

    /// Ends the process before the operation with this number, counted from 1, as `kill -9` does.
    static func exiting(before number: Int) -> ObservedDisk {
        ObservedDisk { (current, _, _) throws(DiskError) in
            if current == number { _exit(7) }
        }
    }

    private func begin(_ operation: String, _ path: String) throws(DiskError) {
        operations.append("\(operation) \(path)")
        try observer(operations.count, operation, path)
    }

    func createDirectory(_ path: String) throws(DiskError) {
        try begin("create", path)
        try base.createDirectory(path)
    }

    func list(_ path: String) throws(DiskError) -> [String] {
        try begin("list", path)
        return try base.list(path)
    }

    func exists(_ path: String) -> Bool { base.exists(path) }

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        try begin("open", path)
        return try base.open(path, mode)
    }

    func rename(_ path: String, to newPath: String) throws(DiskError) {
        try begin("rename", "\(path) \(newPath)")
        try base.rename(path, to: newPath)
    }

    func remove(_ path: String) throws(DiskError) {
        try begin("remove", path)
        try base.remove(path)
    }

    func removeDirectory(_ path: String) throws(DiskError) {
        try begin("removeDirectory", path)
        try base.removeDirectory(path)
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        try begin("sync", path)
        try base.syncDirectory(path)
    }
}
