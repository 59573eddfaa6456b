import Environment
import Glibc
import Storage

/// A folder of this run's own, removed at the end.
final class ScratchFolder {
    let path: String
    let disk = PosixDisk()

    /// Makes a new folder in `parent`.
    init(in parent: String) throws {
        path = "\(parent)/.benchmark-\(getpid())"
        try disk.createDirectory(path)
    }

    /// A folder for one measurement.
    func folder(_ name: String) throws -> String {
        let folder = path + "/" + name
        try disk.createDirectory(folder)
        return folder
    }

    /// Removes everything.
    func remove() {
        // What cannot be removed is named by its folder and left to the user.
        try? disk.removeDirectory(path)
    }
}

/// A disk that does not wait for syncs, to see what the rest costs.
final class UnsyncedDisk: Disk {
    private let base: any Disk

    init(_ base: any Disk) {
        self.base = base
    }

    func createDirectory(_ path: String) throws(DiskError) { try base.createDirectory(path) }
    func list(_ path: String) throws(DiskError) -> [String] { try base.list(path) }
    func exists(_ path: String) -> Bool { base.exists(path) }
    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        UnsyncedFile(try base.open(path, mode))
    }
    func rename(_ path: String, to newPath: String) throws(DiskError) {
        try base.rename(path, to: newPath)
    }
    func remove(_ path: String) throws(DiskError) { try base.remove(path) }
    func removeDirectory(_ path: String) throws(DiskError) { try base.removeDirectory(path) }
    func syncDirectory(_ path: String) throws(DiskError) {}
}

/// A file of an `UnsyncedDisk`.
final class UnsyncedFile: DiskFile {
    private let base: any DiskFile

    init(_ base: any DiskFile) {
        self.base = base
    }

    var path: String { base.path }
    func size() throws(DiskError) -> Int { try base.size() }
    func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        try base.read(at: offset, count: count)
    }
    func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        try base.write(bytes, at: offset)
    }
    func preallocate(size: Int) throws(DiskError) { try base.preallocate(size: size) }
    func truncate(to size: Int) throws(DiskError) { try base.truncate(to: size) }
    func sync() throws(DiskError) {}
    func lock() throws(DiskError) { try base.lock() }
    func close() { base.close() }
}
