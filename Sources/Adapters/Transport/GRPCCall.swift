package import NIOCore
internal import Primitives
package import Wire

/// One gRPC call on an HTTP/2 stream: message framing, deadline and status. Belongs to the
/// connection's event loop.
package final class GRPCCall: StreamReceiver {
    /// Bytes before each message: a flag and the length.
    package static let prefixBytes = 5

    private static let answerHeaders: [(name: String, value: String)] = [
        ("content-type", "application/grpc")
    ]
    private static let expired = GRPCStatus(.deadlineExceeded, "context deadline exceeded")
    /// Requests on one stream that may come while its answers have no room.
    private static let requestsWhileFullMax = 10_000

    /// The stream below.
    package let stream: HTTPStream
    private let router: GRPCRouter
    private var method: GRPCMethod?
    private var receiver: (any GRPCMessageReceiver)?
    private var buffer: Bytes = []
    private var start = 0
    private var accepts = Compression.identity
    private var hasRequest = false
    private var requestsWhileFull = 0
    private var isFinished = false
    /// When the client stops waiting; nil if it said nothing.
    package private(set) var deadline: NIODeadline?
    /// Where the router keeps the call.
    var position: Int?
    /// What the router's `dropped` is told when the call is cancelled or its time is up before
    /// its answer; 0 for nothing to drop. Cheaper than `onCancel`.
    package var ticket: UInt64 = 0
    /// Called when a unary call is cancelled or its time is up, so that its work can be dropped.
    package var onCancel: (() -> Void)?

    private enum Compression: Equatable {
        case identity
        case gzip
        case other(String)
    }

    init(stream: HTTPStream, router: GRPCRouter) {
        self.stream = stream
        self.router = router
    }

    /// A header or metadata entry of the request, by its name in lower case.
    package func metadata(_ name: String) -> String? { stream.head.header(name) }

    /// Whether more answers should be sent now.
    package var isWritable: Bool { stream.isWritable && !isFinished }

    /// Whether the call is over.
    package var isOver: Bool { isFinished || stream.isGone }

    /// Reads timeout and compression; answers what is wrong with them.
    func readHead() -> GRPCStatus? {
        // The router has refused what is no timeout.
        if let text = metadata("grpc-timeout"), let timeout = try? GRPCTimeout(text) {
            if timeout.amount.nanoseconds == 0 { return Self.expired }
            deadline = NIODeadline.now() + timeout.amount
        }
        switch metadata("grpc-encoding") {
        case nil, "identity": accepts = .identity
        case "gzip": accepts = .gzip
        case .some(let other):
            return GRPCStatus(
                .unimplemented,
                "grpc: Decompressor is not installed for grpc-encoding \"\(other)\"")
        }
        return nil
    }

    /// Starts the call.
    func begin(_ method: GRPCMethod) {
        self.method = method
        stream.receiver = self
        if deadline != nil { router.watch(self) }
        if case .streaming(let open) = method { receiver = open(self) }
    }

    // SAFETY: the bytes are copied during the call.
    /// Takes a part of the body in: whole messages go to the method.
    package func received(_ bytes: UnsafeRawBufferPointer) {
        guard !isFinished else { return }
        unsafe buffer.append(contentsOf: bytes)
        while !isFinished, let message = nextMessage() { take(message) }
        if start > 64 << 10 {
            buffer.removeFirst(start)
            start = 0
        }
    }

    /// The client will send no more.
    package func requestEnded() {
        guard !isFinished else { return }
        if start < buffer.count {
            finish(GRPCStatus(.unknown, "unexpected EOF"))
            return
        }
        switch method {
        case .streaming: receiver?.requestsEnded()
        default:
            if !hasRequest { finish(GRPCStatus(.unknown, "EOF")) }
        }
    }

    /// The client gave up, or its connection is gone.
    package func cancelled() {
        end(.cancelled)
    }

    /// There is room for answers again.
    package func becameWritable() {
        receiver?.becameWritable()
    }

    /// The next whole message, if it has arrived.
    private func nextMessage() -> ProtobufReader? {
        let available = buffer.count - start
        guard available >= Self.prefixBytes else { return nil }
        let flag = buffer[start]
        var count = 0
        for position in 1...4 { count = count << 8 | Int(buffer[start + position]) }
        guard count <= router.messageBytesMax else {
            finish(
                GRPCStatus(
                    .resourceExhausted,
                    "grpc: received message larger than max (\(count) vs. "
                        + "\(router.messageBytesMax))"))
            return nil
        }
        guard flag <= 1 else {
            finish(
                GRPCStatus(.internal, "grpc: received unexpected payload format \(flag)"))
            return nil
        }
        guard available >= Self.prefixBytes + count else { return nil }
        let from = start + Self.prefixBytes
        let message = buffer
        start = from + count
        if start == message.count {
            // The reader keeps the bytes; the next message starts a buffer of its own.
            buffer = []
            start = 0
        }
        if flag == 1 { return unpack(message[from..<from + count]) }
        return ProtobufReader(message, from: from, to: from + count)
    }

    private func unpack(_ packed: ArraySlice<UInt8>) -> ProtobufReader? {
        guard accepts == .gzip else {
            finish(
                GRPCStatus(
                    .internal, "grpc: compressed flag set with identity or empty encoding"))
            return nil
        }
        do throws(GZIP.Failure) {
            let bytes = try GZIP.unpack(packed, bytesMax: router.messageBytesMax)
            return ProtobufReader(bytes)
        } catch GZIP.Failure.tooLarge {
            finish(
                GRPCStatus(
                    .resourceExhausted,
                    "grpc: received message after decompression larger than max "
                        + "\(router.messageBytesMax)"))
        } catch {
            finish(GRPCStatus(.internal, "grpc: failed to decompress the received message"))
        }
        return nil
    }

    private func take(_ message: ProtobufReader) {
        switch method {
        case .unary(let handle):
            // grpc-go looks at no message behind the first.
            guard !hasRequest else { return }
            hasRequest = true
            handle(self, message)
        default:
            hasRequest = true
            guard admitsMore() else { return }
            receiver?.received(message)
        }
    }

    /// Ends the call of a client that asks on and on without reading the answers, which would fill
    /// our memory.
    private func admitsMore() -> Bool {
        guard stream.bufferedBytes >= HTTPStream.bufferedBytesMax else {
            requestsWhileFull = 0
            return true
        }
        requestsWhileFull += 1
        guard requestsWhileFull > Self.requestsWhileFullMax else { return true }
        end(.resourceExhausted)
        stream.reset(.enhanceYourCalm)
        return false
    }

    /// Sends a message; `writer` must have begun with `messageWriter`.
    package func send(_ writer: consuming ProtobufWriter) {
        guard !isFinished else { return }
        // The writer gives its bytes up, or the next line would copy them.
        var bytes = writer.takeBytes()
        Self.writeLength(into: &bytes)
        stream.start(status: 200, headers: Self.answerHeaders)
        stream.send(bytes)
    }

    /// A writer for a message to `send`, with the room for its prefix.
    package static func messageWriter(capacity: Int = 64) -> ProtobufWriter {
        var writer = ProtobufWriter(capacity: capacity + prefixBytes)
        for _ in 0..<prefixBytes { writer.bytes.append(0) }
        return writer
    }

    /// Fills in the prefix of a message.
    static func writeLength(into bytes: inout Bytes) {
        let count = bytes.count - prefixBytes
        invariant(count >= 0, "a message without the room for its prefix")
        for position in 0..<4 {
            bytes[1 + position] = UInt8(truncatingIfNeeded: count >> (24 - 8 * position))
        }
    }

    /// Answers a unary call.
    package func answer(_ writer: consuming ProtobufWriter) {
        send(writer)
        finish(.ok)
    }

    /// Ends the call.
    package func finish(_ status: GRPCStatus) {
        guard !isFinished else { return }
        isFinished = true
        router.unwatch(self)
        receiver = nil
        onCancel = nil
        router.ended(stream.head.target, status.code)
        var trailers: [(name: String, value: String)] = [("grpc-status", "\(status.code.rawValue)")]
        if !status.message.isEmpty { trailers.append(("grpc-message", status.encodedMessage)) }
        if stream.isStarted {
            stream.finish(trailers: trailers)
        } else {
            stream.finishWithoutBody(status: 200, headers: Self.answerHeaders + trailers)
        }
    }

    /// The deadline has passed.
    func expire() {
        let (receiver, onCancel) = (receiver, onCancel)
        finish(Self.expired)
        receiver?.cancelled()
        drop(onCancel)
    }

    private func end(_ code: GRPCStatus.Code) {
        guard !isFinished else { return }
        isFinished = true
        router.unwatch(self)
        router.ended(stream.head.target, code)
        let (receiver, onCancel) = (receiver, onCancel)
        self.receiver = nil
        self.onCancel = nil
        receiver?.cancelled()
        drop(onCancel)
    }

    private func drop(_ onCancel: (() -> Void)?) {
        onCancel?()
        if ticket != 0 { router.dropped(ticket) }
        ticket = 0
    }
}
