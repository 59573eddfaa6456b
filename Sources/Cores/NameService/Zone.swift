internal import Primitives
package import ServiceModel

/// What the name service knows: the services under a domain, by Kubernetes' "DNS-Based Service
/// Discovery" 1.1.0, and the reverse of their addresses in 127.64.0.0/10. A value: whoever answers
/// questions has one that does not change, while the next one is made.
package struct Zone: Sendable {
    /// The domain of the cluster, `cluster.local`.
    package let domain: DNSName
    /// The address of the name service itself, `ns.dns` under the domain.
    package let serverAddress: IPv4Address
    /// Counts changes.
    package private(set) var serial: UInt32 = 1

    /// For how many seconds answers, positive and negative ones, may be remembered: `ttlSeconds`.
    package static let ttlSeconds: UInt32 = 5

    /// The services by namespace and name, both in lower case.
    private(set) var services: [ServiceKey: ServiceRecord] = [:]
    /// How many services each namespace has.
    private(set) var namespaces: [String: Int] = [:]
    /// What the addresses are called, in order.
    private(set) var names: [IPv4Address: [DNSName]] = [:]
    /// `svc` under the domain.
    let servicesDomain: DNSName
    /// `ns.dns` under the domain.
    let serverName: DNSName
    /// Whom to write to about the domain.
    let mailbox: DNSName

    /// Where reverse names are; only those of the range belong to the zone.
    static let reverseDomain = DNSName(
        known: "\(IPv4Range.local.first.octets[0]).in-addr.arpa")

    /// An empty zone.
    package init(domain: DNSName, serverAddress: IPv4Address) throws(ZoneError) {
        self.domain = domain.lowercased
        self.serverAddress = serverAddress
        servicesDomain = try Zone.name(["svc"], self.domain)
        serverName = try Zone.name(["ns", "dns"], self.domain)
        mailbox = try Zone.name(["hostmaster"], self.domain)
        names[serverAddress] = [serverName]
    }

    /// Adds a service, or puts it in the place of the one of the same name.
    /// - Throws: if one of its names cannot stand in the domain name system; nothing is changed.
    package mutating func replace(_ service: ServiceRecord) throws(ZoneError) {
        let service = service.lowercased
        let added = try reverseNames(of: service)
        try check(service)
        let old = services.updateValue(service, forKey: service.key)
        if let old {
            forgetNames(of: old)
        } else {
            namespaces[service.namespace, default: 0] += 1
        }
        for (address, name) in added { insert(name, at: address) }
        serial &+= 1
    }

    /// Removes a service; one that is not there is no change.
    package mutating func remove(_ key: ServiceKey) {
        let key = ServiceKey(namespace: key.namespace.lowercased(), name: key.name.lowercased())
        guard let old = services.removeValue(forKey: key) else { return }
        let left = namespaces[key.namespace, default: 1] - 1
        namespaces[key.namespace] = left == 0 ? nil : left
        forgetNames(of: old)
        serial &+= 1
    }

    private mutating func insert(_ name: DNSName, at address: IPv4Address) {
        var list = names[address] ?? []
        guard !list.contains(name) else { return }
        list.append(name)
        list.sort { $0.description < $1.description }
        names[address] = list
    }

    private mutating func forgetNames(of service: ServiceRecord) {
        do throws(ZoneError) {
            for (address, name) in try reverseNames(of: service) {
                let left = (names[address] ?? []).filter { $0 != name }
                names[address] = left.isEmpty ? nil : left
            }
        } catch {
            invariantBroken("a service with a bad name is in the zone: \(error)")
        }
    }

    /// The names that addresses have through a service.
    private func reverseNames(
        of service: ServiceRecord
    ) throws(ZoneError) -> [(IPv4Address, DNSName)] {
        let name = try Zone.name([service.name, service.namespace], servicesDomain)
        switch service.form {
        case .virtual(let address): return [(address, name)]
        case .headless:
            var names: [(IPv4Address, DNSName)] = []
            for endpoint in service.endpoints {
                names.append((endpoint.address, try Zone.name([endpoint.label], name)))
            }
            return names
        case .external: return []
        }
    }

    /// Refuses names that no question could lead to, or no answer hold.
    private func check(_ service: ServiceRecord) throws(ZoneError) {
        let name = try Zone.name([service.name, service.namespace], servicesDomain)
        for port in service.ports where !port.name.isEmpty {
            _ = try Zone.name(["_" + port.name, "_" + port.protocol.label], name)
        }
        if case .external(let target) = service.form {
            guard let name = DNSName(target), name != .root else { throw .badName(target) }
        }
    }

    private static func name(
        _ prefix: [String], _ suffix: DNSName
    ) throws(ZoneError) -> DNSName {
        guard let name = suffix.below(prefix) else {
            throw .badName(prefix.joined(separator: ".") + "." + suffix.description)
        }
        return name
    }
}

/// Why a service cannot be in a zone.
package enum ZoneError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A label is empty or longer than 63 bytes, or the whole longer than 255.
    case badName(String)

    /// The error in words.
    package var description: String {
        switch self {
        case .badName(let name): "\(name) is no domain name"
        }
    }
}

extension PortProtocol {
    /// As in the name of an SRV record, behind an underscore.
    var label: String { rawValue.lowercased() }
}

extension Endpoint {
    /// The endpoint's name below a headless service: its host name, or its address.
    var label: String {
        hostname ?? address.octets.map { "\($0)" }.joined(separator: "-")
    }
}

extension ServiceRecord {
    /// With all names as they are looked up; every endpoint has a host name.
    fileprivate var lowercased: ServiceRecord {
        var copy = self
        copy.namespace = namespace.lowercased()
        copy.name = name.lowercased()
        for index in ports.indices { copy.ports[index].name = ports[index].name.lowercased() }
        for index in endpoints.indices {
            copy.endpoints[index].hostname = endpoints[index].label.lowercased()
            copy.endpoints[index].ports = Dictionary(
                endpoints[index].ports.map { ($0.key.lowercased(), $0.value) },
                uniquingKeysWith: { first, _ in first })
        }
        return copy
    }
}
