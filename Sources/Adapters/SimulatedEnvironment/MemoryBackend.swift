package import Environment
package import Primitives
internal import Synchronization

/// What the "files" of one backend hold: the last commit. Outlives the objects that have it open.
final class BackendMedium: Sendable {
    struct State: Sendable {
        var version = BackendVersion()
        /// What the last commit or replacement took the place of.
        var previous: BackendVersion?
    }

    let state = Mutex(State())
    /// Only the backend that was opened last may use it.
    let opening = Atomic<Int>(0)

    /// The last commit.
    var committed: BackendVersion { state.withLock { $0.version } }

    init() {}
}

/// A view of a `MemoryBackend` as of one commit.
package final class MemoryBackendView: BackendView {
    private let version: BackendVersion

    init(_ version: BackendVersion) {
        self.version = version
    }

    /// Hands `body` the value of `key` as of the last `refresh`; nil if it is missing.
    package func read<Result>(
        _ table: BackendTable, key: Bytes, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        unsafe version[table].read(key, body)
    }

    /// Visits the entries from `from` on, before `to`, until `body` answers false.
    package func scan(
        _ table: BackendTable, from: Bytes, to: Bytes?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        unsafe version[table].scan(from: from, to: to, body)
    }

    /// How many entries a table has.
    package func count(_ table: BackendTable) -> Int {
        version[table].count
    }
}

/// A `Backend` in memory, for the simulator and tests; `MemoryBackendProvider` opens it.
///
/// Reads see what the last `refresh` saw, never a commit after it, exactly as with LMDB. Once the
/// process that opened it has ended (`MemoryBackendProvider.crash`), or the backend was opened
/// again or replaced, its throwing calls fail and its reads are a bug.
///
/// SAFETY: the pointers of reads and scans are passed on from the table that holds them.
package final class MemoryBackend {
    private let medium: BackendMedium
    private let controls: BackendControls
    private let opening: Int
    private var seen: BackendVersion
    private var isClosed = false

    init(_ medium: BackendMedium, _ controls: BackendControls) {
        self.medium = medium
        self.controls = controls
        opening = medium.opening.add(1, ordering: .sequentiallyConsistent).newValue
        seen = medium.committed
    }

    private var isCurrent: Bool {
        medium.opening.load(ordering: .relaxed) == opening && !isClosed
    }

    private func begin(_ call: BackendCall) throws(BackendError) -> Bool? {
        guard isCurrent else { throw BackendControls.gone(call) }
        return try controls.begin(call)
    }

    /// Counts a call that a kill leaves without any effect.
    private func beginSimple(_ call: BackendCall) throws(BackendError) {
        if try begin(call) != nil { throw BackendControls.gone(call) }
    }

    private func requireCurrent() {
        invariant(isCurrent, "a backend is read after its close or the end of its process")
    }
}

extension MemoryBackend: Backend {
    /// Hands `body` the value of `key`, in constant memory; nil if it is missing.
    package func read<Result>(
        _ table: BackendTable, key: Bytes, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        requireCurrent()
        return unsafe seen[table].read(key, body)
    }

    /// Visits the entries from `from` on, before `to`, until `body` answers false.
    package func scan(
        _ table: BackendTable, from: Bytes, to: Bytes?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        requireCurrent()
        unsafe seen[table].scan(from: from, to: to, body)
    }

    /// How many entries a table has.
    package func count(_ table: BackendTable) -> Int {
        requireCurrent()
        return seen[table].count
    }

    /// Makes the batch durable, or changes nothing and throws; a planned kill may do both.
    package func commit(_ batch: BackendBatch) throws(BackendError) {
        medium.state.withLock { $0.previous = nil }
        let killedKeepsIt = try begin(.commit)
        if killedKeepsIt == false { throw BackendControls.gone(.commit) }
        var next = medium.committed
        let bytes = next.apply(batch)
        let hasRoom = controls.state.withLock { next.allocatedBytes <= $0.capacityBytes }
        guard hasRoom else { throw .noSpace }
        medium.state.withLock { state in
            state.previous = state.version
            state.version = next
        }
        guard killedKeepsIt == nil else { throw BackendControls.gone(.commit) }
        controls.state.withLock { state in
            state.activity.commits += 1
            state.activity.bytesWritten += bytes
        }
    }

    /// Lets reads see the last commit. Takes no time worth speaking of.
    package func refresh() throws(BackendError) {
        try beginSimple(.refresh)
        seen = medium.committed
    }

    /// A view of the last commit, refreshed or not; it outlives a replacement.
    package func makeView() throws(BackendError) -> any BackendView {
        try beginSimple(.makeView)
        return MemoryBackendView(medium.committed)
    }

    /// Bytes in whole pages, as of the last commit; the allocated ones never shrink by
    /// themselves.
    package func sizes() -> (allocatedBytes: Int, inUseBytes: Int) {
        requireCurrent()
        let version = medium.committed
        return (version.allocatedBytes, version.inUseBytes)
    }

    /// Gives the free space back.
    package func defragment() throws(BackendError) {
        try beginSimple(.defragment)
        medium.state.withLock { $0.version.dropFreeSpace() }
    }

    /// Closes it: later throwing calls fail, later reads are a bug.
    package func close() {
        isClosed = true
    }
}
