package import Environment
internal import Primitives

/// A disk in memory that keeps the promises of `Disk` and no others, for the simulator and tests.
///
/// - What was written is visible at once, but durable only after `DiskFile.sync`, by sectors of
///   512 bytes; the same holds for file sizes. Names (created, renamed, removed) are durable only
///   after `syncDirectory` on the folder they are in. A file whose name is lost is lost, synced or
///   not. A rename is one step: after a crash either the old or the new name leads to the file;
///   syncing either of its two folders is enough.
/// - `crash(using:faults:)` is a power cut, `endProcess()` a `kill -9`: both end all handles and
///   locks; the second keeps what the cache holds.
/// - Faults come from a plan by number of the operation (`failOperation`, `stopAtOperation`), at a
///   rate (`injectFaults`), or by hand (`flipBit`, `rot`).
///
/// Equal calls and seeds give equal results. It takes no time: `takeActivity()` says what was
/// asked of it, so that the simulator can put a duration to it. One thread only.
package final class SimulatedDisk {
    /// The bytes that all files together may have, as their sizes say; writes beyond fail with
    /// `.noSpace`. `Int.max` when there is no limit.
    package var capacityBytes = Int.max
    /// Whether `createDirectory` syncs the parent of each folder that it makes, as `PosixDisk`
    /// does. Off, the names of folders are as volatile as those of files.
    package var syncsNewFolders = true
    /// Called for each counted operation before it takes place, with its number.
    package var observer: ((_ number: Int, _ operation: DiskOperation, _ path: String) -> Void)?

    /// Operations so far, whether they failed or not. `exists`, `size` and `close` don't count.
    package internal(set) var operationCount = 0
    /// Whether `stopAtOperation` has struck: all calls fail until the crash.
    package internal(set) var isStopped = false
    /// The bytes of all files that have a name.
    package internal(set) var usedBytes = 0

    var root = FolderNode(number: 0)
    /// Not durable yet, oldest first.
    var nameChanges: [NameChange] = []
    /// Grows with each crash, so that handles know that theirs is over.
    var epoch = 0
    var activity = DiskActivity()
    var plan = DiskFaultPlan()
    /// The names along each path asked for: members use the same ones over and over.
    var knownPaths: [String: [String]] = [:]
    private var lastFolder = 0
    private var lastSequence = 0
    private var lastHandle = 0
    private let seed: UInt64

    /// An empty, endless, faultless disk. `seed` decides the details of planned faults, such as
    /// how much of a failed write took place.
    package init(seed: UInt64 = 0) {
        self.seed = seed
    }

    /// What was asked of the disk since this was last called, or since the start.
    package func takeActivity() -> DiskActivity {
        defer { activity = DiskActivity() }
        return activity
    }

    /// The number of a change, in the order of the whole disk.
    func nextSequence() -> Int {
        lastSequence += 1
        return lastSequence
    }

    func nextHandle() -> Int {
        lastHandle += 1
        return lastHandle
    }

    func makeFolder(names: [String: DiskNode] = [:]) -> FolderNode {
        lastFolder += 1
        return FolderNode(number: lastFolder, names: names)
    }

    /// The generator for the details of the operation under way.
    func detailGenerator() -> SplitMix64 {
        FaultDraw(seed: seed).generator(kind: 0, ordinal: operationCount)
    }

    /// A disk of the same settings with nothing on it and no faults planned.
    func emptyCopy() -> SimulatedDisk {
        let copy = SimulatedDisk(seed: seed)
        copy.capacityBytes = capacityBytes
        copy.syncsNewFolders = syncsNewFolders
        return copy
    }
}

