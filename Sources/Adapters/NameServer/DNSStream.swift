internal import NIOCore
internal import Primitives

/// Answers the queries of one connection in their order, each behind its length (RFC 1035
/// §4.2.2). Who does not read answers is not read from either, and hung up on when the time is
/// over. Belongs to the channel's event loop.
final class DNSStream: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of one query; a name and a few options need far less.
    private static let queryBytesMax = 4_096

    private let idleTime: TimeAmount
    private let respond: (Bytes) -> Bytes?
    private var received = ByteBuffer()
    private var wantsRead = false
    private var hasEnded = false
    private var lastQuery = NIODeadline.now()
    private var watchdog: Scheduled<Void>?

    init(idleTime: TimeAmount, respond: @escaping (Bytes) -> Bytes?) {
        self.idleTime = idleTime
        self.respond = respond
    }

    func channelActive(context: ChannelHandlerContext) {
        lastQuery = .now()
        watch(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        watchdog?.cancel()
        watchdog = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        answer(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            hasEnded = true
            answer(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            answer(context)
            if wantsRead { read(context: context) }
        }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        wantsRead = !context.channel.isWritable
        if !wantsRead { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Answers what has come in whole, as long as there is room for answers.
    private func answer(_ context: ChannelHandlerContext) {
        while context.channel.isWritable {
            guard let count = received.getInteger(at: received.readerIndex, as: UInt16.self) else {
                break
            }
            guard count <= Self.queryBytesMax else { return context.close(promise: nil) }
            guard received.readableBytes >= 2 + Int(count) else { break }
            received.moveReaderIndex(forwardBy: 2)
            // Whoever sends what is no query is not a client.
            guard let query = received.readBytes(length: Int(count)), let response = respond(query)
            else { return context.close(promise: nil) }
            lastQuery = .now()
            var frame = context.channel.allocator.buffer(capacity: 2 + response.count)
            frame.writeInteger(UInt16(response.count))
            frame.writeBytes(response)
            context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        }
        received.discardReadBytes()
        if hasEnded, context.channel.isWritable { finish(context) }
    }

    /// Hangs up when the answers that wait have left.
    private func finish(_ context: ChannelHandlerContext) {
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    private func watch(_ context: ChannelHandlerContext) {
        let channel = context.channel
        watchdog = context.eventLoop.assumeIsolated().scheduleTask(deadline: lastQuery + idleTime) {
            [weak self] in
            guard let self else { return }
            if NIODeadline.now() >= self.lastQuery + self.idleTime {
                channel.close(promise: nil)
            } else {
                self.watch(context)
            }
        }
    }
}
