package import Environment
package import Primitives
internal import Synchronization

/// A backend in LMDB: reads through one long-lived read transaction, which `refresh` moves on;
/// commits beside them on another thread.
///
/// SAFETY: `@unchecked Sendable` because of the split that `Backend` asks for: `reading` belongs
/// to the reading thread; commits, views and defragmentation take the environment out of
/// `current` and touch nothing else, one at a time.
package final class LMDBBackend: Backend, @unchecked Sendable {
    /// What later commits and views go to; nil once closed.
    private let current: Mutex<LMDBEnvironment?>
    /// A commit or a defragmentation is under way.
    private let isChanging = Atomic<Bool>(false)
    /// Another backend is in its place: what was committed here would be lost.
    private let isReplaced = Atomic<Bool>(false)
    private var reading: LMDBView?

    /// Reads and changes an open environment.
    init(_ environment: LMDBEnvironment) throws(BackendError) {
        reading = try LMDBView(of: environment)
        current = Mutex(environment)
    }

    /// Calls `body` with the stored bytes of `key`; nil if missing. Damaged bytes end the process.
    package func read<Result>(
        _ table: BackendTable, key: Bytes, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        unsafe openView().read(table, key: key, body)
    }

    /// Visits entries in ascending key order. Damaged bytes end the process.
    package func scan(
        _ table: BackendTable, from: Bytes, to: Bytes?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {
        unsafe openView().scan(table, from: from, to: to, body)
    }

    /// How many entries a table has.
    package func count(_ table: BackendTable) -> Int {
        openView().count(table)
    }

    /// Makes the whole batch durable, atomically, in one synced LMDB transaction.
    package func commit(_ batch: BackendBatch) throws(BackendError) {
        try change { (environment) throws(BackendError) in
            try environment.commit(batch.operations)
        }
    }

    /// Lets later reads see all commits that have finished.
    package func refresh() throws(BackendError) {
        let environment = openEnvironment()
        if let reading, reading.environment === environment {
            try reading.renew()
        } else {
            // A defragmentation has put another file in its place.
            reading = try LMDBView(of: environment)
        }
    }

    /// A view of the last commit that later ones do not change.
    package func makeView() throws(BackendError) -> any BackendView {
        try LMDBView(of: openEnvironment())
    }

    /// Bytes of all pages up to the last one used, and of those that hold something.
    package func sizes() -> (allocatedBytes: Int, inUseBytes: Int) {
        openView().sizes()
    }

    /// Copies all entries to a new file without free space and puts that in its place in one
    /// durable step. Reads may go on meanwhile and see the new file from `refresh` on; commits
    /// may not. Views keep the old one, and its disk space, until they are gone.
    package func defragment() throws(BackendError) {
        try change { (environment) throws(BackendError) in
            let copy = try environment.folder.replace { (fresh) throws(BackendError) in
                try fresh.copyAll(of: environment)
            }
            current.withLock { $0 = copy }
        }
    }

    /// Ends reading; the file is closed when the last view of it is gone too.
    package func close() {
        reading = nil
        current.withLock { $0 = nil }
    }

    /// Another backend was put in its place.
    func markReplaced() {
        isReplaced.store(true, ordering: .releasing)
    }

    private func change(
        _ body: (LMDBEnvironment) throws(BackendError) -> Void
    ) throws(BackendError) {
        let wasChanging = isChanging.exchange(true, ordering: .acquiringAndReleasing)
        invariant(!wasChanging, "two changes of a backend at once")
        defer { isChanging.store(false, ordering: .releasing) }
        invariant(!isReplaced.load(ordering: .acquiring), "a change of a replaced backend")
        try body(openEnvironment())
    }

    private func openEnvironment() -> LMDBEnvironment {
        guard let environment = current.withLock({ $0 }) else {
            fatalError("a closed backend was used")
        }
        return environment
    }

    private func openView() -> LMDBView {
        guard let reading else { fatalError("a closed backend was used") }
        return reading
    }
}
