internal import Environment
internal import EtcdAPI
internal import Foundation
internal import Storage
internal import Synchronization

/// Writes a backup that arrives in parts: under another name until it is whole and verified.
final class BackupWriter: Sendable {
    private struct State: ~Copyable {
        var file: any DiskFile
        var writtenBytes = 0
        var expectedBytes = 0
        var syncedBytes = 0
    }

    /// Bytes after which what has come is synced: all at once would hold up the disk for others.
    private static let syncBytes = 4 << 20

    private let path: String
    private let replaces: Bool
    private let disk: PosixDisk
    private let state: Mutex<State>

    private var partPath: String { path + ".part" }

    /// Starts a file beside the one to write.
    /// - Throws: `CommandFailure` if there is something that may not be replaced, or if another
    ///   process writes the same file.
    init(path: String, replaces: Bool, disk: PosixDisk) throws {
        self.path = path
        self.replaces = replaces
        self.disk = disk
        try Self.checkPlace(path, replaces, disk)
        let file = try disk.open(path + ".part", .createIfMissing)
        do {
            try file.lock()
        } catch {
            file.close()
            throw CommandFailure(message: "\(path) is being written by another process")
        }
        try file.truncate(to: 0)
        state = Mutex(State(file: file))
    }

    private static func checkPlace(_ path: String, _ replaces: Bool, _ disk: PosixDisk) throws {
        guard disk.exists(path) else { return }
        guard replaces else {
            throw CommandFailure(message: "\(path) exists already: --force replaces it")
        }
        guard PosixDisk.writtenSeconds(of: path) != nil else {
            throw CommandFailure(message: "\(path) is no file that could be replaced")
        }
    }

    /// Adds a part.
    func take(_ part: WireSnapshotPart) throws {
        try state.withLock { state in
            if state.writtenBytes == 0 {
                // The sum at the end is not counted.
                state.expectedBytes = part.blob.count + Int(clamping: part.remainingBytes) + 32
            }
            try state.file.write(part.blob, at: state.writtenBytes)
            state.writtenBytes += part.blob.count
            if state.writtenBytes - state.syncedBytes >= Self.syncBytes {
                try state.file.sync()
                state.syncedBytes = state.writtenBytes
            }
        }
    }

    /// Bytes written, and bytes to write.
    var progress: (done: Int, all: Int) {
        state.withLock { ($0.writtenBytes, $0.expectedBytes) }
    }

    /// Syncs and verifies the file and gives it its name.
    func finish() throws -> SnapshotSummary {
        try state.withLock { try $0.file.sync() }
        let summary: SnapshotSummary
        do {
            summary = try SnapshotFile.verify(path: partPath, disk: disk, ending: .sum)
        } catch let error as SnapshotError {
            throw CommandFailure(message: "what the store sent cannot be used: \(error)")
        }
        try Self.checkPlace(path, replaces, disk)
        try disk.rename(partPath, to: path)
        let folder = (path as NSString).deletingLastPathComponent
        try disk.syncDirectory(folder.isEmpty ? "." : folder)
        state.withLock { $0.file.close() }
        return summary
    }

    /// Removes what was written.
    func abandon() {
        // Only disk space would be lost; the next attempt writes over it.
        try? disk.remove(partPath)
        state.withLock { $0.file.close() }
    }
}

/// How far a long work has come, on a terminal; nothing elsewhere.
final class ProgressLine: Sendable {
    private let title: String
    private let isShown: Bool
    private let shownTenths = Mutex(-1)

    init(_ title: String) {
        self.title = title
        isShown = isatty(FileHandle.standardError.fileDescriptor) != 0
    }

    /// Shows it again where it has changed.
    func show(_ progress: (done: Int, all: Int)) {
        guard isShown, progress.all > 0 else { return }
        let tenths = progress.done * 1_000 / progress.all
        let isNew = shownTenths.withLock { shown in
            defer { shown = tenths }
            return shown != tenths
        }
        guard isNew else { return }
        let bar = String(repeating: "#", count: tenths / 50)
        let rest = String(repeating: ".", count: max(0, 20 - tenths / 50))
        let sizes = "\(sizeText(Int64(progress.done))) of \(sizeText(Int64(progress.all)))"
        say("\r\u{1B}[K\(title) [\(bar)\(rest)] \(tenths / 10) % (\(sizes))")
    }

    /// Takes the line away.
    func end() {
        if isShown { say("\r\u{1B}[K") }
    }

    private func say(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
