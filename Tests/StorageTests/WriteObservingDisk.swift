import Environment
import Primitives

/// A disk that tells of each write to a file before it takes place.
final class WriteObservingDisk: Disk {
    private let base: any Disk
    private let observer: () -> Void

    init(_ base: any Disk, _ observer: @escaping () -> Void) {
        self.base = base
        self.observer = observer
    }

    func createDirectory(_ path: String) throws(DiskError) { try base.createDirectory(path) }
    func list(_ path: String) throws(DiskError) -> [String] { try base.list(path) }
    func exists(_ path: String) -> Bool { base.exists(path) }
    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        ObservedFile(try base.open(path, mode), observer)
    }
    func rename(_ path: String, to newPath: String) throws(DiskError) {
        try base.rename(path, to: newPath)
    }
    func remove(_ path: String) throws(DiskError) { try base.remove(path) }
    func removeDirectory(_ path: String) throws(DiskError) { try base.removeDirectory(path) }
    func syncDirectory(_ path: String) throws(DiskError) { try base.syncDirectory(path) }
}

/// A file of a `WriteObservingDisk`.
private final class ObservedFile: DiskFile {
    private let base: any DiskFile
    private let observer: () -> Void

    init(_ base: any DiskFile, _ observer: @escaping () -> Void) {
        self.base = base
        self.observer = observer
    }

    var path: String { base.path }
    func size() throws(DiskError) -> Int { try base.size() }
    func read(at offset: Int, count: Int) throws(DiskError) -> Bytes {
        try base.read(at: offset, count: count)
    }
    func write(_ bytes: Bytes, at offset: Int) throws(DiskError) {
        observer()
        try base.write(bytes, at: offset)
    }
    func preallocate(size: Int) throws(DiskError) { try base.preallocate(size: size) }
    func truncate(to size: Int) throws(DiskError) { try base.truncate(to: size) }
    func sync() throws(DiskError) { try base.sync() }
    func lock() throws(DiskError) { try base.lock() }
    func close() { base.close() }
}
