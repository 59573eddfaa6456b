internal import Environment
internal import Primitives
internal import Raft

/// What a member keeps on its disk: the folder, and the backend that is open now.
///
/// Shared with the shell's job threads: the disk and the backend each say what may run at once.
final class MemberFiles {
    let disk: any Disk
    let directory: String
    let backends: any BackendProvider
    /// The backend in force.
    var backend: any Backend
    /// Held as long as the member lives, so that no second process uses the folder.
    let lock: any DiskFile

    init(
        disk: any Disk, directory: String, backends: any BackendProvider, backend: any Backend,
        lock: any DiskFile
    ) {
        self.disk = disk
        self.directory = directory
        self.backends = backends
        self.backend = backend
        self.lock = lock
    }

    /// Where the log's segments are.
    var logDirectory: String { Self.logDirectory(in: directory) }

    /// Where a received image is put together.
    var incomingPath: String { directory + "/incoming.snapshot" }

    /// Where the image of an applied index is kept for followers.
    func outgoingPath(_ entry: EntryID) -> String {
        "\(directory)/outgoing-\(entry.index)-\(entry.term).snapshot"
    }

    /// Where the log's segments of a member's folder are.
    static func logDirectory(in directory: String) -> String { directory + "/log" }
}
