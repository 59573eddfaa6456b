internal import CNGHTTP2
package import NIOCore
internal import Primitives
internal import Wire

/// A connection to a gRPC server: an nghttp2 client session fed from the channel. Belongs to the
/// channel's event loop.
///
/// SAFETY: the session and everything it calls back live on the channel's event loop; the
/// session's user data is this object, which deletes the session before it goes away.
@safe
package final class GRPCClientConnection: ChannelInboundHandler {
    /// Bytes come in …
    package typealias InboundIn = ByteBuffer
    /// … and go out.
    package typealias OutboundOut = ByteBuffer

    private static let writeBytesMax = 256 << 10
    /// Seconds between pings, which keep an idle connection from dying unnoticed.
    private static let pingSeconds: Int64 = 30

    /// What was dialled, for `:authority`.
    private let authority: String
    private let isSecure: Bool
    private var session: OpaquePointer?
    private var context: ChannelHandlerContext?
    private var calls: [Int32: GRPCClientCall] = [:]
    private var isFlushScheduled = false
    private var isDraining = false
    private var problem = "connection closed"
    /// Called once when no more calls can be made here.
    package var retired: () -> Void = {}
    /// Called once: with nil when the server has said that it is there, else with what is wrong.
    var greeted: (_ problem: String?) -> Void = { _ in }

    /// A connection that is not in a channel yet.
    init(authority: String, isSecure: Bool) {
        self.authority = authority
        self.isSecure = isSecure
    }

    deinit {
        if let session = unsafe session { unsafe nghttp2_session_del(session) }
    }

    /// Whether new calls can be made.
    package var isUsable: Bool { context != nil && !isDraining }

    /// The channel is there.
    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        unsafe session = HTTP2ClientCallbacks.makeSession(for: self)
        unsafe HTTP2ClientCallbacks.submitSettings(session)
        schedulePing()
        scheduleFlush()
    }

    /// The channel is gone.
    package func handlerRemoved(context: ChannelHandlerContext) {
        vanish()
    }

    /// The server is gone.
    package func channelInactive(context: ChannelHandlerContext) {
        vanish()
        context.fireChannelInactive()
    }

    /// Ends the connection, with the error as the reason.
    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        problem = "\(error)"
        context.close(promise: nil)
    }

    /// Bytes have arrived.
    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard unsafe session != nil else { return }
        let taken = unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe nghttp2_session_mem_recv(
                session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
        if taken < 0 {
            problem = "the server does not speak HTTP/2"
            context.close(promise: nil)
        }
        scheduleFlush()
    }

    /// There is room to write, perhaps.
    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flush() }
        context.fireChannelWritabilityChanged()
    }

    /// Begins a call. Messages are sent with the call; `receiver` is told what comes back.
    package func start(
        _ path: String, metadata: [(name: String, value: String)], timeout: TimeAmount? = nil,
        _ receiver: any GRPCAnswerReceiver
    ) -> GRPCClientCall {
        let call = GRPCClientCall(self, receiver)
        guard isUsable, let context, let session = unsafe session else {
            call.closed(problem: problem, mayHaveRun: false)
            return call
        }
        var headers: [(name: String, value: String)] = [
            (":method", "POST"), (":scheme", isSecure ? "https" : "http"), (":path", path),
            (":authority", authority), ("te", "trailers"), ("content-type", "application/grpc"),
            ("user-agent", "keelson"),
        ]
        if let timeout {
            headers.append(("grpc-timeout", "\(max(1, timeout.nanoseconds / 1_000_000))m"))
            call.expire(after: timeout, on: context.eventLoop)
        }
        call.id = unsafe HTTP2ClientCallbacks.submitRequest(session, headers + metadata)
        guard call.id > 0 else {
            call.closed(problem: "no stream is left on the connection", mayHaveRun: false)
            retire()
            return call
        }
        calls[call.id] = call
        scheduleFlush()
        return call
    }

    /// Makes no new calls and hangs up when those under way are over.
    package func retire() {
        guard !isDraining else { return }
        isDraining = true
        let retired = retired
        self.retired = {}
        retired()
        closeIfDone()
    }

    /// Hangs up at once.
    package func close(_ reason: String = "connection closed") {
        problem = reason
        hangUp()
    }

    private func closeIfDone() {
        if isDraining, calls.isEmpty { hangUp() }
    }

    /// Not at once: a session that calls back must not be deleted before it returns.
    private func hangUp() {
        guard let context else { return }
        let connection = UncheckedBox(self)
        context.eventLoop.execute { connection.value.context?.close(promise: nil) }
    }

    private func schedulePing() {
        guard let context else { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(Self.pingSeconds)) {
            [weak self] in
            guard let self, let session = unsafe self.session else { return }
            unsafe nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
            self.scheduleFlush()
            self.schedulePing()
        }
    }

    /// Calls that are made in one pass of the loop share a write.
    private func scheduleFlush() {
        guard !isFlushScheduled, let context else { return }
        isFlushScheduled = true
        let connection = UncheckedBox(self)
        context.eventLoop.execute {
            connection.value.isFlushScheduled = false
            connection.value.flush()
        }
    }

    private func flush() {
        guard let context, let session = unsafe session else { return }
        var wrote = false
        while context.channel.isWritable {
            var buffer = context.channel.allocator.buffer(capacity: 4_096)
            while buffer.readableBytes < Self.writeBytesMax {
                var data: UnsafePointer<UInt8>?
                let count = unsafe nghttp2_session_mem_send(session, &data)
                guard count > 0, let start = unsafe data else { break }
                unsafe buffer.writeBytes(UnsafeRawBufferPointer(start: start, count: count))
            }
            guard buffer.readableBytes > 0 else { break }
            context.write(wrapOutboundOut(buffer), promise: nil)
            wrote = true
        }
        if wrote { context.flush() }
    }

    private func vanish() {
        guard unsafe session != nil else { return }
        context = nil
        unsafe nghttp2_session_del(session)
        unsafe session = nil
        let open = calls.keys.sorted().compactMap { calls[$0] }
        calls = [:]
        retire()
        let greeted = greeted
        self.greeted = { _ in }
        greeted(problem)
        for call in open { call.closed(problem: problem, mayHaveRun: true) }
    }
}