extension SimulatedDisk: Disk {
    /// Creates a folder and its missing parents, durably unless `syncsNewFolders` is off.
    package func createDirectory(_ path: String) throws(DiskError) {
        try beginSimple(.createDirectory, path)
        var folder = root
        let names = components(path)
        for (position, name) in names.enumerated() {
            switch folder.current[name] {
            case .folder(let next): folder = next
            case .file:
                guard position < names.count - 1 else { throw .exists(path: path) }
                throw .failed(
                    operation: DiskOperation.createDirectory.rawValue, path: path,
                    code: ErrorNumber.notDirectory)
            case nil:
                let next = makeFolder()
                change(.link(NamePlace(folder: folder, name: name), .folder(next)))
                if syncsNewFolders {
                    commitNames(of: folder)
                    activity.directorySyncs += 1
                }
                folder = next
            }
        }
    }

    /// The names in a folder, sorted by their UTF-8.
    package func list(_ path: String) throws(DiskError) -> [String] {
        try beginSimple(.list, path)
        return Self.sorted(try folder(path, .list).current)
    }

    /// Whether a file or folder has this path.
    package func exists(_ path: String) -> Bool {
        node(path) != nil
    }

    /// Opens a file, with a handle that is good until the process ends.
    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        let place = try? place(path)  // No folder, no file: told apart below.
        let existing = place.flatMap { $0.folder.current[$0.name] }
        try beginOpen(path, creates: existing == nil && mode != .existing && mode != .reading)
        switch (existing, mode) {
        case (.folder, _):
            throw .failed(
                operation: DiskOperation.open.rawValue, path: path, code: ErrorNumber.isDirectory)
        case (.file, .new): throw .exists(path: path)
        case (.file(let file), _): return SimulatedFile(path: path, disk: self, node: file)
        case (nil, .existing), (nil, .reading): throw .notFound(path: path)
        case (nil, _):
            guard let place else { throw .notFound(path: path) }
            let file = FileNode()
            change(.link(place, .file(file)))
            return SimulatedFile(path: path, disk: self, node: file)
        }
    }

    /// Gives a file or folder a new name, replacing a file or an empty folder that had it.
    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        try beginSimple(.rename, path)
        let from = try place(path)
        guard let node = from.folder.current[from.name] else { throw .notFound(path: path) }
        let to = try place(newPath)
        guard from != to else { return }
        func refuse(_ code: Int32) -> DiskError {
            .failed(operation: DiskOperation.rename.rawValue, path: newPath, code: code)
        }
        switch (node, to.folder.current[to.name]) {
        case (.folder(let moved), nil):
            let isInside = isFolder(to.folder, inside: moved)
            guard !isInside else { throw refuse(ErrorNumber.invalid) }
        case (.folder, .folder(let replaced)):
            guard replaced.current.isEmpty else { throw refuse(ErrorNumber.notEmpty) }
        case (.folder, .file): throw refuse(ErrorNumber.notDirectory)
        case (.file, .folder): throw refuse(ErrorNumber.isDirectory)
        case (.file, .file(let replaced)): unlinked(replaced)
        case (.file, nil): break
        }
        change(.move(from: from, to: to, node))
    }

    /// Removes a file; whoever has it open keeps it.
    package func remove(_ path: String) throws(DiskError) {
        try beginSimple(.remove, path)
        let place = try place(path)
        switch place.folder.current[place.name] {
        case nil: throw .notFound(path: path)
        case .folder:
            throw .failed(
                operation: DiskOperation.remove.rawValue, path: path,
                code: ErrorNumber.isDirectory)
        case .file(let file):
            unlinked(file)
            change(.unlink(place, .file(file)))
        }
    }

    /// Removes a folder and all in it; each name on the way is a change of its own.
    package func removeDirectory(_ path: String) throws(DiskError) {
        try beginSimple(.removeDirectory, path)
        switch node(path) {
        case nil: return
        case .file:
            throw .failed(
                operation: DiskOperation.removeDirectory.rawValue, path: path,
                code: ErrorNumber.notDirectory)
        case .folder(let folder):
            removeContents(of: folder)
            guard folder !== root else { return }
            change(.unlink(try place(path), .folder(folder)))
        }
    }

    /// Makes the folder's names durable, and what they build on in other folders.
    package func syncDirectory(_ path: String) throws(DiskError) {
        try beginSimple(.syncDirectory, path)
        commitNames(of: try folder(path, .syncDirectory))
    }
}
