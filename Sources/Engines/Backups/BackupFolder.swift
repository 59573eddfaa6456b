package import Environment
package import Storage

/// A folder of backups.
package struct BackupFolder {
    /// A file that begins as a backup does.
    package struct Entry: Sendable {
        /// Its name in the folder.
        package var name: String
        /// Its facts, or what is wrong with it.
        package var state: Result<SnapshotSummary, SnapshotError>
        /// When it was last written to, in seconds since 1970.
        package var writtenSeconds: Int64

        /// Whether all of it is as it was written.
        package var isGood: Bool {
            if case .success = state { true } else { false }
        }
    }

    /// What is to be kept; at least one of the two is given.
    package struct Retention: Sendable {
        /// How many good backups are kept at most; nil for any number.
        package var count: Int?
        /// How old a backup may become, in seconds; nil for any age.
        package var ageSecondsMax: Int64?

        /// Keeps as much.
        package init(count: Int?, ageSecondsMax: Int64?) {
            self.count = count
            self.ageSecondsMax = ageSecondsMax
        }
    }

    private let path: String
    private let disk: any Disk
    /// When a file was last written to; nil for what is no file.
    private let writtenSeconds: (String) -> Int64?

    /// Looks at a folder.
    /// - Parameter writtenSeconds: when the file at a path was last written to, in seconds since
    ///   1970; nil for links, folders and other things that are no files.
    package init(
        _ path: String, disk: any Disk, writtenSeconds: @escaping (String) -> Int64?
    ) {
        self.path = path
        self.disk = disk
        self.writtenSeconds = writtenSeconds
    }

    /// The backups in it, each verified, the newest first. Files that do not begin as backups do
    /// are others' and left out.
    /// - Throws: `DiskError`, also if a backup cannot be read.
    package func entries() throws -> [Entry] {
        var entries: [Entry] = []
        for name in try disk.list(path) where !name.hasSuffix(".part") {
            let file = path + "/" + name
            guard let seconds = writtenSeconds(file),
                try SnapshotFile.isImage(path: file, disk: disk)
            else { continue }
            let state: Result<SnapshotSummary, SnapshotError>
            do {
                state = .success(try SnapshotFile.verify(path: file, disk: disk, ending: .any))
            } catch let error as SnapshotError {
                state = .failure(error)
            }
            entries.append(Entry(name: name, state: state, writtenSeconds: seconds))
        }
        return entries.sorted { left, right in
            left.writtenSeconds == right.writtenSeconds
                ? left.name > right.name : left.writtenSeconds > right.writtenSeconds
        }
    }

    /// Which backups are to go, the oldest last. The newest good one always stays, and so does
    /// everything newer than it.
    package static func surplus(
        _ newestFirst: [Entry], _ retention: Retention, nowSeconds: Int64
    ) -> [Entry] {
        var goodCount = 0
        return newestFirst.filter { entry in
            if entry.isGood { goodCount += 1 }
            guard goodCount > 1 || (goodCount == 1 && !entry.isGood) else { return false }
            let isTooOld =
                retention.ageSecondsMax.map { nowSeconds - entry.writtenSeconds > $0 } ?? false
            // A damaged one is of no use once there is a good one that is newer.
            let isTooMany = retention.count.map { goodCount > $0 || !entry.isGood } ?? false
            return isTooOld || isTooMany
        }
    }

    /// Removes a backup.
    package func remove(_ entry: Entry) throws(DiskError) {
        try disk.remove(path + "/" + entry.name)
    }

    /// Makes removals durable.
    package func sync() throws(DiskError) {
        try disk.syncDirectory(path)
    }
}
