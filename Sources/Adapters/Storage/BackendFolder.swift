internal import Environment
internal import Primitives

/// A folder with the backend in force, which is the one in the subfolder `data-N` with the highest
/// number N. A new one is built aside and gets the next number by a single rename, so that a crash
/// at any point leaves the old or the complete new one (docs/formats/lmdb.md).
///
/// Holds the folder's lock as long as it lives, that is, as long as a backend or a view does.
///
/// SAFETY: `@unchecked Sendable` because only one replacement, defragmentation or opening may run
/// at a time, and only these touch `number` and the disk; the rest is constant.
final class BackendFolder: @unchecked Sendable {
    let directory: String
    /// Bytes to which the data file may grow.
    let sizeMax: Int
    /// Ends the process for a reason that no caller can be told.
    let onFault: @Sendable (BackendError) -> Never
    private let disk: any Disk
    private let lock: any DiskFile
    /// The number of the subfolder in force; 0 if there is none yet.
    private(set) var number: Int

    /// Makes the folder where it is missing, and locks it.
    init(
        directory: String, disk: any Disk, sizeMax: Int,
        onFault: @escaping @Sendable (BackendError) -> Never
    ) throws(BackendError) {
        self.directory = directory
        self.disk = disk
        self.sizeMax = sizeMax
        self.onFault = onFault
        do throws(DiskError) {
            try disk.createDirectory(directory)
            lock = try disk.open(directory + "/backend.lock", .createIfMissing)
            try lock.lock()
            number = try disk.list(directory).compactMap(Self.number).max() ?? 0
        } catch {
            throw BackendError(error)
        }
    }

    deinit {
        lock.close()
    }

    /// The subfolder in force.
    var pathInForce: String { path(number) }

    /// Opens the backend in force, or an empty one where there is none.
    /// - Throws: `.corrupted` if its file fails the check. Nothing was changed then.
    func open() throws(BackendError) -> LMDBEnvironment {
        guard number > 0 else { return try replace { (_) throws(BackendError) in } }
        let summary = try LMDBFileCheck.run(
            path: LMDBEnvironment.dataPath(in: pathInForce), sizeMax: sizeMax)
        try prepareLockFile(in: pathInForce)
        let environment = try LMDBEnvironment(
            path: pathInForce, folder: self, purpose: .existing(summary))
        // Only now: what is left over from before might be all that is left.
        removeLeftovers()
        return environment
    }

    /// Builds a new backend and puts it in force, durably.
    /// - Throws: what `fill` throws, and failures of the disk; the old one is in force then.
    func replace(
        _ fill: (LMDBEnvironment) throws(BackendError) -> Void
    ) throws(BackendError) -> LMDBEnvironment {
        do {
            try prepareSide()
            let environment = try LMDBEnvironment(path: sidePath, folder: self, purpose: .building)
            try fill(environment)
            try environment.finishBuilding()
            try publish(environment)
            return environment
        } catch {
            // Another attempt, or the next start, removes what could not be removed here.
            try? disk.removeDirectory(sidePath)
            throw error
        }
    }

    /// Where a new backend is built.
    private var sidePath: String { directory + "/next.part" }

    private func path(_ number: Int) -> String { directory + "/data-\(number)" }

    /// The number in a subfolder's name; nil for other names.
    private static func number(of name: String) -> Int? {
        guard name.hasPrefix("data-"), let number = Int(name.dropFirst(5)), number > 0,
            name == "data-\(number)"
        else { return nil }
        return number
    }

    private func prepareSide() throws(BackendError) {
        do throws(DiskError) {
            try disk.removeDirectory(sidePath)
            try disk.createDirectory(sidePath)
            // Made here for the sake of its mode; LMDB takes an empty file for a new one.
            try disk.open(LMDBEnvironment.dataPath(in: sidePath), .new).close()
        } catch {
            throw BackendError(error)
        }
        try prepareLockFile(in: sidePath)
    }

    /// Writes LMDB's lock file full of zeros, which it takes for one that no process uses: nobody
    /// else can, since this folder is locked. LMDB writes to the file through a map; were its
    /// blocks not there already, a full disk would end the process with a bus error.
    private func prepareLockFile(in path: String) throws(BackendError) {
        do throws(DiskError) {
            let file = try disk.open(path + "/lock.mdb", .createIfMissing)
            defer { file.close() }
            let zeros = Bytes(repeating: 0, count: LMDBEnvironment.lockFileBytes)
            // In place first: a full disk has room for what is there already.
            try file.write(zeros, at: 0)
            try file.truncate(to: zeros.count)
        } catch {
            throw BackendError(error)
        }
    }

    private func publish(_ environment: LMDBEnvironment) throws(BackendError) {
        let old = number
        do throws(DiskError) {
            try disk.syncDirectory(sidePath)
            try disk.rename(sidePath, to: path(old + 1))
        } catch {
            throw BackendError(error)
        }
        environment.moved(to: path(old + 1))
        do throws(DiskError) {
            try disk.syncDirectory(directory)
        } catch {
            // Nobody knows which of the two the next start will find, so this run must not
            // go on with either.
            onFault(BackendError(error))
        }
        number = old + 1
        if old > 0 {
            // Views may still show it, which needs no names; the next start tries again.
            try? disk.removeDirectory(path(old))
        }
    }

    private func removeLeftovers() {
        // They cost disk space and nothing else; the next start tries again.
        guard let names = try? disk.list(directory) else { return }
        for name in names {
            let isOld = Self.number(of: name).map { $0 < number } ?? false
            if isOld || name == "next.part" {
                // As above.
                try? disk.removeDirectory(directory + "/" + name)
            }
        }
    }
}
