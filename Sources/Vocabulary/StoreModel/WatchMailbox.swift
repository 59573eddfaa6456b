internal import Primitives
internal import Synchronization

/// What a watch delivers, waiting for its one reader, with a bound: while the mailbox is full the
/// deliverer holds back, and goes on when the reader has made room.
package final class WatchMailbox: Sendable {
    /// Batches and bytes of events at which it is full. What the deliverer has already on its way
    /// then comes on top.
    package static let batchesMax = 64
    /// Of keys and values.
    package static let bytesMax = 4 << 20

    private typealias Answer = Result<WatchBatch?, KeyValueFailure>
    private typealias Waiter = CheckedContinuation<Answer, Never>

    private struct State {
        var batches: [WatchBatch] = []
        var bytes = 0
        var waiter: Waiter?
        /// What the reader gets behind the last batch, for good.
        var ending: Answer?
        var isFull = false
    }

    private let state = Mutex(State())

    /// An empty mailbox.
    package init() {}

    /// Whether the deliverer should hold back.
    package var isFull: Bool { state.withLock { $0.isFull } }

    /// Whether nothing more can be delivered.
    package var isOver: Bool { state.withLock { $0.ending != nil } }

    /// The next batch, or what `KeyValueWatch.next` answers instead. `hasRoom` is called when the
    /// mailbox was full and is half empty; `cancelled` when the waiting task was cancelled, which
    /// closes the mailbox.
    package func next(
        hasRoom: () -> Void, cancelled: @escaping @Sendable () -> Void
    ) async throws(KeyValueFailure) -> WatchBatch? {
        let (answer, madeRoom) = state.withLock { (Self.take(&$0), Self.makeRoom(&$0)) }
        if madeRoom { hasRoom() }
        if let answer { return try answer.get() }
        let late = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0) }
        } onCancel: {
            close()
            cancelled()
        }
        return try late.get()
    }

    /// Delivers a batch; answers true if the mailbox has become full by it.
    package func add(_ batch: WatchBatch) -> Bool {
        let (waiter, isFull) = state.withLock { state -> (Waiter?, Bool) in
            guard state.ending == nil else { return (nil, false) }
            if let waiter = state.waiter.take() { return (waiter, false) }
            state.batches.append(batch)
            state.bytes += batch.storedBytes
            let isFull = state.batches.count >= Self.batchesMax || state.bytes >= Self.bytesMax
            guard isFull, !state.isFull else { return (nil, false) }
            state.isFull = true
            return (nil, true)
        }
        waiter?.resume(returning: .success(batch))
        return isFull
    }

    /// Says why nothing more comes behind the last batch, unless something was said already.
    package func end(_ failure: KeyValueFailure) {
        end(.failure(failure))
    }

    /// The reader wants no more: what waits is dropped.
    package func close() {
        state.withLock { state in
            state.batches = []
            state.bytes = 0
        }
        end(.success(nil))
    }

    private func end(_ ending: Answer) {
        let waiter = state.withLock { state in
            if state.ending == nil { state.ending = ending }
            return state.waiter.take()
        }
        waiter?.resume(returning: ending)
    }

    private func wait(_ waiter: Waiter) {
        let answer = state.withLock { state in
            invariant(state.waiter == nil, "two tasks read one watch")
            let answer = Self.take(&state)
            if answer == nil { state.waiter = waiter }
            return answer
        }
        if let answer { waiter.resume(returning: answer) }
    }

    private static func take(_ state: inout State) -> Answer? {
        guard !state.batches.isEmpty else { return state.ending }
        let batch = state.batches.removeFirst()
        state.bytes -= batch.storedBytes
        return .success(batch)
    }

    /// Only once half of the room is free, so that the deliverer is not told for every batch.
    private static func makeRoom(_ state: inout State) -> Bool {
        guard state.isFull, state.batches.count <= batchesMax / 2, state.bytes <= bytesMax / 2
        else { return false }
        state.isFull = false
        return true
    }
}

extension WatchBatch {
    /// Bytes of its keys and values.
    fileprivate var storedBytes: Int {
        events.reduce(0) { sum, event in
            let previousBytes = event.previous.map { $0.key.count + $0.value.count } ?? 0
            return sum + event.keyValue.key.count + event.keyValue.value.count + previousBytes
        }
    }
}
