internal import Glibc
package import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Accepts and opens frame connections, with or without TLS, on one event loop.
///
/// SAFETY: `@unchecked Sendable` because everything but `bind`, `connect` and the results of
/// futures runs on the one event loop that is given to it.
package final class FramePort: @unchecked Sendable {
    private let loop: any EventLoop
    private let serverContexts: TLSContexts?
    private let clientContexts: TLSContexts?
    private let accepted: (FrameConnection) -> Void
    private let connectionsMax: Int
    private var channels: [any Channel] = []
    private var open: [ObjectIdentifier: any Channel] = [:]

    /// Milliseconds after which unacknowledged bytes end a connection.
    private static let unacknowledgedMilliseconds = 10_000

    /// Prepares the port; `accepted` is called with each new incoming connection.
    /// - Throws: if a certificate file cannot be read or does not fit.
    package init(
        loop: any EventLoop, tls: TLSFiles?, connectionsMax: Int = 1_000,
        accepted: @escaping (FrameConnection) -> Void
    ) throws {
        self.loop = loop
        self.accepted = accepted
        self.connectionsMax = connectionsMax
        serverContexts = try tls.map { try TLSContexts(files: $0, role: .peerServer) }
        clientContexts = try tls.map { try TLSContexts(files: $0, role: .peerClient) }
    }

    /// Binds and begins to accept; the future has the port that was bound.
    package func bind(host: String, port: Int, usesTLS: Bool) -> EventLoopFuture<Int> {
        ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 4_096, initial: 16_384, maximum: 1 << 20))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.accept(channel, usesTLS) }
            }
            .bind(host: host, port: port)
            .map { channel in
                self.channels.append(channel)
                return channel.localAddress?.port ?? port
            }
    }

    /// Connects to another member. The future has a connection whose closures are set by `setUp`
    /// before anything can arrive.
    package func connect(
        host: String, port: Int, usesTLS: Bool, timeoutSeconds: Int64,
        setUp: @escaping (FrameConnection) -> Void
    ) -> EventLoopFuture<FrameConnection> {
        let wanted = WantedConnection(setUp)
        // Not an address means a name, whose certificate must be for that name.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return ClientBootstrap(group: loop)
            .connectTimeout(.seconds(timeoutSeconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .tcpOption(.init(rawValue: TCP_USER_TIMEOUT)),
                value: Self.unacknowledgedMilliseconds)
            .channelOption(
                .writeBufferWaterMark,
                value: .init(
                    low: FrameConnection.bufferedBytesMax / 2,
                    high: FrameConnection.bufferedBytesMax)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if usesTLS {
                        guard let contexts = self.clientContexts else {
                            throw FramePortError.noCertificates
                        }
                        try pipeline.addHandler(
                            NIOSSLClientHandler(
                                context: contexts.current(),
                                serverHostname: isAddress ? nil : host))
                    }
                    self.remember(channel)
                    wanted.setUp(wanted.connection)
                    try pipeline.addHandler(wanted.connection)
                }
            }
            .connect(host: host, port: port)
            .map { _ in wanted.connection }
    }

    /// Stops accepting and hangs up.
    package func close() {
        for channel in channels { channel.close(promise: nil) }
        channels = []
        for channel in open.values { channel.close(promise: nil) }
    }

    private func accept(_ channel: any Channel, _ usesTLS: Bool) throws {
        guard open.count < connectionsMax else {
            channel.close(promise: nil)
            return
        }
        remember(channel)
        let pipeline = channel.pipeline.syncOperations
        if usesTLS {
            guard let serverContexts else { throw FramePortError.noCertificates }
            try pipeline.addHandler(NIOSSLServerHandler(context: serverContexts.current()))
        }
        let connection = FrameConnection()
        accepted(connection)
        try pipeline.addHandler(connection)
    }

    private func remember(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        open[key] = channel
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.open[key] = nil }
    }
}

/// A connection that is being made. (A class and not a boxed tuple: with the tuple the compiler,
/// Swift 6.3, released the connection once too often.)
///
/// SAFETY: `@unchecked Sendable` because it is used on the port's event loop alone.
private final class WantedConnection: @unchecked Sendable {
    let connection = FrameConnection()
    let setUp: (FrameConnection) -> Void

    init(_ setUp: @escaping (FrameConnection) -> Void) {
        self.setUp = setUp
    }
}

/// What a port cannot do.
enum FramePortError: Error, CustomStringConvertible {
    case noCertificates

    var description: String { "an https URL of a peer needs --peer-cert-file and --peer-key-file" }
}
