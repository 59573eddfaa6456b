internal import Glibc
internal import Primitives
internal import ResourceModel

/// A container's state folder: what agent and shim know of it, and how one finds out what the
/// other did. Layout: docs/formats/containers.md.
struct ContainerFolder: Sendable {
    let path: String

    /// The setting by which processes of a container are known; inherited by all it starts.
    static func setting(of id: String) -> String { "KEELSON_CONTAINER=\(id)" }
    /// The setting of processes that `exec` has started in a container.
    static func execSetting(of id: String) -> String { "KEELSON_EXEC=\(id)" }

    /// The container's identifier.
    var id: String { String(path[path.index(after: path.lastIndex(of: "/")!)...]) }
    var specPath: String { path + "/spec.json" }
    var statePath: String { path + "/state.json" }
    var exitPath: String { path + "/exit.json" }
    var lockPath: String { path + "/lock" }
    var shimLogPath: String { path + "/shim.log" }
    /// There once a shim was asked for.
    var startMarkPath: String { path + "/started" }
    /// There once a process was started in the container beside the main one.
    var execMarkPath: String { path + "/execs" }

    /// Makes the folder of a new container.
    func create(_ spec: ContainerSpec, at now: Int64) throws(HostFailure) {
        try HostFiles.makeFolder(path)
        try HostFiles.write(Bytes(), at: lockPath, mode: 0o600)
        var json = spec.json
        json["createdAt"] = .integer(now)
        try HostFiles.replace(specPath, with: json.encoded)
    }

    /// What the container is to be, and when it was made; nil if the file cannot be understood.
    func spec() -> (ContainerSpec, createdAt: Int64)? {
        let json = json(specPath)
        guard let spec = ContainerSpec(json), let createdAt = json["createdAt"].integerValue else {
            return nil
        }
        return (spec, createdAt)
    }

    /// Notes that a shim is about to be asked for, and the cgroups that are about to be made.
    func markStart(_ groups: ContainerGroups) throws(HostFailure) {
        let json: JSON = ["cgroups": .strings(groups.paths)]
        try HostFiles.replace(startMarkPath, with: json.encoded)
    }

    /// The cgroups of the container.
    func groups() -> ContainerGroups {
        ContainerGroups(paths: json(startMarkPath)["cgroups"].strings ?? [])
    }

    /// What the shim wrote once the container ran.
    func runningState() -> RunningState? { RunningState(json(statePath)) }

    func write(_ state: RunningState) throws(HostFailure) {
        try HostFiles.replace(statePath, with: state.json.encoded)
    }

    /// How the container ended.
    func exit() -> ContainerExit? { ContainerExit(json(exitPath)) }

    func write(_ exit: ContainerExit) throws(HostFailure) {
        try HostFiles.replace(exitPath, with: exit.json.encoded)
    }

    /// Takes the lock that a shim holds as long as it lives; nil if one does.
    func lock() throws(HostFailure) -> Descriptor? {
        let file = try HostFiles.open(lockPath, O_RDWR | O_CREAT)
        var lock = Self.wholeFile
        // SAFETY: the kernel reads, and below fills, a local.
        if unsafe fcntl(file.number, F_SETLK, &lock) == 0 { return file }
        if errno == EAGAIN || errno == EACCES { return nil }
        throw HostFailure("lock", lockPath, errno)
    }

    /// The shim that lives; nil if none does.
    func shim() -> ProcessIdentity? {
        var lock = Self.wholeFile
        // Without the file there is no shim.
        guard let file = try? HostFiles.open(lockPath, O_RDWR),
            unsafe fcntl(file.number, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK)
        else { return nil }
        return ProcessTable.facts(lock.l_pid)?.identity
    }

    /// A process's lock rather than a file's: the kernel tells who holds it, and no child
    /// inherits it.
    private static var wholeFile: flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }

    private func json(_ path: String) -> JSON? {
        // What is damaged or missing is not known; the caller deals with that.
        guard let bytes = try? HostFiles.read(path, bytesMax: 8 << 20) else { return nil }
        // As above.
        return try? JSON(parsing: bytes)
    }
}
