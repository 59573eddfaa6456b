internal import EtcdAPI
internal import NIOCore
internal import Primitives
internal import StoreModel
internal import Transport
internal import Wire

/// A watch of a remote store.
final class RemoteWatch: KeyValueWatch {
    private let session: WatchSession

    init(_ link: RemoteLink, _ request: WatchRequest) {
        session = WatchSession(link, request)
        session.onLoop { $0.begin() }
    }

    deinit {
        close()
    }

    func next() async throws(KeyValueFailure) -> WatchBatch? {
        try await session.mailbox.next(
            hasRoom: { session.onLoop { $0.flow() } },
            cancelled: { [session] in session.onLoop { $0.stop() } })
    }

    func requestProgress() {
        session.onLoop { $0.askForProgress() }
    }

    func close() {
        session.mailbox.close()
        session.onLoop { $0.stop() }
    }
}

/// What keeps a watch going: it remembers the first revision that was not delivered, and opens
/// the watch there again whenever its stream ends. Belongs to the event loop.
///
/// SAFETY: `@unchecked Sendable` because everything but `mailbox` and `onLoop` belongs to the
/// link's event loop.
final class WatchSession: @unchecked Sendable {
    private static let pauseMax = TimeAmount.seconds(1)

    let mailbox = WatchMailbox()
    private let link: RemoteLink
    private var request: WatchRequest
    /// The first revision to deliver; zero until it is known.
    private var next: Revision
    private var call: GRPCClientCall?
    private var connection: GRPCClientConnection?
    /// Events of a revision that may go on in the next message.
    private var fragments: [Event] = []
    /// The reader was told that the watch is open.
    private var hasOpened = false
    /// The present stream has confirmed the watch.
    private var isConfirmed = false
    private var wantsProgress = false
    private var isOver = false
    private var pause = TimeAmount.milliseconds(20)

    init(_ link: RemoteLink, _ request: WatchRequest) {
        self.link = link
        self.request = request
        next = request.startRevision
        // An empty key means from the beginning (etcd).
        if request.range.key.isEmpty { self.request.range.key = [0] }
        self.request.watchID = 0
        self.request.allowsFragments = true
    }

    func onLoop(_ body: @escaping @Sendable (WatchSession) -> Void) {
        let isIn = link.gate.enter { body(self) }
        if !isIn { mailbox.end(Self.closed) }
    }

    /// The client was closed: nothing more comes.
    func clientClosed() {
        end(Self.closed)
    }

    private static var closed: KeyValueFailure {
        KeyValueFailure(RemoteLink.closed, mayHaveChanged: false)
    }

    /// Finds out where "from now on" is, once: a watch that is opened again must not begin later.
    func begin() {
        guard !isOver, !link.isClosed else {
            end(Self.closed)
            return
        }
        link.dependents[ObjectIdentifier(self)] = self
        guard next == .zero else {
            open()
            return
        }
        var writer = GRPCCall.messageWriter()
        RangeRequest(KeyRange(key: [0]), isCountOnly: true)
            .encode(isSerializable: false, into: &writer)
        let timeout = link.settings.callTimeout
        link.attempt("/etcdserverpb.KV/Range", writer, timeout: timeout) { [self] answer in
            do {
                next = Revision(try WireHeader.ofAnswer(try answer.get()).revision).next
                open()
            } catch let ending as GRPCEnding {
                retry(after: ending) { $0.begin() }
            } catch {
                end(.refused("an answer that cannot be read: \(error)"))
            }
        }
    }

    /// Opens a stream and asks for the watch on it.
    private func open() {
        guard !isOver else { return }
        link.connect { [self] connected in
            switch connected {
            case .failure(let ending): retry(after: ending) { $0.open() }
            case .success(let connection):
                guard !isOver else { return }
                self.connection = connection
                fragments = []
                isConfirmed = false
                let call = connection.start(
                    "/etcdserverpb.Watch/Watch", metadata: link.metadata, WatchReceiver(self))
                self.call = call
                request.startRevision = next
                send(.create(request), on: call)
            }
        }
    }

