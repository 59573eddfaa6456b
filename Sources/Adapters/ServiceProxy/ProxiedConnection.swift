internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import ServiceModel

/// One client's connection, from when it was accepted until both sides are closed. Belongs to
/// the event loop.
final class ProxiedConnection {
    private let client: any Channel
    private let port: VirtualPort
    private var clientEnd: PipeEnd?
    private var backend: (any Channel)?
    /// Where it leads or is about to.
    private(set) var target: Target?
    private var attempt = Balancer.Attempt()

    /// The connection of a client that has just been accepted.
    init(client: any Channel, port: VirtualPort) {
        self.client = client
        self.port = port
    }

    /// Prepares the client's side; the other one follows when that is active.
    func begin() throws {
        client.closeFuture.assumeIsolated().whenComplete { _ in self.sideClosed() }
        let end = PipeEnd { [weak self] in self?.connect() }
        try client.pipeline.syncOperations.addHandler(end)
        clientEnd = end
    }

    /// Ends both sides at once.
    func abort() {
        backend?.reset()
        client.reset()
    }

    /// Tries targets until one takes the connection. Nothing was read from the client yet, so
    /// every one can be told the whole.
    private func connect() {
        guard client.isActive else { return }
        let address = client.remoteAddress.flatMap { IPv4Address($0) }
        guard attempt.tried.count < port.limits.attemptsMax,
            let target = port.choose(for: address, &attempt)
        else {
            port.countUnreachable()
            client.reset()
            return
        }
        self.target = target
        let attempt = ClientBootstrap(group: client.eventLoop)
            .connectTimeout(port.limits.connectTime)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.socketOption(.so_rcvbuf), value: VirtualPort.receiveBytes)
            .channelOption(.writeBufferWaterMark, value: VirtualPort.waterMark)
            .channelOption(.recvAllocator, value: VirtualPort.allocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PipeEnd())
                }
            }
            .connect(to: target.socketAddress)
        attempt.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure: self.failed(target)
            }
        }
    }

    private func connected(_ channel: any Channel) {
        guard let target else { return }
        backend = channel
        port.connected(to: target)
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            self.backend = nil
            self.port.ended(target)
            self.sideClosed()
        }
        // A channel that is gone already has no handler any more.
        let end = try? channel.pipeline.syncOperations.handler(type: PipeEnd.self)
        guard let end, let clientEnd, client.isActive, channel.isActive else { return abort() }
        PipeEnd.join(clientEnd, end)
    }

    private func failed(_ target: Target) {
        self.target = nil
        port.failed(target)
        if client.isActive { connect() } else { sideClosed() }
    }

    private func sideClosed() {
        if !client.isActive, backend == nil { port.forget(self) }
    }
}

extension IPv4Address {
    /// An address of NIO's without its port; nil if it is of another family.
    fileprivate init?(_ address: SocketAddress) {
        guard case .v4(let socket) = address else { return nil }
        self.init(bits: UInt32(bigEndian: socket.address.sin_addr.s_addr))
    }
}

extension Target {
    /// The target as NIO names it.
    var socketAddress: SocketAddress {
        var socket = sockaddr_in()
        socket.sin_family = sa_family_t(AF_INET)
        socket.sin_port = port.bigEndian
        socket.sin_addr.s_addr = address.bits.bigEndian
        return SocketAddress(socket)
    }
}
