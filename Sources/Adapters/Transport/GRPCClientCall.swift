internal import NIOCore
internal import Primitives
package import Wire

/// Who is told what the server answers, on the connection's event loop.
package protocol GRPCAnswerReceiver: AnyObject {
    /// A message has arrived.
    func received(_ message: ProtobufReader)
    /// The call is over; called once, and nothing after it.
    func ended(_ ending: GRPCEnding)
}

/// How a call of ours ended.
package struct GRPCEnding: Error, Sendable, Equatable {
    /// The server's status, or why there is none.
    package var status: GRPCStatus
    /// False if the server has certainly not acted on the call, so that it may be repeated.
    package var mayHaveRun: Bool

    /// Describes an ending.
    package init(_ status: GRPCStatus, mayHaveRun: Bool) {
        self.status = status
        self.mayHaveRun = mayHaveRun
    }
}

/// One gRPC call to a server. Belongs to the connection's event loop.
package final class GRPCClientCall {
    /// Bytes of one message that a server may send.
    static let messageBytesMax = 512 << 20

    private weak var connection: GRPCClientConnection?
    private var receiver: (any GRPCAnswerReceiver)?
    var id: Int32 = 0
    // What is to be sent, the first from `sent` on.
    private var queue: [Bytes] = []
    private var sent = 0
    private var hasAllRequests = false
    /// The session waits for more to send.
    var isDeferred = false
    // What has arrived and is no whole message yet.
    private var buffer: Bytes = []
    private var start = 0
    private var head: [String: String] = [:]
    private var isPaused = false
    /// Bytes received while paused, which the server may not replace yet.
    private var heldBytes = 0
    private var timer: Scheduled<Void>?

    init(_ connection: GRPCClientConnection, _ receiver: any GRPCAnswerReceiver) {
        self.connection = connection
        self.receiver = receiver
    }

    /// Whether the call has ended.
    package var isOver: Bool { receiver == nil }

    /// Sends a message; `writer` must have begun with `GRPCCall.messageWriter`.
    package func send(_ writer: consuming ProtobufWriter) {
        guard !isOver, !hasAllRequests else { return }
        var bytes = writer.takeBytes()
        GRPCCall.writeLength(into: &bytes)
        queue.append(bytes)
        connection?.outgoingChanged(self)
    }

    /// Says that no more messages follow.
    package func endRequests() {
        guard !isOver, !hasAllRequests else { return }
        hasAllRequests = true
        connection?.outgoingChanged(self)
    }

    /// Gives the call up; the receiver is told nothing.
    package func cancel() {
        guard !isOver else { return }
        receiver = nil
        timer?.cancel()
        connection?.reset(self)
    }

    /// Stops or starts the flow of answers: while paused the server can send no more than fits the
    /// stream's window.
    package func pause(_ isPaused: Bool) {
        self.isPaused = isPaused
        guard !isPaused, heldBytes > 0 else { return }
        connection?.consume(self, heldBytes)
        heldBytes = 0
    }

    /// Gives up by itself after `timeout`.
    func expire(after timeout: TimeAmount, on loop: any EventLoop) {
        timer = loop.assumeIsolated().scheduleTask(in: timeout) { [weak self] in
            guard let self, !self.isOver else { return }
            let receiver = self.receiver
            self.cancel()
            receiver?.ended(
                GRPCEnding(
                    GRPCStatus(.deadlineExceeded, "context deadline exceeded"), mayHaveRun: true))
        }
    }
}

/// What the connection reports.
extension GRPCClientCall {
    func header(_ name: String, _ value: String) {
        head[name] = value
    }

    // SAFETY: the bytes are copied during the call.
    /// Takes a part of the answer; what may be replaced on the wire goes back as consumed.
    func received(_ bytes: UnsafeRawBufferPointer) {
        unsafe buffer.append(contentsOf: bytes)
        heldBytes += bytes.count
        while let message = nextMessage() { receiver?.received(message) }
        if start > 64 << 10 {
            buffer.removeFirst(start)
            start = 0
        }
        if !isPaused { pause(false) }
    }

    private func nextMessage() -> ProtobufReader? {
        let available = buffer.count - start
        guard !isOver, available >= GRPCCall.prefixBytes else { return nil }
        var count = 0
        for position in 1...4 { count = count << 8 | Int(buffer[start + position]) }
        guard buffer[start] == 0, count <= Self.messageBytesMax else {
            fail(GRPCStatus(.internal, "a message that is compressed or too large"))
            return nil
        }
        guard available >= GRPCCall.prefixBytes + count else { return nil }
        let from = start + GRPCCall.prefixBytes
        let message = buffer
        start = from + count
        if start == message.count {
            // The reader keeps the bytes; the next message starts a buffer of its own.
            buffer = []
            start = 0
        }
        return ProtobufReader(message, from: from, to: from + count)
    }

    /// The answer makes no sense.
    private func fail(_ status: GRPCStatus) {
        let receiver = receiver
        cancel()
        receiver?.ended(GRPCEnding(status, mayHaveRun: true))
    }

    /// The stream is closed. `problem` says why where there may be no status; `mayHaveRun` is
    /// false if the server refused the stream.
    func closed(problem: String, mayHaveRun: Bool) {
        guard let receiver else { return }
        self.receiver = nil
        timer?.cancel()
        if let code = head["grpc-status"] {
            let message = GRPCStatus.decodeMessage(head["grpc-message"] ?? "")
            let known = UInt8(code).flatMap { GRPCStatus.Code(rawValue: $0) }
            receiver.ended(GRPCEnding(GRPCStatus(known ?? .unknown, message), mayHaveRun: true))
        } else if let status = head[":status"], status != "200" {
            receiver.ended(
                GRPCEnding(GRPCStatus(.unavailable, "HTTP status \(status)"), mayHaveRun: true))
        } else {
            receiver.ended(GRPCEnding(GRPCStatus(.unavailable, problem), mayHaveRun: mayHaveRun))
        }
    }

    /// Gives the session the next bytes to send.
    // SAFETY: the buffer is nghttp2's, of the size it says, for the time of the call.
    func fill(_ target: UnsafeMutableRawBufferPointer) -> HTTP2Fill {
        var filled = 0
        while filled < target.count, let bytes = queue.first {
            let count = min(bytes.count - sent, target.count - filled)
            unsafe bytes.withUnsafeBytes { source in
                let part = unsafe UnsafeRawBufferPointer(rebasing: source[sent..<sent + count])
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + count])
                    .copyMemory(from: part)
            }
            filled += count
            sent += count
            if sent == bytes.count {
                queue.removeFirst()
                sent = 0
            }
        }
        if queue.isEmpty, hasAllRequests { return .ended(filled, trailers: []) }
        if filled == 0 {
            isDeferred = true
            return .deferred
        }
        return .filled(filled)
    }
}
