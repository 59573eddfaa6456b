internal import Environment
internal import Raft
internal import Storage

/// Writes images of the backend, and defragments it, away from the loop.
///
/// SAFETY: `@unchecked Sendable` because it uses only what `Backend` allows beside reads and
/// commits: a view of its own for an image; `defragment` in the place of a commit, for which the
/// caller runs it on the thread of the member's jobs.
package struct BackendCaretaker: @unchecked Sendable {
    let files: MemberFiles

    /// Writes a backup of the last commit to a file in the member's folder, which the next start
    /// removes if nobody did. May run beside the member's jobs.
    /// - Returns: the file's path and size.
    package func writeBackup(
        named name: String, onChunk: ((Int) -> Void)? = nil
    ) throws(MemberFailure) -> (path: String, bytes: Int) {
        let path = "\(files.directory)/\(name).snapshot"
        return (path, try writeBackup(to: path, onChunk: onChunk))
    }

    /// Writes a backup of the last commit to a file, which is whole and durable then or not
    /// there. May run beside the member's jobs.
    /// - Parameter onChunk: told the size of each chunk once it is durable; may take its time.
    /// - Returns: the file's size.
    package func writeBackup(
        to path: String, onChunk: ((Int) -> Void)? = nil
    ) throws(MemberFailure) -> Int {
        do {
            let view = try files.backend.makeView()
            guard let description = try SnapshotDescription(of: view) else {
                throw MemberFailure.refused(reason: "the backend has no applied entry yet")
            }
            try SnapshotFile.write(
                view: view, header: description.encoded(), to: path, disk: files.disk,
                withSum: true, onChunk: onChunk)
            let file = try files.disk.open(path, .existing)
            defer { file.close() }
            return try file.size()
        } catch {
            throw MemberFailure(any: error)
        }
    }

    /// Rewrites the backend's file without its free space. For the thread of the member's jobs
    /// only, since no commit may run meanwhile.
    package func defragment() throws(MemberFailure) {
        do {
            try files.backend.defragment()
        } catch {
            throw .backend(error)
        }
    }
}

extension MemberService {
    /// What images are written and the backend is defragmented with.
    package var caretaker: BackendCaretaker { BackendCaretaker(files: member.files) }

    /// Lets reads see the backend's file as it is after a defragmentation.
    package func refreshBackend() throws(MemberFailure) {
        do {
            try member.files.backend.refresh()
        } catch {
            throw .backend(error)
        }
    }
}
