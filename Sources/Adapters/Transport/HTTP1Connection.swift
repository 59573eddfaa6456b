internal import NIOCore
internal import NIOHTTP1
internal import Primitives

/// One HTTP/1.1 connection behind NIO's codec: one request at a time, as `HTTPStream`s. A stream
/// that is answered with 101 is the last: it has the connection to itself.
/// Belongs to the channel's event loop.
///
/// SAFETY: the bytes that a receiver is shown are the buffer's, during the call only.
final class HTTP1Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let router: any StreamRouter
    private let turn: LoopTurn
    let peerCertificate: Bytes?
    /// Called with each request that has come in.
    private let onRequest: () -> Void
    private let onClose: () -> Void
    private var context: ChannelHandlerContext?
    private var stream: HTTPStream?
    private var keepsAlive = true
    private var isShuttingDown = false
    /// After an upgrade.
    private var tunnel: ByteTunnel?

    init(
        router: any StreamRouter, turn: LoopTurn, peerCertificate: Bytes?,
        onRequest: @escaping () -> Void, onClose: @escaping () -> Void
    ) {
        self.router = router
        self.turn = turn
        self.peerCertificate = peerCertificate
        self.onRequest = onRequest
        self.onClose = onClose
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        let gone = stream
        stream = nil
        gone?.vanish()
        turn.schedule()
        onClose()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, stream == nil else {
            context.close(promise: nil)
            return
        }
        var headers = HTTPHeaders()
        headers.add(name: "content-length", value: "0")
        headers.add(name: "connection", value: "close")
        let status: HTTPResponseStatus =
            error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): open(head)
        case .body(let buffer): receive(buffer)
        case .end:
            stream?.receiver?.requestEnded()
        }
        turn.schedule()
    }

    private func receive(_ buffer: ByteBuffer) {
        unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe stream?.receiver?.received(bytes)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let stream { drain(stream) }
        context.fireChannelWritabilityChanged()
    }

    /// Answers the request under way and hangs up after it.
    func shutDown() {
        isShuttingDown = true
        if stream == nil { context?.close(promise: nil) }
    }

    private func open(_ head: HTTPRequestHead) {
        onRequest()
        // Behind a request for an upgrade NIO reads no other, whether it is granted or not.
        let asksForUpgrade = head.headers.contains(name: "upgrade") || head.method == .CONNECT
        keepsAlive = head.isKeepAlive && !asksForUpgrade
        var headers: [(name: String, value: String)] = []
        for (name, value) in head.headers { headers.append((name.lowercased(), value)) }
        let request = RequestHead(
            method: head.method.rawValue, target: head.uri,
            authority: head.headers.first(name: "host") ?? "", headers: headers, version: 1)
        let stream = HTTPStream(id: 1, head: request, carrier: self)
        self.stream = stream
        router.accept(stream)
    }

    private func drain(_ stream: HTTPStream) {
        guard let context, stream === self.stream else { return }
        var wrote = false
        while !stream.isDrained, context.channel.isWritable {
            stream.take { bytes, from in
                var buffer = context.channel.allocator.buffer(capacity: bytes.count - from)
                buffer.writeBytes(bytes[from...])
                if let tunnel {
                    tunnel.write(buffer)
                } else {
                    context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
                }
                return bytes.count - from
            }
            wrote = true
        }
        if stream.isFinished, stream.isDrained {
            end(stream, context)
        } else if wrote {
            context.flush()
        }
        if stream.mayBeRelieved {
            stream.awaitsRoom = false
            stream.receiver?.becameWritable()
        }
    }

    private func end(_ stream: HTTPStream, _ context: ChannelHandlerContext) {
        self.stream = nil
        // Closed earlier, what is not written yet would be lost.
        let written = context.eventLoop.makePromise(of: Void.self)
        if !keepsAlive || isShuttingDown || tunnel != nil {
            written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        }
        if let tunnel { return tunnel.finish(written) }
        var trailers: HTTPHeaders?
        if let given = stream.trailers, !given.isEmpty {
            trailers = HTTPHeaders(given.map { ($0.name, $0.value) })
        }
        context.writeAndFlush(wrapOutboundOut(.end(trailers)), promise: written)
    }

    private func upgrade(_ headers: [(name: String, value: String)]) {
        guard let context else { return }
        let head = HTTPResponseHead(
            version: .http1_1, status: .switchingProtocols,
            headers: HTTPHeaders(headers.map { ($0.name, $0.value) }))
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        let tunnel = ByteTunnel { [unowned self] buffer in
            receive(buffer)
            turn.schedule()
        }
        self.tunnel = tunnel
        do {
            try tunnel.replaceHTTP(in: context.pipeline.syncOperations)
        } catch {
            context.close(promise: nil)
        }
    }

    private func write(
        _ status: Int, _ headers: [(name: String, value: String)], hasBody: Bool
    ) {
        guard let context else { return }
        var fields = HTTPHeaders(headers.map { ($0.name, $0.value) })
        let isLengthKnown = fields.contains(name: "content-length")
        if !hasBody {
            if !isLengthKnown, status >= 200, status != 204, status != 304 {
                fields.add(name: "content-length", value: "0")
            }
        } else if !isLengthKnown {
            fields.add(name: "transfer-encoding", value: "chunked")
        }
        if !keepsAlive || isShuttingDown { fields.add(name: "connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }
}

extension HTTP1Connection: StreamCarrier {
    /// One answer at a time bounds itself.
    var outgoing: OutgoingBytes? { nil }

    func hasRoom(for stream: HTTPStream) -> Bool { true }

    func remember(waiting stream: HTTPStream) {}

    func start(_ stream: HTTPStream, status: Int, headers: [(name: String, value: String)]) {
        if status == 101 { return upgrade(headers) }
        write(status, headers, hasBody: true)
        context?.flush()
    }

    func startWithoutBody(
        _ stream: HTTPStream, status: Int, headers: [(name: String, value: String)]
    ) {
        write(status, headers, hasBody: false)
        if let context { end(stream, context) }
    }

    func outgoingChanged(_ stream: HTTPStream) {
        drain(stream)
    }

    func reset(_ stream: HTTPStream, _ reason: ResetReason) {
        context?.close(promise: nil)
    }

    func setReading(_ isReading: Bool) {
        // A channel that has gone reads no more in any case.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }
}
