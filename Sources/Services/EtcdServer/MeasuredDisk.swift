internal import Environment
internal import Synchronization
internal import Primitives

/// How long syncs of log files took; written where the syncs happen, read for the metrics.
final class SyncTimes: Sendable {
    private let times = Mutex(Histogram())

    var histogram: Histogram { times.withLock { $0 } }

    func observe(nanoseconds: Int64) {
        times.withLock { $0.observe(nanoseconds: nanoseconds) }
    }
}

/// A disk that measures the syncs of the files in one folder and passes all else on.
///
/// SAFETY: `@unchecked Sendable` because it has no state of its own but constants, so it may be
/// used from wherever the disk below may.
final class MeasuredDisk: Disk, @unchecked Sendable {
    private let disk: any Disk
    private let folder: String
    private let times: SyncTimes

    init(_ disk: any Disk, measuring folder: String, _ times: SyncTimes) {
        self.disk = disk
        self.folder = folder + "/"
        self.times = times
    }

    func createDirectory(_ path: String) throws(DiskError) { try disk.createDirectory(path) }

    func list(_ path: String) throws(DiskError) -> [String] { try disk.list(path) }

    func exists(_ path: String) -> Bool { disk.exists(path) }

    func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let file = try disk.open(path, mode)
        return path.hasPrefix(folder) ? MeasuredFile(file, times) : file
    }

    func rename(_ path: String, to newPath: String) throws(DiskError) {
        try disk.rename(path, to: newPath)
    }

    func remove(_ path: String) throws(DiskError) { try disk.remove(path) }

    func removeDirectory(_ path: String) throws(DiskError) { try disk.removeDirectory(path) }

    func syncDirectory(_ path: String) throws(DiskError) { try disk.syncDirectory(path) }
}

/// A file whose syncs are measured.
private final class MeasuredFile: DiskFile {
    private let file: any DiskFile
    private let times: SyncTimes

    init(_ file: any DiskFile, _ times: SyncTimes) {
        self.file = file
        self.times = times
    }

    var path: String { file.path }

    func size() throws(DiskError) -> Int { try file.size() }

    func read(at offset: Int, count: Int) throws(DiskError) -> Bytes {
        try file.read(at: offset, count: count)
    }

    func write(_ bytes: Bytes, at offset: Int) throws(DiskError) {
        try file.write(bytes, at: offset)
    }

    func preallocate(size: Int) throws(DiskError) { try file.preallocate(size: size) }

    func truncate(to size: Int) throws(DiskError) { try file.truncate(to: size) }

    func sync() throws(DiskError) {
        let began = Clock.now()
        try file.sync()
        times.observe(nanoseconds: Clock.now().nanoseconds(since: began))
    }

    func lock() throws(DiskError) { try file.lock() }

    func close() { file.close() }
}
