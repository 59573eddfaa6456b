import NIOCore
import NIOPosix
import Primitives

/// A TCP client without a protocol, for servers on the same event loop group.
final class RawClient: Sendable {
    private let channel: any Channel
    private let arrivals: AsyncThrowingStream<Bytes, any Error>

    private init(_ channel: any Channel, _ arrivals: AsyncThrowingStream<Bytes, any Error>) {
        self.channel = channel
        self.arrivals = arrivals
    }

    static func connect(_ group: any EventLoopGroup, port: Int) async throws -> RawClient {
        let (arrivals, arrive) = AsyncThrowingStream<Bytes, any Error>.makeStream()
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Ear(arrive))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel, arrivals)
    }

    /// Sends; returns when the kernel has taken it.
    func send(_ bytes: Bytes) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Reads no more, or reads on.
    func setReading(_ isReading: Bool) async throws {
        try await channel.setOption(.autoRead, value: isReading).get()
    }

    /// What comes, until it is enough; everything if the server hangs up before.
    /// - Throws: if the connection is reset.
    func receive(until isEnough: (Bytes) -> Bool = { _ in false }) async throws -> Bytes {
        var received: Bytes = []
        for try await bytes in arrivals {
            received += bytes
            if isEnough(received) { break }
        }
        return received
    }

    func close() {
        channel.close(promise: nil)
    }

    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let arrive: AsyncThrowingStream<Bytes, any Error>.Continuation

        init(_ arrive: AsyncThrowingStream<Bytes, any Error>.Continuation) {
            self.arrive = arrive
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data)
            arrive.yield(buffer.readBytes(length: buffer.readableBytes) ?? [])
        }

        func channelInactive(context: ChannelHandlerContext) { arrive.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            arrive.finish(throwing: error)
            context.close(promise: nil)
        }
    }
}
