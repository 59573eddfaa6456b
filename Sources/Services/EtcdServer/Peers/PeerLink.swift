internal import Environment
internal import Logging
internal import NIOCore
internal import Primitives
internal import ReplicatedStore
internal import Transport

/// The outgoing connection to one other member: connects, introduces itself, sends, and connects
/// again when it breaks. Belongs to the event loop.
final class PeerLink {
    /// What the link is doing.
    private enum State {
        /// Until the instant of the next attempt.
        case waiting(until: MonotonicInstant)
        case connecting
        /// Greeted; the answer must come before the instant.
        case greeting(FrameConnection, until: MonotonicInstant)
        case open(FrameConnection, since: MonotonicInstant)
        case ended
    }

    /// Milliseconds between attempts: the first, and the most after failures.
    private static let firstPauseMilliseconds: Int64 = 100
    private static let pauseMillisecondsMax: Int64 = 1_000
    private static let connectSeconds: Int64 = 3

    /// The member at the other end.
    let peer: PeerID
    /// Where it may be, tried in turn.
    var urls: [ServerURL]
    /// When the link is to end because its member was removed; nil while it is one.
    var retiresAt: MonotonicInstant?
    private unowned let owner: PeerLinks
    private var state: State
    private var failures = 0
    private var nextURL = 0
    /// Messages were dropped since the loss was last reported.
    private var hasLost = false
    private var lastProblem = ""

    init(to peer: PeerID, urls: [ServerURL], owner: PeerLinks, now: MonotonicInstant) {
        self.peer = peer
        self.urls = urls
        self.owner = owner
        state = .waiting(until: now)
    }

    /// When the connection was made; nil while there is none.
    var openSince: MonotonicInstant? {
        if case .open(_, let since) = state { return since }
        return nil
    }

    /// Queues a message; dropped where it cannot be sent, which Raft is told.
    func send(_ message: PeerMessage) {
        guard case .open(let connection, _) = state, connection.isWritable else {
            hasLost = true
            return
        }
        var writer = ByteWriter(capacity: message.estimatedBytes)
        message.encode(into: &writer)
        guard writer.bytes.count <= FrameConnection.bodyBytesMax else {
            owner.log.warning(
                "message to peer is too large and was dropped",
                metadata: ["peer": "\(owner.hex(peer))", "bytes": "\(writer.bytes.count)"])
            return
        }
        owner.countSent(writer.bytes.count)
        connection.send(writer.bytes)
    }

    /// Sends what was queued.
    func flush() {
        if case .open(let connection, _) = state { connection.flush() }
    }

    /// Time passed: reports losses and starts attempts that are due.
    func tick(_ now: MonotonicInstant) {
        if hasLost {
            hasLost = false
            owner.reportUnreachable(peer)
        }
        switch state {
        case .waiting(let until) where until <= now: connect()
        case .greeting(let connection, let until) where until <= now:
            connection.close("no answer to the greeting")
        default: break
        }
    }

    /// Ends for good.
    func end() {
        let old = state
        state = .ended
        switch old {
        case .greeting(let connection, _), .open(let connection, _): connection.close("ended")
        default: break
        }
    }

    private func connect() {
        guard !urls.isEmpty else { return }
        let url = urls[nextURL % urls.count]
        nextURL += 1
        state = .connecting
        let attempt = owner.port.connect(
            host: url.host, port: url.port, usesTLS: url.isSecure,
            timeoutSeconds: Self.connectSeconds
        ) { [weak self] connection in
            connection.closed = { [weak self] reason in self?.closed(reason, url) }
            connection.received = { [weak self, weak connection] body in
                guard let self, let connection else { return }
                self.answered(body, connection, url)
            }
        }
        attempt.assumeIsolated().whenComplete { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let connection): self.greet(connection)
            case .failure(let error): self.closed("\(error)", url)
            }
        }
    }

    private func greet(_ connection: FrameConnection) {
        guard case .connecting = state else {
            connection.close("not wanted any more")
            return
        }
        state = .greeting(connection, until: owner.now.adding(seconds: Self.connectSeconds))
        connection.send(owner.greeting(to: peer).encoded)
        connection.flush()
    }

    private func answered(_ body: Bytes, _ connection: FrameConnection, _ url: ServerURL) {
        guard case .greeting = state else {
            connection.close("an answer where none was asked for")
            return
        }
        do throws(PeerRefusal) {
            switch try PeerAnswer(decoding: body) {
            case .welcome:
                state = .open(connection, since: owner.now)
                failures = 0
                lastProblem = ""
                owner.log.info(
                    "established connection to peer",
                    metadata: ["peer": "\(owner.hex(peer))", "url": "\(url)"])
            case .refused(let refusal): throw refusal
            case .members: throw PeerRefusal(.malformed, "members where a welcome was due")
            }
        } catch {
            connection.close(error.text)
            owner.refused(error, by: peer, at: url)
        }
    }

    /// The connection is gone or was not made.
    private func closed(_ reason: String, _ url: ServerURL) {
        switch state {
        case .ended, .waiting: return
        case .open:
            owner.log.warning(
                "lost connection to peer",
                metadata: ["peer": "\(owner.hex(peer))", "url": "\(url)", "reason": "\(reason)"])
        case .connecting, .greeting:
            // The same problem once a second would fill the log.
            if reason != lastProblem {
                owner.log.info(
                    "cannot connect to peer",
                    metadata: [
                        "peer": "\(owner.hex(peer))", "url": "\(url)", "reason": "\(reason)",
                    ])
            }
        }
        lastProblem = reason
        hasLost = false
        let pause = min(
            Self.pauseMillisecondsMax, Self.firstPauseMilliseconds << Int64(min(failures, 8)))
        failures += 1
        state = .waiting(until: owner.now.adding(milliseconds: pause))
        owner.reportUnreachable(peer)
    }
}
