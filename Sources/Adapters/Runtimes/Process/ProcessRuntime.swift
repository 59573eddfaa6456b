internal import Dispatch
internal import Glibc

/// Containers as processes of this machine, without images and without isolation but for what
/// limits and mounts there are. Each is watched over by a process of its own (`ContainerShim`),
/// so that containers go on while the agent is away.
///
/// Contract: `recover` is called once, before anything else. One runtime uses a data folder at a
/// time. Where a pid namespace has no process that waits for orphans, shims that outlived their
/// agent become its business when they end.
package actor ProcessRuntime: ContainerRuntime {
    /// A container, with what is held while it runs.
    struct Entry {
        var folder: ContainerFolder
        var record: ContainerRecord
        /// Its shim, while it lives.
        var shim: WatchedProcess?
        /// While the main process runs.
        var live: LiveContainer?
        /// Those who wait for its end, by a number of their own.
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    /// How long processes may take to go after SIGKILL.
    static let killTime = Duration.seconds(10)
    /// Hints of changes that wait for their reader at most.
    static let changesMax = 4096

    /// Where the runtime and each of its file operations run: they may block for a moment.
    nonisolated let executor: QueueExecutor
    let dataFolder: String
    /// The program that is run as a shim.
    let shimProgram: String
    let makeID: @Sendable () -> String
    var entries: [String: Entry] = [:]
    /// The containers of each sandbox: they are asked for often, and copying all entries is dear.
    var members: [String: Set<String>] = [:]
    var knownSandboxes: [String: SandboxRecord] = [:]
    /// Found out by `recover`.
    var cgroups: Cgroups?
    var lastWaiter: UInt64 = 0
    /// Follow the processes of `exec`, by their numbers.
    var execs: [Int32: any DispatchSourceRead] = [:]
    let announce: AsyncStream<String>.Continuation

    /// Hints of changes, as the protocol says.
    package nonisolated let changes: AsyncStream<String>

    /// All of it runs on the queue. SAFETY: the actor keeps its executor.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    nonisolated var queue: DispatchQueue { executor.queue }

    /// A runtime that keeps its state in `containers` and `sandboxes` of a data folder.
    /// - Parameters:
    ///   - shimProgram: the program to run as shims; it must call `ContainerShim.runIfAsked` at
    ///     once.
    ///   - makeID: gives identifiers that were never used: letters, digits and `-`.
    package init(
        dataFolder: String, shimProgram: String, makeID: @escaping @Sendable () -> String
    ) {
        self.dataFolder = dataFolder
        self.shimProgram = shimProgram
        self.makeID = makeID
        // Those who talk to a process that does not listen any more are told so by EPIPE.
        signal(SIGPIPE, SIG_IGN)
        executor = QueueExecutor(label: "keelson.containers")
        (changes, announce) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(Self.changesMax))
    }

    /// Makes a container in a sandbox and answers its identifier.
    package func makeContainer(_ spec: ContainerSpec) throws(RuntimeFailure) -> String {
        guard let sandbox = knownSandboxes[spec.sandboxID] else {
            throw .unknown(id: spec.sandboxID)
        }
        guard sandbox.isReady else { throw .invalid("sandbox \"\(sandbox.id)\" is stopped") }
        try check(spec)
        let id = makeID()
        let folder = folder(of: id)
        let now = HostClock.now()
        try host { () throws(HostFailure) in try folder.create(spec, at: now) }
        add(
            Entry(
                folder: folder,
                record: ContainerRecord(id: id, spec: spec, createdAt: now, state: .created)))
        announce.yield(id)
        return id
    }

    private func check(_ spec: ContainerSpec) throws(RuntimeFailure) {
        let isTaken = containers(in: spec.sandboxID).contains {
            $0.spec.name == spec.name && $0.spec.attempt == spec.attempt
        }
        if isTaken { throw .exists(name: spec.name, attempt: spec.attempt) }
        if spec.command.isEmpty { throw .invalid("no command specified") }
        let mounted = spec.mounts.flatMap { [$0.source, $0.target] }
        for path in [spec.workingDirectory, spec.log.path] + mounted where !path.hasPrefix("/") {
            throw .invalid("path \"\(path)\" is not absolute")
        }
        let texts = spec.command + spec.environment + mounted + [spec.workingDirectory]
        if texts.contains(where: { $0.utf8.contains(0) }) { throw .invalid("a text has a NUL") }
        if let wrong = spec.environment.first(where: { !$0.dropFirst().contains("=") }) {
            throw .invalid("environment \"\(wrong)\" is not NAME=value")
        }
    }

    /// All containers, the oldest first.
    package func containers() -> [ContainerRecord] {
        Self.ordered(entries.values.map(\.record))
    }

    /// All containers of a sandbox, the oldest first.
    package func containers(in sandbox: String) -> [ContainerRecord] {
        Self.ordered((members[sandbox] ?? []).compactMap { entries[$0]?.record })
    }

    private static func ordered(_ records: [ContainerRecord]) -> [ContainerRecord] {
        records.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// One container.
    package func container(_ id: String) throws(RuntimeFailure) -> ContainerRecord {
        try entry(id).record
    }

    /// Removes a container that does not run. Its log stays.
    package func removeContainer(_ id: String) throws(RuntimeFailure) {
        guard let entry = entries[id] else { return }
        if entry.shim != nil { throw .wrongState(id: id, isRunning: true) }
        try host { () throws(HostFailure) in try HostFiles.removeTree(entry.folder.path) }
        entries[id] = nil
        let sandbox = entry.record.spec.sandboxID
        members[sandbox]?.remove(id)
        if members[sandbox]?.isEmpty ?? false { members[sandbox] = nil }
        announce.yield(id)
    }

    /// What a running container uses.
    package func stats(_ id: String) throws(RuntimeFailure) -> ContainerStats {
        guard let shim = try entry(id).shim else { throw .wrongState(id: id, isRunning: false) }
        return ProcessTable.usage(below: shim.identity.process)
    }

    /// Takes a container in.
    func add(_ entry: Entry) {
        entries[entry.record.id] = entry
        members[entry.record.spec.sandboxID, default: []].insert(entry.record.id)
    }

    func entry(_ id: String) throws(RuntimeFailure) -> Entry {
        guard let entry = entries[id] else { throw .unknown(id: id) }
        return entry
    }

    var containersFolder: String { dataFolder + "/containers" }
    var sandboxesFolder: String { dataFolder + "/sandboxes" }

    func folder(of id: String) -> ContainerFolder {
        ContainerFolder(path: containersFolder + "/" + id)
    }
}