    /// Asks for progress, now or as soon as there is a watch to ask.
    func askForProgress() {
        wantsProgress = true
        guard isConfirmed, let call, !isOver else { return }
        send(.progress, on: call)
    }

    /// The reader has room again.
    func flow() {
        if !mailbox.isFull { call?.pause(false) }
    }

    /// The reader wants no more.
    func stop() {
        isOver = true
        link.dependents[ObjectIdentifier(self)] = nil
        call?.cancel()
        call = nil
    }

    private func send(_ request: WireWatchRequest, on call: GRPCClientCall) {
        var writer = GRPCCall.messageWriter()
        request.encode(into: &writer)
        call.send(writer)
    }

    private func end(_ failure: KeyValueFailure) {
        stop()
        mailbox.end(failure)
    }

    /// Tries again after what passes; what does not ends the watch.
    private func retry(
        after ending: GRPCEnding, _ again: @escaping @Sendable (WatchSession) -> Void
    ) {
        guard !isOver else { return }
        switch KeyValueFailure(ending, mayHaveChanged: false) {
        case .unavailable where !link.isClosed:
            link.loop.assumeIsolated().scheduleTask(in: pause) { again(self) }
            pause = min(Self.pauseMax, .nanoseconds(2 * pause.nanoseconds))
        case let failure: end(failure)
        }
    }
}

/// What the stream says.
extension WatchSession {
    fileprivate func received(_ message: ProtobufReader) {
        guard !isOver else { return }
        do {
            let delivery = try WatchDelivery(decoding: message, stream: WatchStreamID(0))
            switch delivery.body {
            case .created: confirm(delivery.revision)
            case .progress: progress(delivery.revision)
            case .events(let events, let hasMoreFragments):
                take(events, hasMoreFragments: hasMoreFragments)
            case .cancelled(let compactRevision, let reason):
                end(
                    compactRevision == .zero
                        ? .refused(reason) : .watchCompacted(floor: compactRevision))
            }
        } catch {
            end(.refused("an answer that cannot be read: \(error)"))
        }
    }

    fileprivate func ended(_ ending: GRPCEnding) {
        call = nil
        isConfirmed = false
        if let connection, ending.status.code == .unavailable { link.leave(connection) }
        connection = nil
        retry(after: ending) { $0.open() }
    }

    private func confirm(_ revision: Revision) {
        isConfirmed = true
        pause = .milliseconds(20)
        if !hasOpened {
            hasOpened = true
            deliver(WatchBatch(revision: min(revision, next.previous), events: []))
        }
        if wantsProgress { askForProgress() }
    }

    private func progress(_ revision: Revision) {
        wantsProgress = false
        // Not a step back: a member that lags may say less than was delivered.
        guard revision >= next.previous else { return }
        next = revision.next
        deliver(WatchBatch(revision: revision, events: []))
    }

    /// Delivers whole revisions; the last one waits while it may go on.
    private func take(_ events: [Event], hasMoreFragments: Bool) {
        // What was delivered before the stream was opened again does not come twice.
        fragments += events.filter { $0.keyValue.modRevision >= next }
        guard let last = fragments.last?.keyValue.modRevision else { return }
        var whole = fragments
        fragments = []
        if hasMoreFragments {
            let end = whole.firstIndex { $0.keyValue.modRevision == last } ?? 0
            fragments = Array(whole[end...])
            whole.removeSubrange(end...)
        }
        guard let revision = whole.last?.keyValue.modRevision else { return }
        next = revision.next
        deliver(WatchBatch(revision: revision, events: whole))
    }

    private func deliver(_ batch: WatchBatch) {
        if mailbox.add(batch) { call?.pause(true) }
    }
}

/// Takes what one stream says; a stream that was given up has no say.
private final class WatchReceiver: GRPCAnswerReceiver {
    private let session: WatchSession

    init(_ session: WatchSession) {
        self.session = session
    }

    func received(_ message: ProtobufReader) { session.received(message) }

    func ended(_ ending: GRPCEnding) { session.ended(ending) }
}
