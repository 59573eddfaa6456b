package import ResourceModel

/// Services.
extension Draft {
    /// What a service is beside its name and its ports.
    package enum ServiceForm: Sendable {
        /// With its address; nil to let the server choose, `None` for none.
        case clusterIP(String?)
        /// With the port of nodes; nil to let the server choose.
        case nodePort(Int?)
        case loadBalancer
        /// Stands for a name outside.
        case externalName(String)

        /// Its type, as in `ClusterIP`.
        package var type: String {
            switch self {
            case .clusterIP: "ClusterIP"
            case .nodePort: "NodePort"
            case .loadBalancer: "LoadBalancer"
            case .externalName: "ExternalName"
            }
        }
    }

    /// A service for the pods whose label `app` is its name.
    /// - Parameter ports: each `PORT` or `PORT:TARGET`.
    package static func service(
        _ name: String, _ form: ServiceForm, ports: [String]
    ) throws(DraftFailure) -> JSON {
        let labels: JSON = ["app": .string(name)]
        var spec: JSON = ["selector": labels, "type": .string(form.type)]
        var nodePort: Int?
        var mayLackPorts = false
        switch form {
        case .clusterIP(let address):
            mayLackPorts = address == "None"
            spec["clusterIP"] = address.map(JSON.string)
        case .nodePort(let port): nodePort = port
        case .loadBalancer: break
        case .externalName(let target):
            mayLackPorts = true
            guard NameRule.dns1123Subdomain.allows(target) else {
                throw DraftFailure("invalid service external name \(target)")
            }
            spec["externalName"] = .string(target)
        }
        guard mayLackPorts || !ports.isEmpty else {
            throw DraftFailure("at least one tcp port specifier must be provided")
        }
        if !ports.isEmpty {
            var items: [JSON] = []
            for text in ports { items.append(try servicePort(text, nodePort: nodePort)) }
            spec["ports"] = .array(items)
        }
        var service = object("v1", "Service", name)
            .with(["spec": spec, "status": ["loadBalancer": .emptyObject]])
        service["metadata"]["labels"] = labels
        return service
    }

    private static func servicePort(
        _ text: String, nodePort: Int?
    ) throws(DraftFailure) -> JSON {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let port = Int64(parts[0]), port >= 0 else {
            throw DraftFailure("strconv.ParseUint: parsing \(GoText.quoted(parts[0])): "
                + "invalid syntax")
        }
        guard port <= 65_535 else {
            throw DraftFailure("strconv.ParseUint: parsing \(GoText.quoted(parts[0])): "
                + "value out of range")
        }
        var target = JSON.integer(port)
        if parts.count > 1 {
            if let number = Int64(parts[1]) {
                guard (1...65_535).contains(number) else {
                    throw DraftFailure("must be between 1 and 65535, inclusive")
                }
                target = .integer(number)
            } else {
                let problems = NameRule.portName.problems(parts[1])
                guard problems.isEmpty else {
                    throw DraftFailure(problems.joined(separator: ","))
                }
                target = .string(parts[1])
            }
        }
        var item: JSON = [
            "name": .string(parts.joined(separator: "-")), "port": .integer(port),
            "protocol": "TCP", "targetPort": target,
        ]
        if let nodePort { item["nodePort"] = .integer(Int64(nodePort)) }
        return item
    }
}
