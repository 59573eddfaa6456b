internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Synchronization

/// A watch of this process.
final class EmbeddedWatch: KeyValueWatch {
    private let inlet: WatchInlet

    init(_ node: StoreNode, _ request: WatchRequest) {
        inlet = WatchInlet(node)
        inlet.open(request)
    }

    deinit {
        close()
    }

    func next() async throws(KeyValueFailure) -> WatchBatch? {
        try await inlet.mailbox.next(
            hasRoom: { inlet.unblock() }, cancelled: { [inlet] in inlet.close() })
    }

    func requestProgress() {
        inlet.requestProgress()
    }

    func close() {
        inlet.mailbox.close()
        inlet.close()
    }
}

/// Puts what the loop delivers into the reader's mailbox. While that is full the store's hub is
/// told that there is no room: it keeps nothing for a slow watch but the place from which to read
/// history, so nothing is lost and nothing grows.
final class WatchInlet: WatchSink, Sendable {
    private struct Place {
        /// The watch's stream in the hub, once it is there.
        var stream: WatchStreamID?
        /// From which revision on events matter; zero for what comes.
        var start = Revision.zero
    }

    let mailbox = WatchMailbox()
    private let node: StoreNode
    private let place = Mutex(Place())

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
        if !isIn { mailbox.end(.stopped) }
    }

    private func create(_ request: WatchRequest) {
        guard !node.isStopping, !node.hasEnded else {
            mailbox.end(.stopped)
            return
        }
        guard !mailbox.isOver else { return }
        let stream = node.nextSink()
        place.withLock { $0 = Place(stream: stream, start: request.startRevision) }
        node.sinks[stream] = self
        node.member.receive(.watch(stream, request))
        node.turn.schedule()
    }

    /// Asks the hub how far it is.
    func requestProgress() {
        _ = node.gate.enter { self.tellHub { .requestProgress($0) } }
    }

    /// The reader has made room.
    func unblock() {
        _ = node.gate.enter {
            // More may have come in meanwhile.
            if !self.mailbox.isFull { self.tellHub { .watchOutlet($0, isWritable: true) } }
        }
    }

    /// Ends the watch. After the gate is closed the node lets go of its sinks by itself.
    func close() {
        _ = node.gate.enter { self.leave() }
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
            mailbox.end(
                compactRevision == .zero
                    ? .refused(reason) : .watchCompacted(floor: compactRevision))
            leave()
        }
    }

    func nodeStopped() {
        mailbox.end(.stopped)
        leave()
    }

    /// Up to where there is nothing to deliver when the watch opens at the store's `revision`.
    private func opened(at revision: Revision) -> Revision {
        let start = place.withLock { $0.start }
        return start == .zero ? revision : min(revision, start.previous)
    }

    private func add(_ batch: WatchBatch) {
        if mailbox.add(batch) { tellHub { .watchOutlet($0, isWritable: false) } }
    }

    private func tellHub(_ input: (WatchStreamID) -> MemberInput) {
        guard let stream = place.withLock({ $0.stream }), node.sinks[stream] != nil,
            !node.hasEnded
        else { return }
        node.member.receive(input(stream))
        node.turn.schedule()
    }

    private func leave() {
        guard let stream = place.withLock({ $0.stream }),
            node.sinks.removeValue(forKey: stream) != nil, !node.hasEnded
        else { return }
        node.member.receive(.closeWatchStream(stream))
    }
}
