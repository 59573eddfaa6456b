internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Synchronization

/// A watch of this process. What the loop delivers waits in its inlet, bounded, for the reader.
final class EmbeddedWatch: KeyValueWatch {
    private let inlet: WatchInlet

    init(_ node: StoreNode, _ request: WatchRequest) {
        inlet = WatchInlet(node)
        inlet.open(request)
    }

    deinit {
        inlet.close()
    }

    func next() async throws(KeyValueFailure) -> WatchBatch? {
        if let result = inlet.take() { return try result.get() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { inlet.wait($0) }
        } onCancel: {
            inlet.close()
        }
        return try result.get()
    }

    func requestProgress() {
        inlet.requestProgress()
    }

    func close() {
        inlet.close()
    }
}

/// Between the loop, which delivers, and the task that reads. While too much waits here the
/// store's hub is told that there is no room: it keeps nothing for a slow watch but the place from
/// which to read history, so nothing is lost and nothing grows.
final class WatchInlet: WatchSink, Sendable {
    typealias Result = Swift.Result<WatchBatch?, KeyValueFailure>
    typealias Waiter = CheckedContinuation<Result, Never>

    /// Batches and bytes of events that may wait before the hub is told to stop. What the present
    /// turn delivers comes on top.
    static let batchesMax = 64
    static let bytesMax = 4 << 20

    private struct State {
        /// The watch's stream in the hub, once it is there.
        var stream: WatchStreamID?
        /// From which revision on events matter; zero for what comes.
        var start = Revision.zero
        var batches: [WatchBatch] = []
        var bytes = 0
        var waiter: Waiter?
        /// What `next` answers behind the last batch, for good.
        var ending: Result?
        /// The hub was told that there is no room.
        var isBlocked = false
    }

    private let node: StoreNode
    private let state = Mutex(State())

    init(_ node: StoreNode) {
        self.node = node
    }

    /// Asks the hub for the watch.
    func open(_ request: WatchRequest) {
        var request = request
        // An empty key means from the beginning (etcd).
        if request.range.key.isEmpty { request.range.key = [0] }
        request.watchID = 0
        request.allowsFragments = false
        let wish = request
        let isIn = node.gate.enter { self.create(wish) }
        if !isIn { end(.failure(.stopped)) }
    }

    private func create(_ request: WatchRequest) {
        guard !node.isStopping, !node.hasEnded else {
            end(.failure(.stopped))
            return
        }
        let stream = node.nextSink()
        let isClosed = state.withLock { state in
            state.stream = stream
            state.start = request.startRevision
            return state.ending != nil
        }
        guard !isClosed else { return }
        node.sinks[stream] = self
        node.member.receive(.watch(stream, request))
        node.turn.schedule()
    }

    /// Asks the hub how far it is.
    func requestProgress() {
        tellHub { .requestProgress($0) }
    }

    /// The reader wants no more: what waits is dropped.
    func close() {
        state.withLock { state in
            state.batches = []
            state.bytes = 0
        }
        end(.success(nil))
        // After the gate is closed the node lets go of its sinks by itself.
        _ = node.gate.enter { self.leave() }
    }

    private func leave() {
        guard let stream = state.withLock({ $0.stream }),
            node.sinks.removeValue(forKey: stream) != nil, !node.hasEnded
        else { return }
        node.member.receive(.closeWatchStream(stream))
    }

    private func tellHub(_ input: @escaping @Sendable (WatchStreamID) -> MemberInput) {
        _ = node.gate.enter { [self] in
            guard let stream = state.withLock({ $0.stream }), node.sinks[stream] != nil,
                !node.hasEnded
            else { return }
            node.member.receive(input(stream))
            node.turn.schedule()
        }
    }
}

/// The reader's side.
extension WatchInlet {
    /// What `next` can answer at once.
    func take() -> Result? {
        let (result, hasRoom) = state.withLock { (Self.take(&$0), Self.relieve(&$0)) }
        if hasRoom { unblock() }
        return result
    }

    /// Answers the waiter, now or later. There is one reader.
    func wait(_ waiter: Waiter) {
        let result = state.withLock { state in
            invariant(state.waiter == nil, "two tasks read one watch")
            let result = Self.take(&state)
            if result == nil { state.waiter = waiter }
            return result
        }
        if let result { waiter.resume(returning: result) }
    }

    private static func take(_ state: inout State) -> Result? {
        guard !state.batches.isEmpty else { return state.ending }
        let batch = state.batches.removeFirst()
        state.bytes -= batch.events.reduce(0) { $0 + $1.storedBytes }
        return .success(batch)
    }

    /// Whether the hub may go on: only once half of the room is free, so that it is not told twice
    /// for every batch.
    private static func relieve(_ state: inout State) -> Bool {
        guard state.isBlocked, state.batches.count <= batchesMax / 2, state.bytes <= bytesMax / 2
        else { return false }
        state.isBlocked = false
        return true
    }

    private func unblock() {
        _ = node.gate.enter { [self] in
            // More may have come in meanwhile.
            let (stream, isBlocked) = state.withLock { ($0.stream, $0.isBlocked) }
            guard !isBlocked, let stream, node.sinks[stream] != nil, !node.hasEnded else { return }
            node.member.receive(.watchOutlet(stream, isWritable: true))
            node.turn.schedule()
        }
    }
}

/// The loop's side.
extension WatchInlet {
    func deliver(_ delivery: WatchDelivery) {
        switch delivery.body {
        case .created:
            add(WatchBatch(revision: opened(at: delivery.revision), events: []))
        case .progress: add(WatchBatch(revision: delivery.revision, events: []))
        case .events(let events, _):
            guard let last = events.last else { return }
            // The header's revision is the store's; a watch that lags has not come so far.
            add(WatchBatch(revision: last.keyValue.modRevision, events: events))
        case .cancelled(let compactRevision, let reason):
            end(
                .failure(
                    compactRevision == .zero
                        ? .refused(reason) : .watchCompacted(floor: compactRevision)))
            leave()
        }
    }

    func nodeStopped() {
        end(.failure(.stopped))
        leave()
    }

    /// Up to where there is nothing to deliver when the watch opens at the store's `revision`.
    private func opened(at revision: Revision) -> Revision {
        let start = state.withLock { $0.start }
        return start == .zero ? revision : min(revision, start.previous)
    }

    private func add(_ batch: WatchBatch) {
        let bytes = batch.events.reduce(0) { $0 + $1.storedBytes }
        let (waiter, blocks) = state.withLock { state -> (Waiter?, Bool) in
            guard state.ending == nil else { return (nil, false) }
            if let waiter = state.waiter.take() { return (waiter, false) }
            state.batches.append(batch)
            state.bytes += bytes
            let isFull = state.batches.count >= Self.batchesMax || state.bytes >= Self.bytesMax
            guard isFull, !state.isBlocked else { return (nil, false) }
            state.isBlocked = true
            return (nil, true)
        }
        waiter?.resume(returning: .success(batch))
        if blocks, let stream = state.withLock({ $0.stream }) {
            node.member.receive(.watchOutlet(stream, isWritable: false))
        }
    }

    /// Says what comes behind the last batch, unless that is said already.
    private func end(_ ending: Result) {
        let waiter = state.withLock { state -> Waiter? in
            if state.ending == nil { state.ending = ending }
            return state.waiter.take()
        }
        waiter?.resume(returning: ending)
    }
}

extension Event {
    /// Bytes of its keys and values.
    fileprivate var storedBytes: Int {
        let previousBytes = previous.map { $0.key.count + $0.value.count } ?? 0
        return keyValue.key.count + keyValue.value.count + previousBytes
    }
}
