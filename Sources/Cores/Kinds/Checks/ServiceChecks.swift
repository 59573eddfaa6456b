import ResourceModel

extension Findings {
    /// A service's specification.
    mutating func serviceSpec(_ spec: JSON?) {
        let type = spec["type"].stringValue ?? "ClusterIP"
        let isHeadless = spec["clusterIP"] == "None"
        let ports = spec["ports"].arrayValue ?? []
        if ports.isEmpty, !isHeadless, type != "ExternalName" { required("spec.ports") }
        servicePorts(ports, type: type)
        labels("spec.selector", spec["selector"])
        clusterAddress(spec, type: type)
        if type == "ExternalName" {
            let name = spec["externalName"].stringValue ?? ""
            let host = name.hasSuffix(".") ? String(name.dropLast()) : name
            requiredForm("spec.externalName", .string(host), .dns1123Subdomain)
        }
        for (index, address) in (spec["externalIPs"].arrayValue ?? []).enumerated() {
            let text = address.stringValue ?? ""
            if !IPAddress.isV4(text), !IPAddress.isV6(text) {
                invalid("spec.externalIPs[\(index)]", address, IPAddress.problem)
            }
        }
        affinityTimeout(spec)
        if type == "ClusterIP" || type == "ExternalName", !spec["externalTrafficPolicy"].isUnset,
            (spec["externalIPs"].arrayValue ?? []).isEmpty
        {
            invalid(
                "spec.externalTrafficPolicy", spec["externalTrafficPolicy"],
                "may only be set for externally-accessible services")
        }
    }

    private mutating func clusterAddress(_ spec: JSON?, type: String) {
        guard let address = spec["clusterIP"].stringValue, !address.isEmpty else { return }
        if type == "ExternalName" {
            forbidden("spec.clusterIPs", "may not be set for ExternalName services")
        } else if address == "None" {
            if type != "ClusterIP" {
                invalid(
                    "spec.clusterIPs[0]", "None", "may not be set to 'None' for \(type) services")
            }
        } else if !IPAddress.isV4(address), !IPAddress.isV6(address) {
            invalid("spec.clusterIPs[0]", .string(address), IPAddress.problem)
        }
        if let first = spec["clusterIPs"][0], first != .string(address) {
            invalid("spec.clusterIPs", spec["clusterIPs"], "first value must match `clusterIP`")
        }
    }

    private mutating func servicePorts(_ ports: [JSON], type: String) {
        var pairs: Set<String> = []
        for (index, port) in ports.enumerated() {
            let path = "spec.ports[\(index)]"
            if ports.count > 1, port["name"].isUnset { required(path + ".name") }
            form(path + ".name", port["name"], .dns1123Label)
            if port["port"] == nil {
                required(path + ".port")
            } else {
                range(path + ".port", port["port"], portRange)
            }
            if port["targetPort"] != nil { self.port(path + ".targetPort", port["targetPort"]) }
            form(path + ".appProtocol", port["appProtocol"], .qualifiedName)
            if !port["nodePort"].isUnset {
                range(path + ".nodePort", port["nodePort"], portRange)
                if type == "ClusterIP" || type == "ExternalName" {
                    forbidden(path + ".nodePort", "may not be used when `type` is '\(type)'")
                }
            }
            let number = port["port"].integerValue ?? 0
            let pair = "\(number)/\(port["protocol"].stringValue ?? "TCP")"
            if !pairs.insert(pair).inserted { duplicate(path, port) }
        }
        distinct(ports.enumerated().map { ("spec.ports[\($0.offset)].name", $0.element["name"]) })
    }

    private mutating func affinityTimeout(_ spec: JSON?) {
        let path = "spec.sessionAffinityConfig"
        if spec["sessionAffinity"] == "None", spec["sessionAffinityConfig"] != nil {
            forbidden(path, "must not be set when session affinity is None")
        }
        let timeout = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"]
        if let seconds = timeout.integerValue, !(1...86_400).contains(seconds) {
            invalid(
                path + ".clientIP.timeoutSeconds", timeout,
                "must be greater than 0 and less than 86400")
        }
    }

    /// An update of a service: its address stays while it has one.
    mutating func serviceUpdate(_ object: JSON, _ old: JSON) {
        let external: JSON = "ExternalName"
        guard object.value(at: "spec.type") != external, old.value(at: "spec.type") != external,
            !old.value(at: "spec.clusterIP").isUnset
        else { return }
        let address = object.value(at: "spec.clusterIP")
        if address != old.value(at: "spec.clusterIP") {
            invalid(
                "spec.clusterIPs[0]", .array([address ?? ""]), "may not change once set")
        }
    }
}
