package import NIOCore
internal import NIOPosix
package import NameService
internal import Primitives
internal import Synchronization

/// Answers DNS queries over UDP and TCP from a zone that can be exchanged at any moment: each
/// query is answered from one zone, the newest when it is read.
package final class DNSServer: Sendable {
    /// What clients over TCP may do (RFC 7766 §6). UDP needs no limits: nothing is kept.
    package struct Limits: Sendable {
        /// Connections at a time; more are hung up on.
        package var connectionsMax = 256
        /// How long a connection may last without a whole query.
        package var idleTime = TimeAmount.seconds(10)

        /// The usual limits.
        package init() {}
    }

    private let loop: any EventLoop
    private let limits: Limits
    private let zone: Mutex<Zone>
    private let open = Mutex(OpenChannels())

    /// A server of the given zone that does not listen yet.
    package init(loop: any EventLoop, zone: Zone, limits: Limits = Limits()) {
        self.loop = loop
        self.limits = limits
        self.zone = Mutex(zone)
    }

    /// Answers from this zone from now on. Can be called from any thread.
    package func serve(_ zone: Zone) {
        self.zone.withLock { $0 = zone }
    }

    /// How many connections over TCP are open.
    package var connectionCount: Int { open.withLock { $0.connections.count } }

    /// Listens on UDP and TCP; with port 0 on one that is free for both. Answers leave from
    /// the address that is bound, so it should not be that of all interfaces.
    package func bind(host: String, port: Int) -> EventLoopFuture<Int> {
        bind(host: host, port: port, attemptsLeft: port == 0 ? 16 : 1)
    }

    /// Stops listening and hangs up.
    package func close() -> EventLoopFuture<Void> {
        let channels = open.withLock { open in
            open.isClosed = true
            return open.listeners + open.connections.values
        }
        for channel in channels { channel.close(promise: nil) }
        return .andAllComplete(channels.map(\.closeFuture), on: loop)
    }

    private func bind(host: String, port: Int, attemptsLeft: Int) -> EventLoopFuture<Int> {
        datagrams.bind(host: host, port: port).flatMap { datagrams in
            let port = datagrams.localAddress?.port ?? port
            return self.streams.bind(host: host, port: port).flatMap { streams in
                self.listen(on: [datagrams, streams]).map { port }
            }.flatMapError { error in
                datagrams.close().flatMap {
                    guard attemptsLeft > 1 else { return self.loop.makeFailedFuture(error) }
                    return self.bind(host: host, port: 0, attemptsLeft: attemptsLeft - 1)
                }
            }
        }
    }

    private func listen(on channels: [any Channel]) -> EventLoopFuture<Void> {
        let isClosed = open.withLock { open in
            open.listeners += channels
            return open.isClosed
        }
        // Closed while it was about to listen.
        return isClosed ? close() : loop.makeSucceededVoidFuture()
    }

    private func response(to query: Bytes, over carrier: DNSCarrier) -> Bytes? {
        zone.withLock { $0 }.response(to: query, over: carrier)
    }

    private var datagrams: DatagramBootstrap {
        DatagramBootstrap(group: loop)
            // Several queries for one system call, each as long as we say that we take.
            .channelOption(.datagramVectorReadMessageCount, value: 16)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: 16 * DNSDatagrams.bytesMax)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DNSDatagrams { self.response(to: $0, over: .datagram) })
                }
            }
    }

    private var streams: ServerBootstrap {
        ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // Queries are short; what a client may have sent ahead of its answers is bounded.
            .childChannelOption(.socketOption(.so_rcvbuf), value: 16 << 10)
            .childChannelOption(
                .writeBufferWaterMark, value: .init(low: 32 << 10, high: 128 << 10)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard self.admit(channel) else {
                        channel.close(promise: nil)
                        return
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        DNSStream(idleTime: self.limits.idleTime) {
                            self.response(to: $0, over: .stream)
                        })
                }
            }
    }

    private func admit(_ channel: any Channel) -> Bool {
        let key = ObjectIdentifier(channel)
        let isAdmitted = open.withLock { open in
            guard !open.isClosed, open.connections.count < limits.connectionsMax else {
                return false
            }
            open.connections[key] = channel
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { _ in
            self.open.withLock { _ = $0.connections.removeValue(forKey: key) }
        }
        return true
    }
}

/// What a server has open.
private struct OpenChannels {
    var listeners: [any Channel] = []
    var connections: [ObjectIdentifier: any Channel] = [:]
    var isClosed = false
}
