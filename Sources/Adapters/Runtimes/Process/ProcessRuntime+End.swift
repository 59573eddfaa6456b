internal import Dispatch
internal import Glibc

extension ProcessRuntime {
    /// Asks a container to end, and after the grace period makes it; returns when nothing of it
    /// runs. One that never ran, or has ended, is left as it is.
    /// - Throws: `.unsupported` if processes outlive SIGKILL, as those that wait for a dead disk;
    ///   `.cancelled` if the task was, with what it had asked for asked for.
    package func stopContainer(_ id: String, grace: Duration) async throws(RuntimeFailure) {
        guard let entry = entries[id], entry.shim != nil else { return }
        // One that is only just starting has nobody yet who could be asked to end.
        if entry.live == nil { await awaitNews(of: id) }
        if grace > .zero {
            entries[id]?.live?.signalMain(SIGTERM)
            if await waitForEnd(of: id, grace) { return }
            // An agent that stops leaves its containers the time that they were promised.
            if Task.isCancelled { throw .cancelled }
        }
        entries[id]?.live?.signalMain(SIGKILL)
        if await waitForEnd(of: id, Self.killTime) { return }
        if Task.isCancelled { throw .cancelled }
        // The shim may be stopped or stuck. What it leaves behind is ended when it has gone.
        entries[id]?.shim?.signal(SIGKILL)
        if await waitForEnd(of: id, Self.killTime) { return }
        throw .unsupported("container \"\(id)\" has processes that do not end")
    }

    /// Waits for the end of a container, at most so long; whether it has ended or is gone.
    func waitForEnd(of id: String, _ timeMax: Duration) async -> Bool {
        guard let entry = entries[id], entry.record.state.exit == nil else { return true }
        lastWaiter += 1
        let waiter = lastWaiter
        let giveUp: @Sendable () -> Void = { [weak self] in
            self?.assumeIsolated { $0.entries[id]?.waiters.removeValue(forKey: waiter)?.resume() }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume() }
                entries[id]?.waiters[waiter] = continuation
                queue.asyncAfter(deadline: .now() + timeMax.dispatchInterval, execute: giveUp)
            }
        } onCancel: {
            queue.async(execute: giveUp)
        }
        return entries[id].map { $0.record.state.exit != nil } ?? true
    }

    /// Ends what is left of a container whose shim has gone without a word, and writes that down.
    func bury(_ id: String) {
        guard let entry = entries[id] else { return }
        let startedAt = entry.folder.runningState()?.startedAt ?? 0
        var message = "its shim ended before the container"
        do {
            guard let lock = try entry.folder.lock() else {
                // A shim that an earlier agent asked for has only now begun.
                if let shim = entry.folder.shim() { try watch(shim, of: id) }
                return
            }
            if !endOrphans(of: id, session: entry.live?.state.main.process) {
                message += "; some of its processes do not end"
            }
            entry.folder.groups().remove()
            try entry.folder.write(
                ContainerExit.unseen(message, startedAt: startedAt, at: HostClock.now()))
            _ = lock
        } catch {
            message += "; \(error)"
        }
        end(id, .unseen(message, startedAt: startedAt, at: HostClock.now()))
    }

    /// Ends the processes of a container that its shim could not or need not know, found by the
    /// setting that they inherit, by their cgroup, or by their session where its number cannot
    /// mean another one yet. False if they do not end.
    @discardableResult
    func endOrphans(of id: String, session: Int32?) -> Bool {
        let setting = ContainerFolder.setting(of: id)
        let groups = folder(of: id).groups()
        groups.kill()
        return endAll {
            ProcessTable.withSetting(setting) + groups.processes
                + (session.map { ProcessTable.session($0).map(\.identity.process) } ?? [])
        }
    }

    /// Ends the processes that a search finds, until it finds none; for two seconds at most.
    @discardableResult
    func endAll(_ search: () -> [Int32]) -> Bool {
        for _ in 0..<200 {
            let found = search()
            if found.isEmpty { return true }
            for process in found { kill(process, SIGKILL) }
            poll(nil, 0, 10)
            // As process 1 we are the parent of those whose own have gone. Processes of `exec` are
            // waited for by those who follow them.
            for process in found where execs[process] == nil { waitpid(process, nil, WNOHANG) }
        }
        return false
    }
}

extension Duration {
    /// For timers of dispatch.
    var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        let (nanoseconds, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isTooLong ? .never : .nanoseconds(Int(nanoseconds + attoseconds / 1_000_000_000))
    }
}
