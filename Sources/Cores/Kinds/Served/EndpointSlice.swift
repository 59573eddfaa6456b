package import ResourceModel

extension KindDefinition {
    /// Some of the addresses that a service leads to.
    package static let endpointSlice = KindDefinition(
        group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice",
        resource: "endpointslices", schema: .endpointSlice,
        columns: [
            .text("AddressType", at: "addressType", "The family of its addresses."),
            .shown("Ports", "The ports of each address.") { object in
                (object["ports"].arrayValue ?? []).map { port in
                    port["port"].integerValue.map { "\($0)" } ?? port["name"].stringValue ?? "*"
                }.shortList
            },
            .shown("Endpoints", "The addresses.") { object in
                (object["endpoints"].arrayValue ?? []).flatMap { endpoint in
                    (endpoint["addresses"].arrayValue ?? []).compactMap(\.stringValue)
                }.shortList
            },
            .age,
        ],
        strategy: Strategy(
            validate: { object, old in
                Findings.collect { findings in
                    findings.endpoints(object)
                    findings.endpointPorts(object["ports"])
                    if let old {
                        findings.immutable(
                            "addressType", object["addressType"], was: old["addressType"])
                    }
                }
            }))
}

extension [String] {
    /// The first three, and how many more there are.
    fileprivate var shortList: String {
        guard !isEmpty else { return "<unset>" }
        let text = prefix(3).joined(separator: ",")
        return count > 3 ? "\(text) + \(count - 3) more..." : text
    }
}

extension Findings {
    fileprivate mutating func endpoints(_ object: JSON) {
        let endpoints = object["endpoints"].arrayValue ?? []
        if endpoints.count > 1000 { tooMany("endpoints", endpoints.count, most: 1000) }
        let type = object["addressType"].stringValue
        for (index, endpoint) in endpoints.enumerated() {
            let path = "endpoints[\(index)].addresses"
            let addresses = endpoint["addresses"].arrayValue ?? []
            if addresses.isEmpty { required(path, "must contain at least 1 address") }
            if addresses.count > 100 { tooMany(path, addresses.count, most: 100) }
            for (place, address) in addresses.enumerated() {
                let text = address.stringValue ?? ""
                switch type {
                case "IPv4" where !IPAddress.isV4(text):
                    invalid("\(path)[\(place)]", address, "must be a valid IPv4 address")
                case "IPv6" where !IPAddress.isV6(text):
                    invalid("\(path)[\(place)]", address, "must be a valid IPv6 address")
                case "FQDN": form("\(path)[\(place)]", address, .dns1123Subdomain)
                default: break
                }
            }
            form("endpoints[\(index)].hostname", endpoint["hostname"], .dns1123Label)
        }
    }

    fileprivate mutating func endpointPorts(_ ports: JSON?) {
        let ports = ports.arrayValue ?? []
        if ports.count > 20_000 { tooMany("ports", ports.count, most: 20_000) }
        var seen: Set<String> = []
        for (index, port) in ports.enumerated() {
            let name = port["name"].stringValue ?? ""
            if !seen.insert(name).inserted { duplicate("ports[\(index)].name", .string(name)) }
            form("ports[\(index)].name", port["name"], .dns1123Label)
        }
    }
}

extension ObjectSchema {
    static let endpointSlice = resource(
        "io.k8s.api.discovery.v1.EndpointSlice", "Some of the addresses that a service leads to.",
        [
            Field(
                4, "addressType", .oneOf("FQDN", "IPv4", "IPv6"),
                "The family of the addresses.", isRequired: true),
            Field(
                2, "endpoints", .list(.object(.endpoint)),
                "The addresses and their state; there may be none."),
            Field(
                3, "ports", .list(.object(.endpointPort)), "The ports of each address."),
        ])

    static let endpoint = ObjectSchema(
        "io.k8s.api.discovery.v1.Endpoint", "A pod or machine that a service leads to.",
        [
            Field(1, "addresses", .set(of: .text), "Its addresses.", isRequired: true),
            Field(2, "conditions", .object(.endpointConditions), "Its state.", default: [:]),
            Field(3, "hostname", .text, "Its host name.").keepingZero,
            Field(4, "targetRef", .object(.objectReference), "The object that it is."),
            Field(5, "deprecatedTopology", .map(of: .text), "No longer used."),
            Field(6, "nodeName", .text, "Its node.").keepingZero,
            Field(7, "zone", .text, "Its zone.").keepingZero,
            Field(8, "hints", .object(.endpointHints), "For whom it is meant."),
        ])

    static let endpointConditions = ObjectSchema(
        "io.k8s.api.discovery.v1.EndpointConditions", "The state of an endpoint.",
        [
            Field(1, "ready", .boolean, "Whether it takes new connections.").keepingZero,
            Field(
                2, "serving", .boolean,
                "Whether it serves, even if it is on its way out.").keepingZero,
            Field(3, "terminating", .boolean, "Whether it is on its way out.").keepingZero,
        ])

    static let endpointHints = ObjectSchema(
        "io.k8s.api.discovery.v1.EndpointHints", "For whom an endpoint is meant.",
        [
            Field(1, "forZones", .list(.object(.forZone)), "Zones whose clients should use it."),
            Field(2, "forNodes", .list(.object(.forNode)), "Nodes whose clients should use it."),
        ])

    static let forZone = ObjectSchema(
        "io.k8s.api.discovery.v1.ForZone", "A zone.",
        [
            Field(1, "name", .text, "Its name.", isRequired: true),
        ])

    static let forNode = ObjectSchema(
        "io.k8s.api.discovery.v1.ForNode", "A node.",
        [
            Field(1, "name", .text, "Its name.", isRequired: true),
        ])

    static let endpointPort = ObjectSchema(
        "io.k8s.api.discovery.v1.EndpointPort", "A port of every endpoint of a slice.",
        [
            Field(1, "name", .text, "Its name.", default: "").keepingZero,
            Field(
                2, "protocol", .oneOf("SCTP", "TCP", "UDP"),
                "Its protocol.", default: "TCP").keepingZero,
            Field(3, "port", .int32, "The port; all if left out.").keepingZero,
            Field(4, "appProtocol", .text, "What is spoken on it.").keepingZero,
        ])
}
