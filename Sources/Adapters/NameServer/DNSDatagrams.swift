internal import NIOCore
internal import Primitives

/// Answers queries that are one datagram each.
final class DNSDatagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    /// Bytes of one query; of a longer one the rest is lost, so that it is malformed.
    static let bytesMax = 4_096

    private let respond: (Bytes) -> Bytes?

    init(respond: @escaping (Bytes) -> Bytes?) {
        self.respond = respond
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let query = unwrapInboundIn(data)
        // Who asks faster than the answers can leave loses some, as UDP may at any place.
        guard context.channel.isWritable,
            let response = respond(Bytes(query.data.readableBytesView))
        else { return }
        let answer = AddressedEnvelope(
            remoteAddress: query.remoteAddress,
            data: context.channel.allocator.buffer(bytes: response))
        context.write(wrapOutboundOut(answer), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    /// What went wrong with one datagram is no reason to end the others.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
