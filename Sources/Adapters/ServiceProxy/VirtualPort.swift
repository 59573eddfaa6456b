internal import NIOCore
internal import NIOPosix
internal import ServiceModel

/// One port of a service's virtual address: listens while there is an endpoint to lead to.
///
/// While there is none nothing listens, and the system refuses connections: a client learns at
/// once that nothing of what it sent was acted on. Accepting first and hanging up would leave
/// that open.
///
/// SAFETY: `@unchecked Sendable` because everything happens on the one event loop that is given
/// to it; NIO's bootstraps want closures that could leave it.
final class VirtualPort: @unchecked Sendable {
    /// Bytes of a socket's receive buffer: what may arrive after the other end has closed and be
    /// read at once, whether or not there is room.
    static let receiveBytes = 256 << 10
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)
    static let allocator = AdaptiveRecvByteBufferAllocator(
        minimum: 2_048, initial: 16_384, maximum: 128 << 10)

    /// Where it listens.
    let place: Target
    let limits: TrafficProxy.Limits
    private let loop: any EventLoop
    private let budget: ConnectionBudget
    private var balancer = Balancer()
    private var listener: (any Channel)?
    private var isClosed = false
    /// Ends when what was decided so far about listening has been done.
    private var settled: EventLoopFuture<PortProblem?>
    private var connections: [ObjectIdentifier: ProxiedConnection] = [:]
    /// When connections to endpoints that left are ended.
    private var drains: [Target: Scheduled<Void>] = [:]
    private var waiters: [Target: [EventLoopPromise<Void>]] = [:]
    private var accepted = 0
    private var refused = 0
    private var unreachable = 0

    init(
        place: Target, loop: any EventLoop, limits: TrafficProxy.Limits, budget: ConnectionBudget
    ) {
        self.place = place
        self.loop = loop
        self.limits = limits
        self.budget = budget
        settled = loop.makeSucceededFuture(nil)
    }

    /// New connections go where the service says now. The future ends when the port listens, or
    /// does not any more; with what stands in the way, if anything does.
    func update(_ service: ServiceRecord, portName: String) -> EventLoopFuture<PortProblem?> {
        balancer.replace(with: service, portName: portName)
        drainFormerTargets()
        return settle()
    }

    /// Stops listening; connections are drained.
    func close() -> EventLoopFuture<PortProblem?> {
        isClosed = true
        balancer = balancer.withoutTargets
        drainFormerTargets()
        return settle()
    }

    /// Ends all connections at once.
    func abortAll() {
        for connection in Array(connections.values) { connection.abort() }
    }

    /// Whether nothing is left of a closed port.
    var isOver: Bool { isClosed && connections.isEmpty }

    /// Ends when no connection leads to the endpoint.
    func whenUnused(_ address: IPv4Address) -> EventLoopFuture<Void> {
        let used = balancer.counts.filter { $0.key.address == address && $0.value.active > 0 }
        let promises = used.keys.map { target in
            let promise = loop.makePromise(of: Void.self)
            waiters[target, default: []].append(promise)
            return promise.futureResult
        }
        return .andAllSucceed(promises, on: loop)
    }

    var statistics: PortStatistics {
        PortStatistics(
            place: place, isListening: listener != nil, active: connections.count,
            accepted: accepted, refused: refused, unreachable: unreachable,
            backends: balancer.counts)
    }

    // MARK: What a connection tells

    func choose(for client: IPv4Address?, _ attempt: inout Balancer.Attempt) -> Target? {
        balancer.choose(
            for: client, &attempt,
            nowSeconds: Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000_000))
    }

    func connected(to target: Target) {
        balancer.connected(to: target)
    }

    func failed(_ target: Target) {
        balancer.failed(target)
        wakeWaiters(of: target)
    }

    func ended(_ target: Target) {
        balancer.ended(target)
        wakeWaiters(of: target)
    }

    func countUnreachable() {
        unreachable += 1
    }

    func forget(_ connection: ProxiedConnection) {
        if connections.removeValue(forKey: ObjectIdentifier(connection)) != nil { budget.give() }
    }

    // MARK: Listening

    /// Each decision waits for the one before, so that an address is free before it is bound.
    private func settle() -> EventLoopFuture<PortProblem?> {
        let next = settled.flatMap { _ in self.listenOrNot() }
        settled = next
        return next
    }

    private func listenOrNot() -> EventLoopFuture<PortProblem?> {
        let wantsListener = !isClosed && !balancer.isEmpty
        if wantsListener, listener == nil { return listen() }
        if !wantsListener, let listener {
            self.listener = nil
            // One that is closed already is what is wanted.
            return listener.close().map { nil }.recover { _ in nil }
        }
        return loop.makeSucceededFuture(nil)
    }

    private func listen() -> EventLoopFuture<PortProblem?> {
        ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.socketOption(.so_rcvbuf), value: Self.receiveBytes)
            .childChannelOption(.writeBufferWaterMark, value: Self.waterMark)
            .childChannelOption(.recvAllocator, value: Self.allocator)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.accept(channel) }
            }
            .bind(to: place.socketAddress)
            .map { channel -> PortProblem? in
                self.listener = channel
                return nil
            }
            .recover { error in
                PortProblem(port: self.place.port, reason: .cannotListen("\(error)"))
            }
    }

    private func accept(_ channel: any Channel) throws {
        guard budget.take() else {
            refused += 1
            return channel.reset()
        }
        accepted += 1
        let connection = ProxiedConnection(client: channel, port: self)
        connections[ObjectIdentifier(connection)] = connection
        try connection.begin()
    }

    // MARK: Draining

    private func drainFormerTargets() {
        let targets = balancer.targets
        for target in drains.keys where targets.contains(target) {
            drains.removeValue(forKey: target)?.cancel()
        }
        for (target, counts) in balancer.counts {
            guard counts.active > 0, !targets.contains(target), drains[target] == nil else {
                continue
            }
            drains[target] = loop.assumeIsolated().scheduleTask(in: limits.drainTime) {
                self.drains[target] = nil
                for connection in Array(self.connections.values)
                where connection.target == target { connection.abort() }
            }
        }
    }

    private func wakeWaiters(of target: Target) {
        guard balancer.counts[target]?.active ?? 0 == 0 else { return }
        if !balancer.targets.contains(target) {
            drains.removeValue(forKey: target)?.cancel()
        }
        for promise in waiters.removeValue(forKey: target) ?? [] { promise.succeed(()) }
    }
}

/// How many more connections the proxy may have. Belongs to the event loop.
final class ConnectionBudget {
    private var left: Int

    init(_ connectionsMax: Int) {
        left = connectionsMax
    }

    func take() -> Bool {
        guard left > 0 else { return false }
        left -= 1
        return true
    }

    func give() {
        left += 1
    }
}
