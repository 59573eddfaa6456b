/// A service as the name service and the proxy see it: its address, its ports and the endpoints
/// that may be given to clients now.
package struct ServiceRecord: Hashable, Sendable {
    /// Where clients are led.
    package enum Form: Hashable, Sendable {
        /// To an address of its own, behind which the proxy listens.
        case virtual(IPv4Address)
        /// To the endpoints themselves.
        case headless
        /// To another name.
        case external(String)
    }

    /// The namespace of the service.
    package var namespace: String
    /// Its name within the namespace.
    package var name: String
    /// Where clients are led.
    package var form: Form
    /// What it offers.
    package var ports: [ServicePort]
    /// The endpoints that are ready (or are to be published all the same), in any order.
    package var endpoints: [Endpoint]
    /// How new connections are shared out among the groups of endpoints, as whole-number
    /// weights: `["stable": 80, "canary": 20]`. Groups that are not named get nothing. Empty: all
    /// endpoints are one group.
    package var shares: [String: Int]
    /// How many seconds a client that was silent is still led to the same endpoint; nil: not at
    /// all (`sessionAffinity: None`).
    package var affinitySeconds: Int?

    /// A service of the given parts.
    package init(
        namespace: String, name: String, form: Form, ports: [ServicePort] = [],
        endpoints: [Endpoint] = [], shares: [String: Int] = [:], affinitySeconds: Int? = nil
    ) {
        self.namespace = namespace
        self.name = name
        self.form = form
        self.ports = ports
        self.endpoints = endpoints
        self.shares = shares
        self.affinitySeconds = affinitySeconds
    }

    /// What tells the service from others.
    package var key: ServiceKey { ServiceKey(namespace: namespace, name: name) }
}

/// What tells a service from others.
package struct ServiceKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The namespace of the service.
    package var namespace: String
    /// Its name within the namespace.
    package var name: String

    /// The key of `namespace/name`.
    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Orders by namespace, then by name.
    package static func < (left: ServiceKey, right: ServiceKey) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }

    /// `namespace/name`.
    package var description: String { "\(namespace)/\(name)" }
}

/// The protocol of a port.
package enum PortProtocol: String, Hashable, Sendable, CaseIterable {
    case tcp = "TCP"
    case udp = "UDP"
    case sctp = "SCTP"
}

/// A port that a service offers at its address.
package struct ServicePort: Hashable, Sendable {
    /// Its name; empty if the service's only port has none.
    package var name: String
    /// What is spoken on it.
    package var `protocol`: PortProtocol
    /// Its number at the service's address.
    package var number: UInt16

    /// A port of the given parts.
    package init(name: String = "", protocol: PortProtocol = .tcp, number: UInt16) {
        self.name = name
        self.protocol = `protocol`
        self.number = number
    }
}

/// A place where a service is really offered: a pod.
package struct Endpoint: Hashable, Sendable {
    /// The pod's address.
    package var address: IPv4Address
    /// The pod's host name if it has one of its own within the service.
    package var hostname: String?
    /// The numbers at this pod of the service's ports, by their names.
    package var ports: [String: UInt16]
    /// To which of the service's shares of traffic the pod belongs.
    package var group: String

    /// An endpoint of the given parts.
    package init(
        address: IPv4Address, hostname: String? = nil, ports: [String: UInt16] = [:],
        group: String = ""
    ) {
        self.address = address
        self.hostname = hostname
        self.ports = ports
        self.group = group
    }
}
