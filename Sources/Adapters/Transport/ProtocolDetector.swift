internal import NIOCore
internal import NIOHTTP1

/// Looks at a connection's first bytes and gives it the handlers of HTTP/2 or HTTP/1.1. Works
/// with and without TLS: over TLS a client that speaks HTTP/2 begins with the same preface.
final class ProtocolDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private var received: ByteBuffer?
    private let decide: (ChannelHandlerContext, _ isHTTP2: Bool) throws -> Void

    /// `decide` adds the handlers behind this one.
    init(decide: @escaping (ChannelHandlerContext, _ isHTTP2: Bool) throws -> Void) {
        self.decide = decide
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if var earlier = received {
            earlier.writeBuffer(&buffer)
            buffer = earlier
        }
        let seen = buffer.readableBytesView.prefix(Self.preface.count)
        let isPrefix = seen.elementsEqual(Self.preface.prefix(seen.count))
        if isPrefix, seen.count < 4 {
            received = buffer
            return
        }
        received = nil
        do {
            try decide(context, isPrefix)
        } catch {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(wrapInboundOut(buffer))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    typealias InboundOut = ByteBuffer
}
