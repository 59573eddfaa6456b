internal import NIOCore
internal import NIOHTTP1

/// Takes the place of HTTP/1.1's handlers on a connection that has been upgraded: bytes come and
/// go as they are. Belongs to the channel's event loop.
final class ByteTunnel: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let receive: (ByteBuffer) -> Void
    private var context: ChannelHandlerContext?

    /// `receive` is given everything that comes.
    init(receive: @escaping (ByteBuffer) -> Void) {
        self.receive = receive
    }

    /// Puts itself into a pipeline, before the handler that was behind HTTP's. What the client
    /// has sent already comes at once.
    func replaceHTTP(in pipeline: ChannelPipeline.SynchronousOperations) throws {
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandler(self, position: .after(decoder))
        pipeline.removeHandler(
            try pipeline.handler(type: NIOHTTPResponseHeadersValidator.self), promise: nil)
        pipeline.removeHandler(
            try pipeline.handler(type: HTTPServerPipelineHandler.self), promise: nil)
        pipeline.removeHandler(try pipeline.handler(type: HTTPResponseEncoder.self), promise: nil)
        // The last, as it passes on what it holds.
        pipeline.removeHandler(decoder, promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        receive(unwrapInboundIn(data))
    }

    /// Writes without flushing.
    func write(_ buffer: ByteBuffer) {
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    /// Done when everything is written.
    func finish(_ done: EventLoopPromise<Void>) {
        guard let context else { return done.succeed(()) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: done)
    }
}
