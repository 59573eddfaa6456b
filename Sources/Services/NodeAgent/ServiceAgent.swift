package import APIClient
package import Logging
internal import NIOCore
internal import NIOPosix
internal import NameServer
internal import NameService
internal import Planning
package import Reconciliation
internal import ResourceModel
package import ServiceModel
internal import ServiceProxy

/// Makes services reachable on a machine: a proxy listens on their addresses, a name server
/// answers for their names, both as the API has it at the moment.
package actor ServiceAgent {
    private let client: ObjectClient
    private let nameServer: IPv4Address
    private let clockwork: Clockwork
    private let log: Logger
    private var services = ObjectCache()
    private var slices = ObjectCache()
    /// What the proxy and the zone have.
    private var served: [ServiceKey: ServiceRecord] = [:]
    private var zone: Zone?
    private var proxy: TrafficProxy?

    private enum Part {
        case service
        case slice
    }

    /// - Parameter nameServer: where names are asked for, on port 53.
    package init(
        _ transport: any APITransport, nameServer: IPv4Address, clockwork: Clockwork, log: Logger
    ) {
        client = ObjectClient(transport, manager: "kube-proxy")
        self.nameServer = nameServer
        self.clockwork = clockwork
        self.log = log
    }

    /// Runs until the task is cancelled; then nothing listens any more.
    package func run() async {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let proxy = TrafficProxy(loop: group.next())
        self.proxy = proxy
        let names = await startNames(on: group.next())
        await withDiscardingTaskGroup { tasks in
            for (kind, part) in [
                (GroupVersionKind.service, Part.service), (.endpointSlice, .slice),
            ] {
                let informer = Informer(client, kind, clockwork: clockwork, log: log)
                tasks.addTask {
                    await informer.run { await self.learn($0, part, proxy, names) }
                }
            }
        }
        self.proxy = nil
        do {
            try await proxy.close().get()
            try await names?.close().get()
            try await group.shutdownGracefully()
        } catch {
            log.warning("services did not end cleanly", metadata: ["reason": "\(error)"])
        }
    }

    /// Waits until no service leads to an address and the connections to it have ended, at most
    /// so long: then who has it can go without anybody noticing.
    package func drain(_ address: String, atMostMilliseconds: Int64) async {
        guard let address = IPv4Address(address) else { return }
        let deadline = clockwork.monotonic().adding(milliseconds: atMostMilliseconds)
        while isServed(address), clockwork.monotonic() < deadline, !Task.isCancelled {
            await clockwork.pause(milliseconds: Self.drainPollMilliseconds)
        }
        guard let proxy, !isServed(address) else { return }
        let (unused, isUnused) = AsyncStream<Void>.makeStream()
        proxy.whenUnused(address).whenComplete { _ in isUnused.finish() }
        await withTaskGroup { group in
            group.addTask { for await _ in unused {} }
            group.addTask { [clockwork] in await clockwork.wait(deadline) }
            await group.next()
            group.cancelAll()
        }
    }

    /// How often it is looked whether a service has let go of an address.
    private static let drainPollMilliseconds: Int64 = 10

    private func isServed(_ address: IPv4Address) -> Bool {
        served.values.contains { record in
            record.endpoints.contains { $0.address == address }
        }
    }

    private func startNames(on loop: any EventLoop) async -> DNSServer? {
        do {
            guard let domain = DNSName("cluster.local") else { return nil }
            let zone = try Zone(domain: domain, serverAddress: nameServer)
            self.zone = zone
            let server = DNSServer(loop: loop, zone: zone)
            _ = try await server.bind(host: nameServer.description, port: 53).get()
            return server
        } catch {
            log.warning(
                "no name server",
                metadata: ["address": "\(nameServer):53", "reason": "\(error)"])
            return nil
        }
    }

    private func learn(
        _ news: Informer.News, _ part: Part, _ proxy: TrafficProxy, _ names: DNSServer?
    ) async {
        let changes = part == .service ? services.take(news) : slices.take(news)
        var changed: Set<ServiceKey> = []
        for change in changes {
            for object in change.objects {
                let key = part == .service ? object.serviceKey : object.sliceOf
                if let key { changed.insert(key) }
            }
        }
        for key in changed.sorted() { await serve(key, proxy) }
        if !changed.isEmpty, let zone { names?.serve(zone) }
    }

    private func serve(_ key: ServiceKey, _ proxy: TrafficProxy) async {
        let service = services[ObjectKey(key.namespace, key.name)]
        let record = service.flatMap { self.record(of: $0) }
        guard record != served[key] else { return }
        served[key] = record
        do {
            guard let record else {
                zone?.remove(key)
                try await proxy.remove(key).get()
                return
            }
            try zone?.replace(record)
            for problem in try await proxy.update(record).get() {
                log.warning(
                    "a service's port is not served",
                    metadata: ["service": "\(key)", "reason": "\(problem)"])
            }
        } catch {
            log.warning(
                "a service is not served", metadata: ["service": "\(key)", "reason": "\(error)"])
        }
    }

    /// The service as it is to be served; nil while it has no address.
    private func record(of service: Resource) -> ServiceRecord? {
        let spec = service.json["spec"]
        let form: ServiceRecord.Form
        if spec["type"] == "ExternalName" {
            form = .external(spec["externalName"].stringValue ?? "")
        } else if spec["clusterIP"] == "None" {
            form = .headless
        } else if let address = IPv4Address(spec["clusterIP"].stringValue ?? "") {
            form = .virtual(address)
        } else {
            return nil
        }
        let ports = (spec["ports"].arrayValue ?? []).compactMap { port -> ServicePort? in
            guard let number = port["port"].integerValue.flatMap(UInt16.init(exactly:)) else {
                return nil
            }
            return ServicePort(
                name: port["name"].stringValue ?? "",
                protocol: PortProtocol(rawValue: port["protocol"].stringValue ?? "TCP") ?? .tcp,
                number: number)
        }
        var record = ServiceRecord(
            namespace: service.namespace, name: service.name, form: form, ports: ports,
            endpoints: endpoints(
                of: service, publishesAll: spec["publishNotReadyAddresses"] == true))
        record.shares = shares(of: service)
        if spec["sessionAffinity"] == "ClientIP" {
            let seconds = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"].integerValue
            record.affinitySeconds = Int(clamping: seconds ?? 10_800)
        }
        return record
    }

    private func endpoints(of service: Resource, publishesAll: Bool) -> [Endpoint] {
        let mine = slices.inNamespace(service.namespace).filter {
            $0.sliceOf == service.serviceKey
        }
        var endpoints: Set<Endpoint> = []
        for slice in mine {
            let group = slice.labels[EndpointSlicePlanner.groupLabel].stringValue ?? ""
            var ports: [String: UInt16] = [:]
            for port in slice.json["ports"].arrayValue ?? [] {
                ports[port["name"].stringValue ?? ""] =
                    port["port"].integerValue.flatMap(UInt16.init(exactly:))
            }
            for endpoint in slice.json["endpoints"].arrayValue ?? [] {
                guard publishesAll || endpoint["conditions"]["ready"] != false,
                    let address = IPv4Address(
                        (endpoint["addresses"].arrayValue ?? []).first.stringValue ?? "")
                else { continue }
                endpoints.insert(
                    Endpoint(
                        address: address, hostname: endpoint["hostname"].stringValue,
                        ports: ports, group: group))
            }
        }
        return endpoints.sorted { $0.address < $1.address }
    }

    private func shares(of service: Resource) -> [String: Int] {
        guard let text = service.annotation(ModelDeploymentPlanner.trafficAnnotation) else {
            return [:]
        }
        // An annotation that somebody has broken shares nothing out: all pods are equal then.
        let json = (try? JSON(parsing: Array(text.utf8))) ?? .emptyObject
        var shares: [String: Int] = [:]
        for member in json.objectValue?.members ?? [] {
            shares[member.name] = member.value.integerValue.map { Int(clamping: $0) }
        }
        return shares
    }
}

extension Resource {
    /// As the proxy names a service.
    fileprivate var serviceKey: ServiceKey { ServiceKey(namespace: namespace, name: name) }

    /// The service to which a slice belongs.
    fileprivate var sliceOf: ServiceKey? {
        labels["kubernetes.io/service-name"].stringValue.map {
            ServiceKey(namespace: namespace, name: $0)
        }
    }
}

extension ObjectCache.Change {
    /// The object as it was and as it is, as far as there is one.
    fileprivate var objects: [Resource] {
        switch self {
        case .added(let object), .removed(let object): [object]
        case .changed(let old, let new): [old, new]
        case .stale: []
        }
    }
}