/// What the session reports.
extension GRPCClientConnection {
    func header(_ id: Int32, _ name: String, _ value: String) {
        calls[id]?.header(name, value)
    }

    // SAFETY: the buffer is valid during the call, which copies it.
    func received(_ id: Int32, _ bytes: UnsafeRawBufferPointer) {
        guard let session = unsafe session else { return }
        // One slow call must not hold up the others.
        unsafe nghttp2_session_consume_connection(session, bytes.count)
        if let call = calls[id] {
            unsafe call.received(bytes)
        } else {
            unsafe nghttp2_session_consume_stream(session, id, bytes.count)
        }
    }

    func closed(_ id: Int32, code: UInt32) {
        guard let call = calls.removeValue(forKey: id) else { return }
        call.closed(
            problem: "the server reset the call (HTTP/2 error \(code))",
            mayHaveRun: code != NGHTTP2_REFUSED_STREAM.rawValue)
        closeIfDone()
    }

    /// The server's settings have come: it is there and speaks HTTP/2.
    func wasGreeted() {
        let greeted = greeted
        self.greeted = { _ in }
        greeted(nil)
    }

    /// The server wants no new calls here.
    func goAway() {
        problem = "the server is going away"
        retire()
    }

    // SAFETY: the buffer is nghttp2's, of the size it says, for the time of the call.
    func fill(_ id: Int32, _ target: UnsafeMutableRawBufferPointer) -> HTTP2Fill {
        guard let call = calls[id] else { return .failed }
        return unsafe call.fill(target)
    }
}

/// What calls ask for.
extension GRPCClientConnection {
    func outgoingChanged(_ call: GRPCClientCall) {
        guard let session = unsafe session else { return }
        if call.isDeferred {
            call.isDeferred = false
            unsafe nghttp2_session_resume_data(session, call.id)
        }
        scheduleFlush()
    }

    func consume(_ call: GRPCClientCall, _ count: Int) {
        guard let session = unsafe session else { return }
        unsafe nghttp2_session_consume_stream(session, call.id, count)
        scheduleFlush()
    }

    func reset(_ call: GRPCClientCall) {
        guard let session = unsafe session, calls.removeValue(forKey: call.id) != nil else {
            return
        }
        unsafe nghttp2_submit_rst_stream(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), call.id, UInt32(NGHTTP2_CANCEL.rawValue))
        scheduleFlush()
        closeIfDone()
    }
}
