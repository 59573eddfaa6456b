internal import CProcess
internal import Dispatch
internal import Glibc
internal import Primitives

extension ProcessRuntime {
    /// Starts a container; returns when its process runs.
    package func startContainer(_ id: String) async throws(RuntimeFailure) {
        let entry = try entry(id)
        guard entry.record.state == .created, entry.shim == nil else {
            throw .wrongState(id: id, isRunning: entry.record.state.isRunning)
        }
        let ready: Descriptor
        do {
            ready = try startShim(entry.folder, entry.record.spec.limits)
        } catch {
            fail(id, entry.folder, error)
            throw .start(error.description)
        }
        // Without a descriptor to wait with, the end of the shim is waited for.
        try? await Readiness.readable(ready.number, on: queue)
        settle(id)
        // The shim has failed and is about to end, or has ended: the same to those who wait.
        if entries[id]?.record.state == .created { _ = await waitForEnd(of: id, Self.killTime) }
        guard let state = entries[id]?.record.state else { throw .unknown(id: id) }
        if state == .created {
            throw Task.isCancelled ? .cancelled : .start("its shim does not answer")
        }
        if let exit = state.exit, exit.reason == .startError || exit.reason == .unknown {
            throw .start(exit.message)
        }
    }

    /// Takes note of a container for which no shim could be started.
    private func fail(_ id: String, _ folder: ContainerFolder, _ failure: HostFailure) {
        endOrphans(of: id, session: nil)
        folder.groups().remove()
        let exit = ContainerExit.neverStarted(failure.description, at: HostClock.now())
        // On a disk that takes nothing a later runtime finds that it has ended unseen.
        try? folder.write(exit)
        end(id, exit)
    }

    /// Waits for news of a shim that was asked for just before, for a second at most.
    func awaitNews(of id: String) async {
        for _ in 0..<200 where entries[id]?.record.state == .created {
            guard entries[id]?.shim != nil else { return }
            // If the task is cancelled, the shim's end still settles it.
            try? await Task.sleep(for: .milliseconds(5))
            settle(id)
        }
    }

    /// Starts a container's shim; the descriptor becomes readable once it has news.
    private func startShim(
        _ folder: ContainerFolder, _ limits: ContainerLimits
    ) throws(HostFailure) -> Descriptor {
        let groups = ContainerGroups(paths: cgroups?.paths(of: folder.id, limits) ?? [])
        try folder.markStart(groups)
        try groups.create(limits)
        let pipe = try Pipe()
        let null = try HostFiles.open("/dev/null", O_RDONLY)
        let log = try HostFiles.open(folder.shimLogPath, O_WRONLY | O_CREAT | O_APPEND)
        let start = ProcessStart(
            path: shimProgram, arguments: [shimProgram, ContainerShim.verb, folder.path],
            environment: [], standard: [null, pipe.writer, log])
        let shim: Int32
        do { shim = try start.start() } catch {
            try folder.write(ContainerExit.neverStarted("\(error)", at: HostClock.now()))
            return pipe.reader
        }
        do throws(HostFailure) {
            // It cannot vanish before we have waited for it.
            guard let identity = ProcessTable.facts(shim)?.identity else {
                throw HostFailure("read", "/proc/\(shim)/stat", ENOENT)
            }
            try watch(identity, of: folder.id)
        } catch {
            Self.endChild(shim)
            throw error
        }
        return pipe.reader
    }

    /// Ends a child that we cannot follow, as for lack of descriptors.
    static func endChild(_ process: Int32) {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    /// Follows a shim.
    func watch(_ shim: ProcessIdentity, of id: String) throws(HostFailure) {
        entries[id]?.shim = try WatchedProcess(shim, on: queue) { [weak self] in
            self?.assumeIsolated { $0.shimHasEnded(of: id) }
        }
    }

    private func shimHasEnded(of id: String) {
        entries[id]?.shim?.finish()
        entries[id]?.shim = nil
        settle(id)
    }

    /// Brings what is known of a container up to what its folder says.
    func settle(_ id: String) {
        guard let entry = entries[id], entry.record.state.exit == nil else { return }
        if entry.shim != nil {
            if entry.live == nil, let state = entry.folder.runningState() { adopt(id, state) }
        } else if let exit = entry.folder.exit() {
            let hadExecs = HostFiles.status(entry.folder.execMarkPath) != nil
            if hadExecs { endOrphans(of: id, session: nil) }
            entry.folder.groups().remove()
            end(id, exit)
        } else {
            bury(id)
        }
    }

    /// Takes note of a container that runs.
    func adopt(_ id: String, _ state: RunningState) {
        entries[id]?.live = LiveContainer(state: state)
        entries[id]?.record.state = .running(
            process: state.main.process, startedAt: state.startedAt)
        announce.yield(id)
    }

    /// Takes note of a container that has ended.
    func end(_ id: String, _ exit: ContainerExit) {
        entries[id]?.live = nil
        entries[id]?.record.state = .exited(exit)
        let waiters = entries[id]?.waiters ?? [:]
        entries[id]?.waiters = [:]
        for waiter in waiters.values { waiter.resume() }
        announce.yield(id)
    }
}
