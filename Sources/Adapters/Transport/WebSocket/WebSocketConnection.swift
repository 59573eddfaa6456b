internal import NIOCore
package import Primitives

/// A part of a client's message.
package struct WebSocketPiece: Sendable, Equatable {
    /// What it says.
    package var bytes: Bytes
    /// Whether a message begins with it.
    package var begins: Bool
    /// Whether the message ends with it.
    package var ends: Bool
}

/// The server's end of a WebSocket, on a stream that is upgraded with it. Belongs to the event
/// loop; `WebSocket` is the way to it for everybody else.
///
/// What the client says waits until it is fetched; when much waits, nothing more is read. What
/// is sent waits for the client. So neither end can fill memory.
///
/// SAFETY: the bytes that the connection shows are copied during the call.
final class WebSocketConnection: StreamReceiver {
    private enum State {
        case open
        /// Close has been said; what the client still sends is read, as a connection that is
        /// closed with something unread would take back what it has sent.
        case closing
        case closed
    }

    /// Bytes that may wait to be fetched, beside what one read brings.
    static let waitingBytesMax = 256 << 10
    /// What a piece counts beside its bytes: tiny ones are no way around the bound.
    static let pieceOverheadBytes = 64
    /// Seconds that the client has to answer Close.
    static let closingSeconds: Int64 = 5

    private let stream: HTTPStream
    private let loop: any EventLoop
    private var decoder = WebSocketDecoder()
    private var state = State.open
    private var waiting = CircularBuffer<WebSocketPiece>()
    private(set) var waitingBytes = 0
    private var reader: EventLoopPromise<WebSocketPiece?>?
    private var writers: [EventLoopPromise<Void>] = []
    /// Nobody fetches or sends any more.
    private var isGivenUp = false
    private var owedPong: Bytes?
    private let ended: EventLoopPromise<Void>
    private var heartbeat: Scheduled<Void>?

    /// Grants the upgrade.
    init(
        _ stream: HTTPStream, _ handshake: WebSocketHandshake, loop: any EventLoop,
        heartbeat: TimeAmount
    ) {
        self.stream = stream
        self.loop = loop
        ended = loop.makePromise()
        stream.receiver = self
        stream.start(status: 101, headers: handshake.headers)
        beat(every: heartbeat)
    }

    /// Done when the client has gone, or nothing more is said to it.
    var end: EventLoopFuture<Void> { ended.futureResult }

    /// The next piece; nil when the client says no more.
    func next() -> EventLoopFuture<WebSocketPiece?> {
        if isGivenUp { return loop.makeFailedFuture(CancellationError()) }
        if let piece = waiting.popFirst() {
            waitingBytes -= piece.bytes.count + Self.pieceOverheadBytes
            if waitingBytes < Self.waitingBytesMax / 4 { stream.setReading(true) }
            return loop.makeSucceededFuture(piece)
        }
        if state != .open { return loop.makeSucceededFuture(nil) }
        let promise = loop.makePromise(of: WebSocketPiece?.self)
        reader = promise
        return promise.futureResult
    }

    /// Sends a message; done once there is room for more. Fails when the client has gone.
    func send(_ message: Bytes) -> EventLoopFuture<Void> {
        if isGivenUp { return loop.makeFailedFuture(CancellationError()) }
        guard state == .open else { return loop.makeFailedFuture(WebSocketGone()) }
        stream.send(WebSocketFrame.bytes(.binary, message))
        if stream.isWritable { return loop.makeSucceededVoidFuture() }
        let promise = loop.makePromise(of: Void.self)
        writers.append(promise)
        return promise.futureResult
    }

    /// Says that nothing more will be said, and hangs up when the client knows.
    func close(_ code: WebSocketCloseCode) {
        guard state == .open else { return }
        stream.send(WebSocketFrame.close(code.rawValue))
        state = .closing
        settle()
        stream.setReading(true)
        loop.assumeIsolated().scheduleTask(in: .seconds(Self.closingSeconds)) { [weak self] in
            self?.hangUp()
        }
    }

    /// Fails whoever waits, and all who come.
    func giveUp() {
        isGivenUp = true
        reader?.fail(CancellationError())
        reader = nil
        failWriters(CancellationError())
    }

    // SAFETY: the bytes are valid for the time of the call, and copied.
    func received(_ bytes: UnsafeRawBufferPointer) {
        guard state != .closed else { return }
        do throws(WebSocketFailure) {
            for event in try decoder.take(unsafe Bytes(bytes)[...]) { take(event) }
        } catch {
            if state == .open {
                stream.send(WebSocketFrame.close(WebSocketCloseCode.protocolError.rawValue))
            }
            hangUp()
        }
        if state == .open, waitingBytes >= Self.waitingBytesMax { stream.setReading(false) }
    }

    func requestEnded() {}

    func cancelled() {
        state = .closed
        settle()
    }

    func becameWritable() {
        let relieved = writers
        writers = []
        for writer in relieved { writer.succeed(()) }
        if let payload = owedPong, state == .open {
            owedPong = nil
            stream.send(WebSocketFrame.bytes(.pong, payload))
        }
    }

    private func take(_ event: WebSocketEvent) {
        switch (event, state) {
        case (.data(let bytes, let begins, let ends), .open):
            take(WebSocketPiece(bytes: bytes, begins: begins, ends: ends))
        case (.ping(let payload), .open):
            // Only the latest ping need be answered (§5.5.3): to one who does not read, once.
            if stream.isWritable {
                stream.send(WebSocketFrame.bytes(.pong, payload))
            } else {
                owedPong = payload
            }
        case (.close(let code), .open):
            stream.send(WebSocketFrame.close(code))
            hangUp()
        case (.close, .closing): hangUp()
        default: break
        }
    }

    private func take(_ piece: WebSocketPiece) {
        if let waiter = reader {
            reader = nil
            waiter.succeed(piece)
        } else {
            waiting.append(piece)
            waitingBytes += piece.bytes.count + Self.pieceOverheadBytes
        }
    }

    /// A client that waits for the server to fetch what it has sent gets no answer to its pings
    /// behind that; client-go hangs up for it after a minute. A pong that nobody asked for is
    /// a sign of life too (§5.5.3).
    private func beat(every interval: TimeAmount) {
        heartbeat = loop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
            guard let self else { return }
            if self.waitingBytes >= Self.waitingBytesMax / 4, self.stream.isWritable {
                self.stream.send(WebSocketFrame.bytes(.pong, []))
            }
            self.beat(every: interval)
        }
    }

    private func hangUp() {
        guard state != .closed else { return }
        state = .closed
        settle()
        stream.finish()
    }

    /// Tells everybody that the conversation is over.
    private func settle() {
        heartbeat?.cancel()
        heartbeat = nil
        waiting = []
        waitingBytes = 0
        reader?.succeed(nil)
        reader = nil
        failWriters(WebSocketGone())
        ended.succeed(())
    }

    private func failWriters(_ reason: any Error) {
        let failed = writers
        writers = []
        for writer in failed { writer.fail(reason) }
    }
}

/// The client of a WebSocket has gone.
package struct WebSocketGone: Error {}
