internal import Glibc
package import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS
internal import Primitives

/// A listening port that serves HTTP/2 and HTTP/1.1, with or without TLS, on one event loop.
///
/// SAFETY: `@unchecked Sendable` because everything but `bind` and the results of futures runs on
/// the one event loop that is given to it.
package final class Listener: @unchecked Sendable {
    private let loop: any EventLoop
    private let router: any StreamRouter
    private let turn: LoopTurn
    private let limits: HTTP2Limits
    private let contexts: TLSContexts?
    private let connectionsMax: Int
    private var channel: (any Channel)?
    private var http2: [ObjectIdentifier: HTTP2Connection] = [:]
    private var http1: [ObjectIdentifier: HTTP1Connection] = [:]
    private var accepted: [ObjectIdentifier: any Channel] = [:]

    /// Seconds that a client has for its TLS handshake and its first bytes
    /// (GHSA-6vch-q96h-7gc3: etcd once had no limit).
    package static let handshakeSeconds: Int64 = 5

    /// Seconds of silence after which the client's machine is asked whether it is there, and
    /// again as many until it is taken for gone.
    private static let keepAliveSeconds = 60

    /// Prepares a listener.
    /// - Throws: if a certificate file cannot be read or does not fit.
    package init(
        loop: any EventLoop, router: any StreamRouter, turn: LoopTurn, tls: TLSFiles?,
        limits: HTTP2Limits = HTTP2Limits(), connectionsMax: Int = 10_000
    ) throws {
        self.loop = loop
        self.router = router
        self.turn = turn
        self.limits = limits
        self.connectionsMax = connectionsMax
        contexts = try tls.map { try TLSContexts(files: $0) }
    }

    /// Bytes that a channel takes beyond what the kernel does. Each small write that waits holds
    /// some 4 KiB (its record of TLS has a buffer of its own), so that there must be few of them.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: 32 << 10, high: 128 << 10)

    /// How many connections are open.
    package var connectionCount: Int { accepted.count }

    /// Binds and begins to accept; the future has the port that was bound.
    package func bind(host: String, port: Int) -> EventLoopFuture<Int> {
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(
                .tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: Self.keepAliveSeconds)
            .childChannelOption(
                .tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: Self.keepAliveSeconds / 3)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 3)
            .childChannelOption(.writeBufferWaterMark, value: Self.waterMark)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 2_048, initial: 16_384, maximum: 262_144))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.set(up: channel) }
            }
        return bootstrap.bind(host: host, port: port).map { channel in
            self.channel = channel
            self.watchLiveliness()
            return channel.localAddress?.port ?? port
        }
    }

    /// Looks at all connections often enough for what the limits say.
    private func watchLiveliness() {
        let shortest = min(limits.silenceNanosecondsMax, limits.answerNanosecondsMax)
        let interval = TimeAmount.nanoseconds(max(10_000_000, shortest / 4))
        loop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
            guard let self, self.channel != nil else { return }
            let now = NIODeadline.now()
            for connection in self.http2.values { connection.checkLiveliness(now) }
            self.watchLiveliness()
        }
    }

    /// Stops accepting, lets the requests under way finish, then hangs up; hangs up at once what
    /// is still open after `graceSeconds`.
    package func close(graceSeconds: Int64) -> EventLoopFuture<Void> {
        channel?.close(promise: nil)
        channel = nil
        for connection in http2.values { connection.shutDown() }
        for connection in http1.values { connection.shutDown() }
        let done = loop.makePromise(of: Void.self)
        waitUntilClosed(NIODeadline.now() + .seconds(graceSeconds), done)
        return done.futureResult
    }

    private func waitUntilClosed(_ deadline: NIODeadline, _ done: EventLoopPromise<Void>) {
        for (key, connection) in http2 where connection.streams.isEmpty {
            http2[key] = nil
            connection.close()
        }
        if accepted.isEmpty {
            done.succeed(())
        } else if NIODeadline.now() >= deadline {
            for channel in accepted.values { channel.close(promise: nil) }
            done.succeed(())
        } else {
            loop.scheduleTask(in: .milliseconds(10)) { self.waitUntilClosed(deadline, done) }
        }
    }

    private func set(up channel: any Channel) throws {
        guard accepted.count < connectionsMax else {
            channel.close(promise: nil)
            return
        }
        let key = ObjectIdentifier(channel)
        accepted[key] = channel
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.accepted[key] = nil }
        let pipeline = channel.pipeline.syncOperations
        if let contexts {
            try pipeline.addHandler(NIOSSLServerHandler(context: contexts.current()))
        }
        let patience = loop.assumeIsolated().scheduleTask(in: .seconds(Self.handshakeSeconds)) {
            channel.close(promise: nil)
        }
        try pipeline.addHandler(
            ProtocolDetector { context, isHTTP2 in
                try self.serve(context, isHTTP2: isHTTP2) { patience.cancel() }
            })
    }

    /// `hasBegun` is called when the client has said something whole.
    private func serve(
        _ context: ChannelHandlerContext, isHTTP2: Bool, hasBegun: @escaping () -> Void
    ) throws {
        let pipeline = context.pipeline.syncOperations
        let certificate = Self.peerCertificate(pipeline)
        if isHTTP2 {
            var key: ObjectIdentifier?
            let connection = HTTP2Connection(
                router: router, turn: turn, limits: limits, peerCertificate: certificate,
                onGreeting: hasBegun,
                onClose: { [weak self] in key.map { _ = self?.http2.removeValue(forKey: $0) } })
            key = ObjectIdentifier(connection)
            http2[ObjectIdentifier(connection)] = connection
            try pipeline.addHandler(connection)
        } else {
            try pipeline.addHandlers([
                HTTPResponseEncoder(),
                ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
                HTTPServerPipelineHandler(), NIOHTTPResponseHeadersValidator(),
            ])
            var key: ObjectIdentifier?
            let connection = HTTP1Connection(
                router: router, turn: turn, peerCertificate: certificate,
                onRequest: hasBegun,
                onClose: { [weak self] in key.map { _ = self?.http1.removeValue(forKey: $0) } })
            key = ObjectIdentifier(connection)
            http1[ObjectIdentifier(connection)] = connection
            try pipeline.addHandler(connection)
        }
    }

    /// The client's certificate in DER; nil without one.
    private static func peerCertificate(
        _ pipeline: ChannelPipeline.SynchronousOperations
    ) -> Bytes? {
        // Without TLS there is no handler, without a certificate nothing to read.
        let handler = try? pipeline.handler(type: NIOSSLServerHandler.self)
        // A certificate that was verified can be encoded.
        return try? handler?.peerCertificate?.toDERBytes()
    }
}
