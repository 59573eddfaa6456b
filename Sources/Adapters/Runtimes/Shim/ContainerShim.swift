internal import CProcess
internal import Glibc
internal import Primitives

/// The process between the agent and a container: the parent of the container's main process,
/// the reader of its output, the one that learns how it ends. There is one for each container,
/// so that the agent may end and come back without any container noticing.
///
/// - It is the parent of orphans (PR_SET_CHILD_SUBREAPER): whatever a container starts, however
///   it detaches itself, stays below the shim. When the main process has ended the shim ends all
///   that is left, waits for it, and only then writes down the exit: an exit on record means that
///   nothing runs any more.
/// - The main process gets SIGKILL when its shim ends (PR_SET_PDEATHSIG): nobody would read its
///   output or learn its exit any more. Its own children don't, as the kernel clears the setting
///   on fork; the agent finds those by the setting that they inherit, and by their cgroup.
/// - It ignores all signals but SIGKILL, and has no terminal, so that only that ends it early.
/// - It talks to the agent by files alone, and by closing its standard output once the container
///   runs or has failed.
package enum ContainerShim {
    /// The hidden first argument of the program that makes it a shim.
    package static let verb = "container-shim"

    /// Runs the shim if the program's arguments ask for one, and ends the process.
    package static func runIfAsked(_ arguments: [String]) {
        guard arguments.count == 3, arguments[1] == verb else { return }
        exit(run(ContainerFolder(path: arguments[2])))
    }

    private static func run(_ folder: ContainerFolder) -> Int32 {
        do {
            let signals = try HostCalls.check("signalfd", "") { keelson_watch_children() }
            let children = Descriptor(signals)
            try HostCalls.check("prctl", "") { keelson_adopt_orphans() }
            // Whoever holds the lock has dealt with the container, or does.
            guard let lock = try folder.lock(), folder.exit() == nil else { return 0 }
            guard let (spec, _) = folder.spec() else { return 1 }
            var supervision: Supervision
            do {
                supervision = try Supervision(folder, spec, children: children)
            } catch {
                try folder.write(
                    ContainerExit.neverStarted(error.description, at: HostClock.now()))
                return 0
            }
            try supervision.run()
            // Held until here.
            _ = lock
            return 0
        } catch {
            ShimLog.write("\(error)")
            return 1
        }
    }
}

/// What a shim has to say about itself: its standard error, `shim.log` in the state folder.
enum ShimLog {
    static func write(_ text: String) {
        // There is nowhere else to say it.
        try? HostFiles.write(Bytes("\(text)\n".utf8), to: STDERR_FILENO, path: "shim.log")
    }
}
