package import NIOCore
package import ServiceModel

/// Listens on the virtual addresses of services and leads connections to their endpoints, over
/// TCP, on one event loop.
///
/// An update is one step: each connection that is accepted afterwards goes where the new state
/// says, those that there are live on. Connections to an endpoint that left are drained: they end
/// by themselves or are reset after `Limits.drainTime`. A connection that an endpoint does not
/// take goes to another one; the client notices nothing, as nothing has been read from it yet.
///
/// SAFETY: `@unchecked Sendable` because what can be called from any thread only hands work to
/// the event loop, on which all state is used.
package final class TrafficProxy: @unchecked Sendable {
    /// What the proxy allows.
    package struct Limits: Sendable {
        /// Clients' connections at a time, over all services; more are reset. Each needs two
        /// file descriptors.
        package var connectionsMax = 10_000
        /// How long an endpoint may take to accept a connection.
        package var connectTime = TimeAmount.seconds(3)
        /// Endpoints that are tried for one connection.
        package var attemptsMax = 8
        /// How long connections to an endpoint that left may go on.
        package var drainTime = TimeAmount.seconds(30)

        /// The usual limits.
        package init() {}
    }

    private let loop: any EventLoop
    private let limits: Limits
    private let budget: ConnectionBudget
    /// The ports of each service, by number.
    private var services: [ServiceKey: [Target: VirtualPort]] = [:]
    /// Closed ones that still have connections.
    private var draining: [VirtualPort] = []
    /// Updates are made one after the other.
    private var settled: EventLoopFuture<Void>

    /// A proxy without services.
    package init(loop: any EventLoop, limits: Limits = Limits()) {
        self.loop = loop
        self.limits = limits
        budget = ConnectionBudget(limits.connectionsMax)
        settled = loop.makeSucceededVoidFuture()
    }

    /// Serves a service as it is described now. Headless and external ones need no proxy and get
    /// none. The future ends when all ports listen that have an endpoint, with those that cannot
    /// be served; they are tried again with the next update.
    package func update(_ service: ServiceRecord) -> EventLoopFuture<[PortProblem]> {
        inOrder { self.replace(service) }
    }

    /// Stops serving a service; its connections are drained.
    package func remove(_ key: ServiceKey) -> EventLoopFuture<Void> {
        inOrder { self.close(self.services.removeValue(forKey: key) ?? [:]) }
    }

    /// Ends when no connection leads to an endpoint's address: those under way when it left a
    /// service have ended. At once if there is none.
    package func whenUnused(_ address: IPv4Address) -> EventLoopFuture<Void> {
        inOrder {
            self.loop.makeSucceededFuture(self.ports.map { $0.whenUnused(address) })
        }.flatMap { .andAllSucceed($0, on: self.loop) }
    }

    /// What all ports have done, by address and port.
    package func statistics() -> EventLoopFuture<[PortStatistics]> {
        loop.submit {
            self.services.values.flatMap(\.values).map(\.statistics)
                .sorted { $0.place < $1.place }
        }
    }

    /// Stops listening and resets all connections.
    package func close() -> EventLoopFuture<Void> {
        inOrder {
            let all = self.ports
            let closed = self.services.values.map { self.close($0) }
            self.services = [:]
            return EventLoopFuture.andAllSucceed(closed, on: self.loop).map {
                for port in all { port.abortAll() }
            }
        }
    }

    private var ports: [VirtualPort] { services.values.flatMap(\.values) + draining }

    private func replace(_ service: ServiceRecord) -> EventLoopFuture<[PortProblem]> {
        let served: [(place: Target, port: ServicePort)]
        if case .virtual(let address) = service.form {
            served = service.ports.filter { $0.protocol == .tcp }
                .map { (Target(address: address, port: $0.number), $0) }
        } else {
            served = []
        }
        let places = Set(served.map(\.place))
        var present = services.removeValue(forKey: service.key) ?? [:]
        let gone = close(present.filter { !places.contains($0.key) })
        present = present.filter { places.contains($0.key) }
        let updates = served.map { place, port in
            let virtual =
                present[place]
                ?? VirtualPort(place: place, loop: loop, limits: limits, budget: budget)
            present[place] = virtual
            return virtual.update(service, portName: port.name)
        }
        if !present.isEmpty { services[service.key] = present }
        return gone.flatMap {
            EventLoopFuture.whenAllSucceed(updates, on: self.loop).map { problems in
                Self.notSupported(by: service) + problems.compactMap { $0 }
            }
        }
    }

    private static func notSupported(by service: ServiceRecord) -> [PortProblem] {
        guard case .virtual = service.form else { return [] }
        return service.ports.filter { $0.protocol != .tcp }.map {
            PortProblem(port: $0.number, reason: .notSupported($0.protocol))
        }
    }

    private func close(_ ports: [Target: VirtualPort]) -> EventLoopFuture<Void> {
        draining.removeAll { $0.isOver }
        draining += ports.values
        return .andAllSucceed(ports.values.map { $0.close().map { _ in } }, on: loop)
    }

    /// Runs `body` on the loop when everything asked for before has been done, so that an address
    /// that one service gives up can be taken by the next.
    private func inOrder<Value: Sendable>(
        _ body: @escaping @Sendable () -> EventLoopFuture<Value>
    ) -> EventLoopFuture<Value> {
        loop.flatSubmit {
            let next = self.settled.flatMap { body() }
            self.settled = next.map { _ in }.flatMapErrorThrowing { _ in }
            return next
        }
    }
}
