internal import CNGHTTP2
internal import NIOCore
internal import Primitives

/// One HTTP/2 connection: an nghttp2 session fed from the channel. What it has to send is drained
/// once for each turn of the loop.
///
/// SAFETY: the session and everything it calls back live on the channel's event loop; the
/// session's user data is this object, which deletes the session before it goes away. Pointers
/// that callbacks receive are used during the callback only.
@safe
final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes handed to the channel in one write.
    private static let writeBytesMax = 256 << 10

    private let router: any StreamRouter
    private let turn: LoopTurn
    private let limits: HTTP2Limits
    let peerCertificate: Bytes?
    private var session: OpaquePointer?
    private var context: ChannelHandlerContext?
    var streams: [Int32: HTTPStream] = [:]
    /// The stream used last: callbacks come in runs of one.
    private var recent: (id: Int32, stream: HTTPStream)?
    /// The request whose header block is being read.
    var opening: IncomingHead?
    var texts = TextCache()
    let outgoing: OutgoingBytes?
    /// Streams whose owners wait for room.
    private var waiting: [Int32: HTTPStream] = [:]
    /// Those of them of which much was sent.
    private var relieved: [HTTPStream] = []
    private var isClosing = false
    private var pings = PingPolicy()
    private var liveliness = Liveliness(.now())
    private let onGreeting: () -> Void
    private let onClose: () -> Void
    /// Waits in the turn's list for its flush.
    var isDirty = false

    init(
        router: any StreamRouter, turn: LoopTurn, limits: HTTP2Limits, peerCertificate: Bytes?,
        onGreeting: @escaping () -> Void, onClose: @escaping () -> Void
    ) {
        self.router = router
        self.turn = turn
        self.limits = limits
        self.peerCertificate = peerCertificate
        self.onGreeting = onGreeting
        self.onClose = onClose
        outgoing = OutgoingBytes(total: turn.outgoing)
    }

    deinit {
        if let session = unsafe session { unsafe nghttp2_session_del(session) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        unsafe session = HTTP2Callbacks.makeSession(for: self, limits)
        unsafe HTTP2Callbacks.submitSettings(session, limits)
        turn.markDirty(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        vanish()
    }

    func channelInactive(context: ChannelHandlerContext) {
        vanish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard !isClosing, unsafe session != nil else { return }
        liveliness.heard = .now()
        let taken = unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe nghttp2_session_mem_recv(
                session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
        if taken < 0 {
            // Bad magic or a flood: tell the client, and hang up once that is written.
            unsafe nghttp2_session_terminate_session(
                session, UInt32(NGHTTP2_PROTOCOL_ERROR.rawValue))
            isClosing = true
        }
        turn.markDirty(self)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flush() }
        context.fireChannelWritabilityChanged()
    }

    /// Writes what the session has to send, as far as the channel has room.
    func flush() {
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
        tellRelieved()
        let isOver =
            unsafe nghttp2_session_want_read(session) == 0
            && nghttp2_session_want_write(session) == 0
        if isOver || (isClosing && context.channel.isWritable) {
            context.close(promise: nil)
        }
    }

    /// Asks the client to open no more streams; those that are open may finish.
    func shutDown() {
        guard unsafe session != nil else { return }
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        _ = unsafe nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last,
            UInt32(NGHTTP2_NO_ERROR.rawValue), nil, 0)
        turn.markDirty(self)
    }

    /// Hangs up at once.
    func close() {
        context?.close(promise: nil)
    }

    /// Asks a client that has been silent whether it is there, and hangs up on one that does not
    /// answer; to be called now and then.
    func checkLiveliness(_ now: NIODeadline) {
        guard let session = unsafe session else { return }
        switch liveliness.step(now, limits) {
        case .nothing: break
        case .ask:
            unsafe nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
            turn.markDirty(self)
        case .hangUp: close()
        }
    }

    private func tellRelieved() {
        guard !relieved.isEmpty || !waiting.isEmpty else { return }
        let areAllRelieved = outgoing?.isRelieved ?? true
        guard areAllRelieved || !relieved.isEmpty else { return }
        let streams =
            areAllRelieved ? waiting.keys.sorted().compactMap { waiting[$0] } : relieved
        relieved = []
        for stream in streams where stream.mayBeRelieved && hasRoom(for: stream) {
            stream.awaitsRoom = false
            waiting[stream.id] = nil
            stream.receiver?.becameWritable()
        }
    }

    private func vanish() {
        guard unsafe session != nil else { return }
        unsafe nghttp2_session_del(session)
        unsafe session = nil
        let open = streams.keys.sorted().compactMap { streams[$0] }
        streams = [:]
        waiting = [:]
        relieved = []
        recent = nil
        for stream in open { stream.vanish() }
        if !open.isEmpty { turn.schedule() }
        onClose()
    }
}

/// What the session reports.
extension HTTP2Connection {
    /// A request's header block is complete.
    func opened(_ id: Int32) {
        guard let opening, opening.id == id else { return }
        self.opening = nil
        let isTooLarge = opening.bytes > limits.headerListBytesMax
        guard let head = isTooLarge ? opening.head : opening.finished else {
            reset(id, NGHTTP2_PROTOCOL_ERROR.rawValue)
            return
        }
        let stream = HTTPStream(id: id, head: head, carrier: self)
        stream.announcedBytes = opening.announcedBytes
        streams[id] = stream
        recent = (id, stream)
        if isTooLarge {
            stream.finishWithoutBody(status: 431, headers: [])
        } else {
            router.accept(stream)
        }
    }

