import NIOCore
import NIOPosix
import Primitives
import ServiceModel
import ServiceProxy
import Synchronization

/// A number that grows, from any thread.
final class Counter: Sendable {
    private let value = Mutex(0)

    @discardableResult func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }

    var count: Int { value.withLock { $0 } }
}

/// A proxy on a thread of its own, with one service at a free address and port.
struct TestProxy: Sendable {
    let proxy: TrafficProxy
    /// Where clients connect.
    let place: Target
    let group: MultiThreadedEventLoopGroup

    static func run(
        limits: TrafficProxy.Limits = TrafficProxy.Limits(),
        _ body: (TestProxy) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let proxy = TrafficProxy(loop: group.next(), limits: limits)
        do {
            // A port that was free a moment ago, at an address of our own.
            let place = try Socket.listening(at: Addresses.service()).place
            try await body(TestProxy(proxy: proxy, place: place, group: group))
            try await proxy.close().get()
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    /// The service with the given endpoints, each in the group of the given name.
    func service(
        _ endpoints: [(Target, group: String)], shares: [String: Int] = [:],
        affinitySeconds: Int? = nil
    ) -> ServiceRecord {
        ServiceRecord(
            namespace: "default", name: "web", form: .virtual(place.address),
            ports: [ServicePort(name: "http", number: place.port)],
            endpoints: endpoints.map { target, group in
                Endpoint(address: target.address, ports: ["http": target.port], group: group)
            }, shares: shares, affinitySeconds: affinitySeconds)
    }

    /// Leads to these places from now on.
    @discardableResult
    func lead(to targets: [Target], affinitySeconds: Int? = nil) async throws -> [PortProblem] {
        try await proxy.update(
            service(targets.map { ($0, "") }, affinitySeconds: affinitySeconds)
        ).get()
    }

    func connect(receiveBytes: Int32? = nil) throws -> Socket {
        try Socket.connected(to: place, receiveBytes: receiveBytes)
    }

    /// What the one port has done.
    func statistics() async throws -> PortStatistics? {
        try await proxy.statistics().get().first
    }
}

/// A server in the background that says its name, then repeats what it hears.
struct EchoServer: Sendable {
    let place: Target
    private let channel: any Channel

    /// Starts one at an address of its own.
    init(name: Character, group: MultiThreadedEventLoopGroup) async throws {
        let address = Addresses.pod()
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Echo(name: name))
                }
            }
            .bind(host: address.description, port: 0).get()
        place = Target(address: address, port: UInt16(channel.localAddress?.port ?? 0))
    }

    /// Does not listen any more; connections that wait to be accepted are lost.
    func stop() async throws {
        try await channel.close()
    }

    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let name: Character

        init(name: Character) {
            self.name = name
        }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: String(name))), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
        }
    }
}
