import Glibc

// SAFETY: the argument and environment arrays end with nil, their strings are freed after
// posix_spawn has returned, and spawn attributes are destroyed where they were made.

/// A child process. It is a process group of its own, so that a ^C reaches only the benchmark,
/// which then ends its children itself.
final class ServerProcess {
    let id: pid_t
    private var isGone = false

    /// Starts `executable`, both outputs appended to the file at `logPath`.
    init(_ executable: String, _ arguments: [String], logPath: String) throws {
        var command = [executable] + arguments
        // Where it exists, setpriv makes the kernel end the child if we are killed.
        let guardian = "/usr/bin/setpriv"
        if unsafe access(guardian, X_OK) == 0 {
            command = [guardian, "--pdeathsig", "KILL", "--"] + command
        }
        id = try Self.spawn(command, logPath: logPath)
    }

    /// Whether it has ended; never waits.
    func hasEnded() -> Bool {
        if isGone { return true }
        var status: Int32 = 0
        isGone = unsafe waitpid(id, &status, WNOHANG) != 0
        return isGone
    }

    /// Ends it: politely first, and after `graceSeconds` by force.
    func end(graceSeconds: Int = 20) {
        guard !hasEnded() else { return }
        kill(id, SIGTERM)
        let deadline = nanoseconds() + Int64(graceSeconds) * 1_000_000_000
        while !hasEnded(), nanoseconds() < deadline { usleep(2_000) }
        if !hasEnded() { endNow() }
    }

    /// Ends it by force.
    func endNow() {
        guard !hasEnded() else { return }
        kill(id, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
        isGone = true
    }

    /// What a program prints before it ends by itself, which it must do soon.
    static func output(of executable: String, _ arguments: [String], in folder: String) -> String {
        let path = folder + "/output"
        unsafe unlink(path)
        // A program that cannot be started has no output.
        guard let process = try? ServerProcess(executable, arguments, logPath: path) else {
            return ""
        }
        let deadline = nanoseconds() + 5_000_000_000
        while !process.hasEnded(), nanoseconds() < deadline { usleep(1_000) }
        process.endNow()
        return TextFile.read(path)
    }

    private static func spawn(_ command: [String], logPath: String) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(
            &actions, 1, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        let variables = unsafe environment().map { unsafe strdup($0) } + [nil]
        defer {
            for unsafe text in unsafe arguments + variables { unsafe free(text) }
        }
        var id: pid_t = 0
        let result = unsafe posix_spawn(
            &id, command[0], &actions, &attributes, arguments, variables)
        guard result == 0 else {
            throw LoadFailure.system(call: "start \(command[0])", errorNumber: result)
        }
        return id
    }

    /// Our environment without what the servers would take for settings of theirs.
    private static func environment() -> [String] {
        var variables: [String] = []
        var place = unsafe environ
        while let text = unsafe place.pointee {
            let variable = unsafe String(cString: text)
            if !variable.hasPrefix("ETCD") { variables.append(variable) }
            unsafe place += 1
        }
        return variables
    }
}
