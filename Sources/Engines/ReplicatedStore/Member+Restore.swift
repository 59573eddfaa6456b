package import Environment
internal import MVCC
package import Primitives
internal import Raft
package import Storage
internal import WriteAheadLog

/// How a backup becomes the first state of a cluster.
package struct Restoration: Sendable {
    /// The backup's file.
    package var path: String
    /// What the file ends with.
    package var ending = SnapshotEnding.sum
    /// How far the revision steps up.
    package var revisionStep: Int64 = 1_000_000_000
    /// Whether history up to then counts as compacted.
    package var compacts = true

    /// Restores from this file.
    package init(path: String) {
        self.path = path
    }
}

/// What a restored member begins with.
package struct RestoredContent: Sendable, Equatable {
    /// The newest revision.
    package var revision: Revision
    /// Reads below it are refused.
    package var compactRevision: Revision
    /// Keys that exist.
    package var keyCount: Int
}

extension Member {
    /// Fills the folder of a member that does not exist yet from a backup. All members of the
    /// configuration's first membership must be made like this, from the same file: they begin
    /// with the same state at the same entry, and their logs go on behind it.
    /// - Throws: `.refused` naming what is wrong with the backup; `.disk`, `.backend`, `.log`. The
    ///   folder is of no use then.
    package static func restore(
        _ restoration: Restoration, configuration: MemberConfiguration, disk: any Disk,
        backends: any BackendProvider
    ) throws(MemberFailure) -> RestoredContent {
        do {
            let backend = try fill(backends, with: restoration, configuration, disk)
            defer { backend.close() }
            let store = try StateMachine(limits: configuration.limits, backend: backend)
            try beginLog(behind: store.appliedEntry, configuration, disk)
            return RestoredContent(
                revision: store.revision, compactRevision: store.compactRevision,
                keyCount: store.keyCount)
        } catch {
            throw MemberFailure(any: error)
        }
    }

    private static func fill(
        _ backends: any BackendProvider, with restoration: Restoration,
        _ configuration: MemberConfiguration, _ disk: any Disk
    ) throws -> any Backend {
        let members = configuration.initialMembers
        let membership = Membership(voters: members.map(\.0))
        return try backends.replace { (fresh) throws(BackendError) in
            do {
                try SnapshotFile.read(
                    path: restoration.path, disk: disk, ending: restoration.ending
                ) { try fresh.commit($0) }
                try fresh.refresh()
                try fresh.commit(
                    StateMachine.restorationBatch(
                        of: fresh, members: members, membershipRecord: membership.encoded(),
                        revisionStep: restoration.revisionStep, compacts: restoration.compacts))
            } catch let error as BackendError {
                throw error
            } catch {
                throw BackendError.failed(operation: "restore", reason: "\(error)")
            }
        }
    }

    /// Makes a log that has nothing but its beginning, behind an entry that it does not have.
    private static func beginLog(
        behind entry: EntryID, _ configuration: MemberConfiguration, _ disk: any Disk
    ) throws {
        var (log, _) = try SegmentedLog.open(
            disk: disk, directory: MemberFiles.logDirectory(in: configuration.directory),
            options: LogOptions(
                segmentBytes: configuration.segmentBytes, clusterID: configuration.clusterID,
                memberID: configuration.id.rawValue, mutation: configuration.mutation))
        defer { log.close() }
        try log.reset(
            to: entry, hardState: HardState(term: entry.term, commitIndex: entry.index))
    }
}
