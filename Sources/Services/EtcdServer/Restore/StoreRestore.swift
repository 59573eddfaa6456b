internal import Crypto
package import Environment
package import Primitives
package import ReplicatedStore
internal import Storage
internal import StoreModel

/// Makes the data folder of a member of a new cluster from a backup (etcd's `snapshot restore`).
///
/// The store's part of it is built in a folder of its own and gets its name by one rename, so
/// that there is nothing or the whole, whenever the restore is interrupted. What an interrupted
/// one leaves, the next one removes. What a server keeps beside its store may be there already.
package struct StoreRestore {
    /// What a restore has made.
    package struct Report: Sendable, Equatable {
        /// The data folder.
        package var folder: String
        /// The new member.
        package var memberID: PeerID
        /// The new cluster.
        package var clusterID: UInt64
        /// What it begins with.
        package var content: RestoredContent
    }

    private let settings: StoreSettings
    private let restoration: Restoration
    private let disk: any Disk
    private let onFault: @Sendable (BackendError) -> Never
    private let target: String

    /// Prepares a restore.
    /// - Parameters:
    ///   - settings: name, data folder, token and initial cluster of the new member.
    ///   - onFault: told of a disk that may no longer be trusted, and must end the process.
    package init(
        _ restoration: Restoration, settings: StoreSettings, disk: any Disk,
        onFault: @escaping @Sendable (BackendError) -> Never
    ) {
        self.onFault = onFault
        self.restoration = restoration
        self.settings = settings
        self.disk = disk
        var path = settings.effectiveDataDirectory
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        target = path
    }

    /// Does it. The backup is verified as a whole before anything is written.
    /// - Throws: `RestoreError`; the data folder's place is as it was.
    package func run() throws(RestoreError) -> Report {
        do {
            var record = try MemberRecord(forming: settings)
            let isNew = try !checkTarget()
            let summary = try SnapshotFile.verify(
                path: restoration.path, disk: disk, ending: restoration.ending)
            record.clusterID = clusterID(record, summary)
            do {
                let content = try restore(record)
                return Report(
                    folder: target, memberID: record.memberID, clusterID: record.clusterID,
                    content: content)
            } catch let error as RestoreError {
                throw error
            } catch {
                // The first error is the one to tell; the next restore removes what is left.
                try? disk.removeDirectory(isNew ? target : side)
                throw error
            }
        } catch {
            throw RestoreError(error)
        }
    }

    /// Where the store's folder is built.
    private var side: String { target + "/.restoring" }

    /// What a server keeps beside its store, and what an interrupted restore has left.
    private static let harmlessNames: Set = ["pki", "kubeconfig", "node", ".restoring"]

    /// Whether the data folder is there, and empty as far as the store is concerned.
    private func checkTarget() throws -> Bool {
        guard disk.exists(target) else { return false }
        let names: [String]
        do throws(DiskError) {
            names = try disk.list(target)
        } catch {
            throw RestoreError.noFolder(path: target)
        }
        guard Self.harmlessNames.isSuperset(of: names) else {
            throw RestoreError.notEmpty(path: target)
        }
        return true
    }

    private func restore(_ record: MemberRecord) throws -> RestoredContent {
        let lock = try takePlace()
        defer { lock.close() }
        let content = try build(record)
        try disk.syncDirectory(side)
        try disk.rename(side + "/member", to: target + "/member")
        try disk.syncDirectory(target)
        try disk.removeDirectory(side)
        return content
    }

    /// Other than etcd's: the backup counts too. So members that are restored from different
    /// backups, and old ones that come back, are of other clusters and refuse each other.
    private func clusterID(_ record: MemberRecord, _ summary: SnapshotSummary) -> UInt64 {
        var writer = ByteWriter()
        writer.write(record.clusterID)
        writer.write(restoration.revisionStep)
        writer.write(UInt8(restoration.compacts ? 1 : 0))
        writer.bytes += summary.sha256
        return SHA256.hash(data: writer.bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Makes the side folder empty and holds it.
    private func takePlace() throws -> any DiskFile {
        try disk.createDirectory(side)
        let lock = try disk.open(side + "/lock", .createIfMissing)
        do throws(DiskError) {
            try lock.lock()
        } catch {
            lock.close()
            if case .locked = error { throw RestoreError.underWay(path: target) }
            throw error
        }
        try disk.removeDirectory(side + "/member")
        return lock
    }

    private func build(_ record: MemberRecord) throws -> RestoredContent {
        let folder = DataDirectory(disk: disk, root: side)
        try folder.prepare()
        var configuration = MemberConfiguration(
            id: record.memberID, clusterID: record.clusterID, directory: folder.memberPath,
            seed: 0)
        configuration.initialMembers = record.members
        configuration.segmentBytes = settings.segmentBytes
        let content = try Member.restore(
            restoration, configuration: configuration, disk: disk,
            backends: LMDBBackendProvider(
                directory: folder.backendPath, disk: disk, onFault: onFault))
        try folder.write(record)
        return content
    }
}
