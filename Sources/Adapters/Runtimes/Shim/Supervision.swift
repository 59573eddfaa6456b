internal import Glibc
internal import Primitives

/// One container from its start to its end, as its shim sees it.
///
/// SAFETY: buffers passed to the kernel are locals that outlive the call.
struct Supervision {
    private let folder: ContainerFolder
    private let children: Descriptor
    private let main: Int32
    private let startedAt: Int64
    /// The read ends of the container's outputs; nil once a stream has ended.
    private var outputs: [Descriptor?]
    private var log: LogWriter
    private var hasLostOutput = false
    private var mainEnd: ProcessEnd?
    private var chunk = Bytes(repeating: 0, count: 64 << 10)

    /// Starts the container and says so.
    init(
        _ folder: ContainerFolder, _ spec: ContainerSpec, children: Descriptor
    ) throws(RuntimeFailure) {
        self.folder = folder
        self.children = children
        let standard: [Descriptor]
        do throws(HostFailure) {
            log = try LogWriter(spec.log)
            let pipes = [try Pipe(), try Pipe()]
            for pipe in pipes { try pipe.reader.makeNonBlocking() }
            outputs = pipes.map(\.reader)
            standard = [try HostFiles.open("/dev/null", O_RDONLY)] + pipes.map(\.writer)
        } catch {
            throw .host(error)
        }
        main = try Self.start(spec, folder, standard)
        startedAt = HostClock.now()
    }

    private static func start(
        _ spec: ContainerSpec, _ folder: ContainerFolder, _ standard: [Descriptor]
    ) throws(RuntimeFailure) -> Int32 {
        let path = try ProgramSearch.path(
            of: spec.command.first ?? "", in: spec.environment, from: spec.workingDirectory)
        var start = ProcessStart(
            path: path, arguments: spec.command,
            environment: spec.environment + [ContainerFolder.setting(of: folder.id)],
            standard: standard)
        start.workingDirectory = spec.workingDirectory
        start.parentDeathSignal = SIGKILL
        start.mounts = try Self.mounts(of: spec)
        start.cgroups = try host { () throws(HostFailure) in try folder.groups().doors() }
        start.user = spec.user
        start.group = spec.group
        return try start.start()
    }

    /// The mounts, each with a place to come from, as containerd makes it, and one to go to.
    private static func mounts(of spec: ContainerSpec) throws(RuntimeFailure) -> [Mount] {
        for mount in spec.effectiveMounts {
            do {
                if HostFiles.status(mount.source) == nil {
                    try HostFiles.makeFolder(mount.source, mode: 0o755)
                }
                if HostFiles.status(mount.target) != nil { continue }
                if HostFiles.isFolder(mount.source) {
                    try HostFiles.makeFolder(mount.target, mode: 0o755)
                } else {
                    try HostFiles.write(Bytes(), at: mount.target, mode: 0o644)
                }
            } catch {
                throw .start("mount point: \(error)")
            }
        }
        return spec.effectiveMounts
    }

    /// Watches over the container until nothing of it is left, and writes down how it ended.
    mutating func run() throws(HostFailure) {
        guard let shim = ProcessTable.facts(getpid())?.identity,
            let main = ProcessTable.facts(main)?.identity
        else { throw HostFailure("read", "/proc", ENOENT) }
        try folder.write(
            RunningState(
                bootID: ProcessTable.bootID(), shim: shim, main: main, startedAt: startedAt))
        // The agent waits for this.
        close(STDOUT_FILENO)
        while mainEnd == nil { waitForNews(milliseconds: -1) }
        endTheRest()
        drainOutputs()
        writeLog { (log) throws(HostFailure) in try log.finish(at: HostClock.now()) }
        let groups = folder.groups()
        let exit = exit(hasRunOutOfMemory: groups.hasRunOutOfMemory)
        groups.remove()
        try folder.write(exit)
    }

    /// Waits for output or the end of a child, and deals with it.
    private mutating func waitForNews(milliseconds: Int32) {
        var polled = [pollfd(fd: children.number, events: Int16(POLLIN), revents: 0)]
        polled += outputs.map { pollfd(fd: $0?.number ?? -1, events: Int16(POLLIN), revents: 0) }
        guard unsafe poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return }
        for (index, stream) in LogWriter.Stream.allCases.enumerated()
        where polled[index + 1].revents != 0 {
            _ = readOutput(stream)
        }
        if polled[0].revents != 0 { reap() }
    }

    /// Reads once from a stream; false if nothing was there.
    private mutating func readOutput(_ stream: LogWriter.Stream) -> Bool {
        guard let output = outputs[stream.rawValue] else { return false }
        let count = unsafe read(output.number, &chunk, chunk.count)
        if count > 0 {
            let now = HostClock.now()
            let bytes = chunk[..<count]
            writeLog { (log) throws(HostFailure) in try log.take(bytes, from: stream, at: now) }
            return true
        }
        if count == 0 || (errno != EAGAIN && errno != EINTR) { outputs[stream.rawValue] = nil }
        return false
    }

    /// Reads what is still in the pipes. Their writers have ended, or are no process of this
    /// container and hold an end that was handed to them; those are not waited for.
    private mutating func drainOutputs() {
        for stream in LogWriter.Stream.allCases { while readOutput(stream) {} }
    }

    /// Waits for all children that have ended; false if there are no children left.
    @discardableResult
    private mutating func reap() -> Bool {
        // What the signals say is asked of the kernel below.
        while unsafe read(children.number, &chunk, chunk.count) > 0 {}
        while true {
            var status: Int32 = 0
            let child = unsafe waitpid(-1, &status, WNOHANG)
            if child == 0 { return true }
            if child < 0 { return errno == EINTR }
            if child == main { mainEnd = ProcessEnd(status) }
        }
    }

    /// Ends all descendants: the children, then those that become children by that.
    private mutating func endTheRest() {
        while reap() {
            for child in ProcessTable.children(of: getpid()) { kill(child, SIGKILL) }
            waitForNews(milliseconds: 100)
        }
    }

    private func exit(hasRunOutOfMemory: Bool) -> ContainerExit {
        let end = mainEnd ?? ProcessEnd(0)
        return ContainerExit(
            code: end.code, signal: end.signal,
            reason: end.code == 0 ? .completed : hasRunOutOfMemory ? .outOfMemory : .error,
            startedAt: startedAt, finishedAt: HostClock.now())
    }

    /// A log that cannot be written, as on a full disk, loses lines; it must not hold up the
    /// container. The first failure goes to shim.log.
    private mutating func writeLog(_ write: (inout LogWriter) throws(HostFailure) -> Void) {
        do {
            try write(&log)
        } catch {
            if !hasLostOutput { ShimLog.write("\(error)") }
            hasLostOutput = true
        }
    }
}
