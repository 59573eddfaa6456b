package import NIOCore
package import Primitives

/// The server's end of a WebSocket, for use from any task. Each of its messages is sent whole
/// and in order; the client's come in pieces.
package struct WebSocket: Sendable {
    private let loop: any EventLoop
    private let connection: NIOLoopBound<WebSocketConnection>

    /// How often a client that is held up is shown that the server lives.
    package static let heartbeat = TimeAmount.seconds(20)

    /// Grants an upgrade on the stream's event loop, on which this is called. The stream belongs
    /// to the socket from then on.
    package init(
        granting handshake: WebSocketHandshake, on stream: HTTPStream, loop: any EventLoop,
        heartbeat: TimeAmount = WebSocket.heartbeat
    ) {
        self.loop = loop
        connection = NIOLoopBound(
            WebSocketConnection(stream, handshake, loop: loop, heartbeat: heartbeat),
            eventLoop: loop)
    }

    /// The next piece of what the client says; nil when it says no more. For one reader.
    /// - Throws: if the task is cancelled; the socket can only be closed then.
    package func next() async throws -> WebSocketPiece? {
        try await giveUpIfCancelled {
            try await loop.flatSubmit { connection.value.next() }.get()
        }
    }

    /// Sends a message and waits until there is room for more.
    /// - Throws: `WebSocketGone` if there is nobody to hear it; or if the task is cancelled: the
    ///   socket can only be closed then.
    package func send(_ message: Bytes) async throws {
        try await giveUpIfCancelled {
            try await loop.flatSubmit { connection.value.send(message) }.get()
        }
    }

    /// Waits until the client has gone or the socket is closed.
    package func ended() async {
        // It ends, one way or the other.
        try? await loop.flatSubmit { connection.value.end }.get()
    }

    /// Sends what waits, and says that nothing more will come.
    package func close(_ code: WebSocketCloseCode) {
        loop.execute { connection.value.close(code) }
    }

    /// Bytes that wait to be fetched.
    func waitingBytes() async throws -> Int {
        try await loop.submit { connection.value.waitingBytes }.get()
    }

    private func giveUpIfCancelled<Result: Sendable>(
        _ body: () async throws -> Result
    ) async throws -> Result {
        try await withTaskCancellationHandler {
            try await body()
        } onCancel: {
            loop.execute { connection.value.giveUp() }
        }
    }
}
