package import Environment
internal import Synchronization

/// The place where a member's `MemoryBackend` lives: it survives the end of the process as a disk
/// does, and opens the backend again. Commits and replacements are atomic and durable at once.
///
/// The provider itself is for one thread; of its backends, a commit may run on another thread
/// than the reads.
package final class MemoryBackendProvider {
    var medium = BackendMedium()
    let controls: BackendControls
    private let seed: UInt64
    /// What `open` throws from now on, such as `.corrupted`; nil when it opens.
    package var openError: BackendError?

    /// A place without a backend. `seed` decides whether a killed commit took place.
    package init(seed: UInt64 = 0) {
        self.seed = seed
        controls = BackendControls(seed: seed)
    }

    /// A copy of what is committed, with the same capacity and no faults planned.
    package func copy() -> MemoryBackendProvider {
        let copy = MemoryBackendProvider(seed: seed)
        let version = medium.committed
        copy.medium.state.withLock { $0.version = version }
        copy.capacityBytes = capacityBytes
        return copy
    }
}

extension MemoryBackendProvider: BackendProvider {
    /// Opens the backend and voids the one that was open before.
    package func open() throws(BackendError) -> any Backend {
        if try controls.begin(.open) != nil { throw BackendControls.gone(.open) }
        if let openError { throw openError }
        return MemoryBackend(medium, controls)
    }

    /// Puts what `fill` commits in the place of the present backend. The present one is void only
    /// if that succeeds; otherwise it goes on.
    package func replace(
        _ fill: (any Backend) throws(BackendError) -> Void
    ) throws(BackendError) -> any Backend {
        medium.state.withLock { $0.previous = nil }
        let fresh = BackendMedium()
        try fill(MemoryBackend(fresh, controls))
        // The step that counts: before it the old backend is in force, after it the new one.
        let killedKeepsIt = try controls.begin(.replace)
        if killedKeepsIt == false { throw BackendControls.gone(.replace) }
        let replaced = medium
        let previous = replaced.committed
        fresh.state.withLock { $0.previous = previous }
        replaced.opening.add(1, ordering: .sequentiallyConsistent)
        medium = fresh
        guard killedKeepsIt == nil else { throw BackendControls.gone(.replace) }
        controls.state.withLock { $0.activity.replacements += 1 }
        return MemoryBackend(medium, controls)
    }
}
