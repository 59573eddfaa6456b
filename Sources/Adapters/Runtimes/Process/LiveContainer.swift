internal import CProcess
internal import Dispatch
internal import Glibc

/// A running container.
struct LiveContainer {
    var state: RunningState

    /// Signals the main process; it may have ended.
    func signalMain(_ number: Int32) {
        // Gone, or its number is another's: there is nobody to signal.
        guard let main = try? WatchedProcess.open(state.main) else { return }
        _ = keelson_signal_process(main.number, number)
    }
}

/// A process whose end is announced.
final class WatchedProcess {
    let identity: ProcessIdentity
    let descriptor: Descriptor
    private let source: any DispatchSourceRead

    /// Watches a process that certainly exists or has not been waited for.
    /// - Throws: ESRCH if it has gone.
    init(
        _ identity: ProcessIdentity, on queue: DispatchQueue,
        whenEnded: @escaping @Sendable () -> Void
    ) throws(HostFailure) {
        self.identity = identity
        descriptor = try Self.open(identity)
        let set = try DescriptorSet(reading: [descriptor.number])
        source = DispatchSource.makeReadSource(fileDescriptor: set.descriptor.number, queue: queue)
        source.setEventHandler(handler: whenEnded)
        // Keeps the descriptors open until the source is done with them.
        source.setCancelHandler { [descriptor, set] in _ = (descriptor, set) }
        source.activate()
    }

    deinit { source.cancel() }

    func signal(_ number: Int32) {
        _ = keelson_signal_process(descriptor.number, number)
    }

    /// No more announcements; and waits for the process if it is our child.
    func finish() {
        source.cancel()
        // ECHILD where an earlier agent was the parent: somebody else waits for it.
        waitpid(identity.process, nil, WNOHANG)
    }

    /// A descriptor for exactly this process: unlike a number, it never comes to mean another.
    static func open(_ identity: ProcessIdentity) throws(HostFailure) -> Descriptor {
        let descriptor = Descriptor(
            try HostCalls.check("pidfd_open", "") { keelson_open_process(identity.process) })
        guard ProcessTable.facts(identity.process)?.identity == identity else {
            throw HostFailure("pidfd_open", "", ESRCH)
        }
        return descriptor
    }
}
