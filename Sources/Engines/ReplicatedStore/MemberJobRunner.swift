internal import Environment
internal import MVCC
internal import Primitives
internal import Raft
internal import Storage
internal import WriteAheadLog

/// The work of one job, separate from the member so that another thread can do it.
///
/// SAFETY: `@unchecked Sendable` because `files` is shared with the member: a commit touches only
/// `Backend.commit`, which that protocol allows beside reads; writing an image uses a view of its
/// own; an installation is the only user of the backend while it runs, since the member neither
/// applies, reads nor commits until it is told the result.
package struct MemberJobRunner: @unchecked Sendable {
    let files: MemberFiles
    let job: MemberJob

    /// Does the work.
    /// - Throws: what ends the member: a commit that failed for another reason than want of space.
    package func run() throws(MemberFailure) -> MemberJobResult {
        switch job {
        case .syncLog:
            invariant(false, "the log is synced by the member itself")
            return .logSynced
        case .commit(let batch):
            do {
                try files.backend.commit(batch)
            } catch .noSpace {
                return .commitRefused(batch)
            } catch {
                throw .backend(error)
            }
            return .committed
        case .writeSnapshot:
            return .snapshotWritten(writeSnapshot())
        case .installSnapshot:
            return .snapshotInstalled(installSnapshot())
        }
    }

    /// Writes the image of the backend's last commit.
    private func writeSnapshot() -> Result<SnapshotDescription, MemberFailure> {
        do {
            let view = try files.backend.makeView()
            guard let description = try SnapshotDescription(of: view) else {
                return .failure(.refused(reason: "the backend has no applied entry yet"))
            }
            let path = files.outgoingPath(description.lastIncluded)
            if !files.disk.exists(path) {
                try SnapshotFile.write(
                    view: view, header: description.encoded(), to: path, disk: files.disk)
            }
            return .success(description)
        } catch {
            return .failure(MemberFailure(any: error))
        }
    }

    /// Verifies the received image and puts it in the place of the backend.
    private func installSnapshot() -> Result<SnapshotDescription, MemberFailure> {
        do {
            let summary = try SnapshotFile.verify(path: files.incomingPath, disk: files.disk)
            let description = try SnapshotDescription(decoding: summary.header)
            let (disk, path) = (files.disk, files.incomingPath)
            files.backend = try files.backends.replace { (fresh) throws(BackendError) in
                do {
                    try SnapshotFile.read(path: path, disk: disk) { batch in
                        try fresh.commit(batch)
                    }
                } catch let error as BackendError {
                    throw error
                } catch {
                    throw BackendError.failed(operation: "read image", reason: "\(error)")
                }
            }
            return .success(description)
        } catch {
            return .failure(MemberFailure(any: error))
        }
    }
}

extension MemberFailure {
    /// Sorts an error of the adapters.
    init(any error: any Error) {
        switch error {
        case let error as MemberFailure: self = error
        case let error as DiskError: self = .disk(error)
        case let error as BackendError: self = .backend(error)
        case let error as WALError: self = .log(error)
        default: self = .refused(reason: "\(error)")
        }
    }
}