    /// Counts a header of so many bytes; whether it is to be kept.
    func admitsHeader(_ bytes: Int) -> Bool {
        opening?.bytes += bytes + IncomingHead.headerOverheadBytes
        return (opening?.bytes ?? 0) <= limits.headerListBytesMax
    }

    /// The client has said its settings.
    func greeted() {
        onGreeting()
    }

    /// The client asks whether this server is there. nghttp2 answers.
    func pinged() {
        let isTooMany = pings.isTooMany(
            at: .now(), hasCalls: !streams.isEmpty, nanosecondsMin: limits.pingNanosecondsMin)
        guard isTooMany, !isClosing, let session = unsafe session else { return }
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        let reason = Array("too_many_pings".utf8)
        unsafe nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last,
            UInt32(NGHTTP2_ENHANCE_YOUR_CALM.rawValue), reason, reason.count)
        isClosing = true
        turn.markDirty(self)
    }

    /// Bytes of a request's body.
    // SAFETY: the buffer is valid during the call, and receivers copy what they keep.
    func received(_ id: Int32, _ bytes: UnsafeRawBufferPointer) {
        guard let stream = stream(id) else { return }
        if let left = stream.announcedBytes {
            guard bytes.count <= left else {
                reset(id, NGHTTP2_PROTOCOL_ERROR.rawValue)
                return
            }
            stream.announcedBytes = left - bytes.count
        }
        unsafe stream.receiver?.received(bytes)
    }

    /// The client has sent its part.
    func requestEnded(_ id: Int32) {
        guard let stream = stream(id) else { return }
        guard stream.announcedBytes ?? 0 == 0 else {
            reset(id, NGHTTP2_PROTOCOL_ERROR.rawValue)
            return
        }
        stream.receiver?.requestEnded()
    }

    /// The stream is over.
    func closed(_ id: Int32) {
        recent = nil
        waiting[id] = nil
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.vanish()
        turn.schedule()
    }

    /// Gives the session the next bytes of an answer.
    // SAFETY: the buffer is nghttp2's, of the size it says, for the time of the call.
    func fill(_ id: Int32, _ target: UnsafeMutableRawBufferPointer) -> HTTP2Fill {
        guard let stream = stream(id) else { return .failed }
        pings.hasSent = true
        var filled = 0
        while filled < target.count, !stream.isDrained {
            stream.take { bytes, from in
                let count = min(bytes.count - from, target.count - filled)
                unsafe bytes.withUnsafeBytes { source in
                    let part = unsafe UnsafeRawBufferPointer(rebasing: source[from..<from + count])
                    let place = unsafe UnsafeMutableRawBufferPointer(
                        rebasing: target[filled..<filled + count])
                    unsafe place.copyMemory(from: part)
                }
                filled += count
                return count
            }
        }
        if stream.mayBeRelieved { relieved.append(stream) }
        if stream.isDrained, stream.isFinished {
            return .ended(filled, trailers: stream.trailers ?? [])
        }
        if filled == 0 {
            stream.isDeferred = true
            return .deferred
        }
        return .filled(filled)
    }

    private func stream(_ id: Int32) -> HTTPStream? {
        if let recent, recent.id == id { return recent.stream }
        guard let stream = streams[id] else { return nil }
        recent = (id, stream)
        return stream
    }
}

/// What a data provider answers.
enum HTTP2Fill {
    case filled(Int)
    case ended(Int, trailers: [(name: String, value: String)])
    case deferred
    case failed
}

extension HTTP2Connection: StreamCarrier {
    func hasRoom(for stream: HTTPStream) -> Bool {
        outgoing?.hasRoom(streamBytes: stream.bufferedBytes) ?? true
    }

    func remember(waiting stream: HTTPStream) {
        waiting[stream.id] = stream
    }

    func start(_ stream: HTTPStream, status: Int, headers: [(name: String, value: String)]) {
        guard let session = unsafe session else { return }
        pings.hasSent = true
        unsafe HTTP2Callbacks.submitResponse(
            session, stream.id, status: status, headers: headers, hasBody: true)
        turn.markDirty(self)
    }

    func startWithoutBody(
        _ stream: HTTPStream, status: Int, headers: [(name: String, value: String)]
    ) {
        guard let session = unsafe session else { return }
        pings.hasSent = true
        unsafe HTTP2Callbacks.submitResponse(
            session, stream.id, status: status, headers: headers, hasBody: false)
        turn.markDirty(self)
    }

    func outgoingChanged(_ stream: HTTPStream) {
        guard let session = unsafe session else { return }
        if stream.isDeferred {
            stream.isDeferred = false
            unsafe nghttp2_session_resume_data(session, stream.id)
        }
        turn.markDirty(self)
    }

    func reset(_ stream: HTTPStream, _ reason: ResetReason) {
        reset(stream.id, reason.rawValue)
    }

    private func reset(_ id: Int32, _ reason: UInt32) {
        guard let session = unsafe session else { return }
        unsafe nghttp2_submit_rst_stream(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, reason)
        turn.markDirty(self)
    }
}
