import Glibc

/// What a program said and how it ended.
struct Answer {
    var output = ""
    var errors = ""
    /// Above 128 the signal that ended it, plus 128 (as shells do).
    var exitCode: Int32 = 0

    var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// A system call failed.
struct SystemFailure: Error, CustomStringConvertible {
    let description: String

    init(_ call: String, _ number: Int32 = errno) {
        description = "\(call): \(String(cString: strerror(number)))"
    }
}

/// A process of ours. It is ended with this object, and by the kernel with the test process.
final class ChildProcess {
    /// Where what it says goes.
    enum Voice {
        /// To us, by `read` and `finish`.
        case heard
        /// To the end of a file, both outputs.
        case file(String)
    }

    let id: pid_t
    private let command: [String]
    private var input: Int32 = -1
    private var outputs: [Int32] = []
    private var said: [[UInt8]] = [[], []]
    private var status: Int32?

    /// Starts `command`, whose first word is a path, with nothing but `variables` in its
    /// environment.
    init(_ command: [String], variables: [String: String] = [:], voice: Voice = .heard) throws {
        self.command = command
        let guarded = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"] + command
        // Whole segments, two for each store that is started, would keep the disk busy.
        let settings =
            ["PATH=/usr/local/bin:/usr/bin:/bin", "ETCD_WAL_SEGMENT_BYTES=4194304"]
            + variables.map { "\($0)=\($1)" }
        switch voice {
        case .file(let path):
            id = try Spawner.thread.run { try Self.spawn(guarded, settings, .toFile(path)) }
        case .heard:
            let started = try Spawner.thread.run { try Self.spawnHeard(guarded, settings) }
            id = started.id
            input = started.input
            outputs = started.outputs
        }
    }

    deinit {
        end()
        closeInput()
        for descriptor in outputs where descriptor >= 0 { close(descriptor) }
    }

    /// Runs a command to its end.
    static func run(
        _ command: [String], variables: [String: String] = [:], input: String = "",
        within duration: Duration = .seconds(30)
    ) throws -> Answer {
        let process = try ChildProcess(command, variables: variables)
        process.write(input)
        process.closeInput()
        return try process.finish(within: duration)
    }

    /// Gives it something to read. Nobody minds if it does not listen any more.
    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Tells it that no more input comes.
    func closeInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    /// Everything that it has said so far on standard output.
    var output: String { String(decoding: said[0], as: UTF8.self) }

    /// Listens until the output is as wanted; answers all of it.
    @discardableResult
    func listen(
        for what: String, within duration: Duration = .seconds(30),
        until isEnough: (String) -> Bool
    ) throws -> String {
        let deadline = Deadline(duration)
        while !isEnough(output) {
            guard try hear(deadline), !deadline.hasPassed else {
                throw TooLate(
                    description: "\(command.dropFirst().joined(separator: " ")): no \(what) in "
                        + "\"\(output)\", errors \"\(String(decoding: said[1], as: UTF8.self))\"")
            }
        }
        return output
    }

    /// Listens until it ends by itself.
    func finish(within duration: Duration = .seconds(30)) throws -> Answer {
        let deadline = Deadline(duration)
        while try hear(deadline) {
            guard !deadline.hasPassed else {
                end()
                throw TooLate(
                    description: "\(command.joined(separator: " ")) still runs after \(duration): "
                        + "\"\(output)\" \"\(String(decoding: said[1], as: UTF8.self))\"")
            }
        }
        return Answer(
            output: output, errors: String(decoding: said[1], as: UTF8.self),
            exitCode: wait(options: 0) ?? 0)
    }

    /// Whether it still runs.
    var isRunning: Bool { wait(options: WNOHANG) == nil }

    /// Sends a signal.
    func signal(_ number: Int32) {
        if isRunning { kill(id, number) }
    }

    /// Ends it by force.
    func end() {
        signal(SIGKILL)
        _ = wait(options: 0)
    }

    /// Waits until it says something more; false if it says no more.
    private func hear(_ deadline: Deadline) throws -> Bool {
        var polled = outputs.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard polled.contains(where: { $0.fd >= 0 }) else { return false }
        guard poll(&polled, nfds_t(polled.count), deadline.milliseconds) >= 0 else {
            throw SystemFailure("poll")
        }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        for index in polled.indices where polled[index].revents != 0 {
            let count = read(outputs[index], &bytes, bytes.count)
            if count > 0 {
                said[index] += bytes[..<count]
            } else {
                close(outputs[index])
                outputs[index] = -1
            }
        }
        return outputs.contains { $0 >= 0 }
    }

    private func wait(options: Int32) -> Int32? {
        if status == nil {
            var raw: Int32 = 0
            if waitpid(id, &raw, options) == id {
                status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + raw & 0x7F
            }
        }
        return status
    }

    private enum Target: Sendable {
        case toFile(String)
        case toPipes([Int32])
    }

    /// Starts a process with pipes. On the one thread that starts processes, so that no other
    /// child inherits the pipes before they are marked.
    private static func spawnHeard(
        _ command: [String], _ variables: [String]
    ) throws -> (id: pid_t, input: Int32, outputs: [Int32]) {
        let pipes = try (0..<3).map { _ in
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw SystemFailure("pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return ends
        }
        let theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
        defer { for end in theirs { close(end) } }
        let id = try spawn(command, variables, .toPipes(theirs))
        return (id, pipes[0][1], [pipes[1][0], pipes[2][0]])
    }

    private static func spawn(
        _ command: [String], _ variables: [String], _ target: Target
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        switch target {
        case .toFile(let path):
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(
                &actions, 1, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        case .toPipes(let ends):
            for (number, end) in ends.enumerated() {
                posix_spawn_file_actions_adddup2(&actions, end, Int32(number))
            }
        }
        let arguments = command.map { strdup($0) } + [nil]
        let environment = variables.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var id: pid_t = 0
        // The threads of a test process block and ignore signals that shells live by.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let result = posix_spawn(&id, command[0], &actions, &attributes, arguments, environment)
        guard result == 0 else { throw SystemFailure("start \(command[0])", result) }
        return id
    }
}
