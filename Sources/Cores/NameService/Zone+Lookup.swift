internal import Primitives
internal import ServiceModel

extension Zone {
    /// A part of the tree of names that has an SOA record of its own.
    struct Authority {
        /// Its topmost name.
        var apex: DNSName
        /// The labels of the looked-up name below the apex, in lower case.
        var labels: [String]
        /// Whether names are addresses backwards.
        var isReverse: Bool
    }

    /// The part of the tree that a name (in lower case) belongs to; nil: none of ours.
    func authority(for name: DNSName) -> Authority? {
        if let labels = name.labels(before: domain) {
            return Authority(apex: domain, labels: Self.texts(labels), isReverse: false)
        }
        // The range is not cut at an octet: each second octet is a zone.
        guard let labels = name.labels(before: Self.reverseDomain), let top = labels.last,
            let octet = IPv4Address.octet(top),
            IPv4Range.local.contains(IPv4Address(127, octet, 0, 0))
        else { return nil }
        let apex = Self.reverseDomain.knownName(below: ["\(octet)"])
        return Authority(apex: apex, labels: Self.texts(labels.dropLast()), isReverse: true)
    }

    /// What there is at a name; empty if only names below it exist, nil if not even those.
    func records(at authority: Authority) -> [TypedData]? {
        if authority.labels.isEmpty {
            return [
                TypedData(.soa, .authority(startOfAuthority)),
                TypedData(.ns, .name(serverName)),
            ]
        }
        if authority.isReverse { return pointers(at: authority) }
        switch authority.labels {
        case ["svc"], ["dns"]: return []
        case ["ns", "dns"]: return [TypedData(.a, .address(serverAddress))]
        case ["dns-version"]: return [TypedData(.txt, .texts([Bytes("1.1.0".utf8)]))]
        default: break
        }
        guard authority.labels.last == "svc" else { return nil }
        let path = authority.labels.dropLast()
        let namespace = path.last ?? ""
        if path.count == 1 { return namespaces[namespace] == nil ? nil : [] }
        let key = ServiceKey(namespace: namespace, name: path[path.count - 2])
        guard let service = services[key] else { return nil }
        return records(of: service, below: Array(path.dropLast(2)))
    }

    /// The SOA data of every part.
    var startOfAuthority: StartOfAuthority {
        StartOfAuthority(
            server: serverName, mailbox: mailbox, serial: serial,
            negativeSeconds: Self.ttlSeconds)
    }

    private func records(of service: ServiceRecord, below prefix: [String]) -> [TypedData]? {
        let endpoints = service.endpoints
        if prefix.isEmpty {
            switch service.form {
            case .virtual(let address): return [TypedData(.a, .address(address))]
            case .external(let target):
                return [TypedData(.cname, .name(DNSName(known: target)))]
            case .headless:
                // The specification wants NXDOMAIN where no endpoint is ready.
                return endpoints.isEmpty ? nil : Self.addresses(of: endpoints)
            }
        }
        if let found = locations(of: service, prefix) { return found }
        guard case .headless = service.form, prefix.count == 1 else { return nil }
        let named = endpoints.filter { $0.label == prefix[0] }
        return named.isEmpty ? nil : Self.addresses(of: named)
    }

    /// What is at `_port._protocol`, or at `_protocol` alone; nil if the service has no such port.
    private func locations(of service: ServiceRecord, _ prefix: [String]) -> [TypedData]? {
        let ports = service.ports.filter {
            !$0.name.isEmpty && "_" + $0.protocol.label == prefix.last
        }
        if prefix.count == 1 { return ports.isEmpty ? nil : [] }
        guard prefix.count == 2, let port = ports.first(where: { "_" + $0.name == prefix[0] })
        else { return nil }
        let name = servicesDomain.knownName(below: [service.name, service.namespace])
        switch service.form {
        case .virtual: return [Self.location(port.number, name)]
        case .headless:
            let found = service.endpoints.compactMap { endpoint in
                endpoint.ports[port.name].map { number in
                    Self.location(number, name.knownName(below: [endpoint.label]))
                }
            }
            return found.isEmpty ? nil : Self.unique(found)
        case .external: return nil
        }
    }

    private func pointers(at authority: Authority) -> [TypedData]? {
        let octets = authority.labels.compactMap { IPv4Address.octet($0.utf8) }
        guard octets.count == authority.labels.count, octets.count <= 2,
            let second = authority.apex.labels.first.flatMap({ IPv4Address.octet($0) })
        else { return nil }
        // Whether anything is below costs a search; that there may be something harms nobody.
        guard octets.count == 2 else { return [] }
        let address = IPv4Address(127, second, octets[1], octets[0])
        return names[address]?.map { TypedData(.ptr, .name($0)) }
    }

    private static func location(_ port: UInt16, _ target: DNSName) -> TypedData {
        TypedData(
            .srv,
            .service(ServiceLocation(priority: 0, weight: 100, port: port, target: target)))
    }

    private static func addresses(of endpoints: [Endpoint]) -> [TypedData] {
        unique(endpoints.map { TypedData(.a, .address($0.address)) })
    }

    private static func unique(_ list: [TypedData]) -> [TypedData] {
        var seen: Set<TypedData> = []
        return list.filter { seen.insert($0).inserted }
    }

    /// Bytes that are no UTF-8 become text that equals no name of ours.
    private static func texts(_ labels: some Sequence<Bytes>) -> [String] {
        labels.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A record without a name.
struct TypedData: Hashable {
    var type: RecordType
    var data: RecordData

    init(_ type: RecordType, _ data: RecordData) {
        self.type = type
        self.data = data
    }
}

extension DNSName {
    /// A text that is known to be a name.
    init(known text: String) {
        guard let name = DNSName(text) else { invariantBroken("\(text) is no domain name") }
        self = name
    }

    /// The same as `below` where it is known that there is such a name.
    func knownName(below prefix: [String]) -> DNSName {
        guard let name = below(prefix) else {
            invariantBroken("\(prefix) below \(self) is no domain name")
        }
        return name
    }
}
