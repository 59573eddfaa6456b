import ResourceModel

extension Describer {
    mutating func writeService() {
        writeName()
        writeLabelsAndAnnotations()
        pair(0, "Selector", object.value(at: "spec.selector")?.labelText ?? "<none>")
        rows(0, [
            Row("Type", "spec.type"), Row("IP Family Policy", "spec.ipFamilyPolicy", nil),
        ])
        pair(0, "IP Families", joined("spec.ipFamilies").or("<none>"))
        rows(0, [Row("IP", "spec.clusterIP")])
        pair(0, "IPs", joined("spec.clusterIPs").or("<none>"))
        let external = joined("spec.externalIPs")
        if !external.isEmpty { pair(0, "External IPs", external) }
        rows(0, [
            Row("Desired LoadBalancer IP", "spec.loadBalancerIP", nil),
            Row("External Name", "spec.externalName", nil),
        ])
        let ingress = object.items("status.loadBalancer.ingress")
        if !ingress.isEmpty {
            pair(0, "LoadBalancer Ingress", ingress.map(Self.ingress).joined(separator: ", "))
        }
        for port in object.items("spec.ports") { writePort(port) }
        rows(0, [
            Row("Session Affinity", "spec.sessionAffinity"),
            Row("External Traffic Policy", "spec.externalTrafficPolicy", nil),
            Row("Internal Traffic Policy", "spec.internalTrafficPolicy", nil),
            Row("HealthCheck NodePort", "spec.healthCheckNodePort", nil),
        ])
        let ranges = joined("spec.loadBalancerSourceRanges")
        if !ranges.isEmpty { pair(0, "LoadBalancer Source Ranges", ranges) }
        rows(0, [Row("Traffic Distribution", "spec.trafficDistribution", nil)])
    }

    private func joined(_ path: String) -> String {
        object.texts(path).joined(separator: ",")
    }

    private static func ingress(_ ingress: JSON) -> String {
        let address = ingress.text("ip")
        guard !address.isEmpty else { return ingress.text("hostname") }
        let mode = ingress.text("ipMode")
        return mode.isEmpty ? address : address + " (" + mode + ")"
    }

    private mutating func writePort(_ port: JSON) {
        let name = port.text("name")
        let shown = name.or("<unset>")
        let transport = "/" + port.text("protocol")
        cells(0, ["Port:", shown, port.text("port") + transport])
        pair(0, "TargetPort", port.text("targetPort").or("0") + transport)
        rows(0, [Row("AppProtocol", "appProtocol", nil)], of: port)
        if port.count("nodePort") != 0 {
            cells(0, ["NodePort:", shown, port.text("nodePort") + transport])
        }
        pair(0, "Endpoints", endpoints(ofPort: name))
    }

    /// Up to three addresses that are ready, and how many more there are.
    private func endpoints(ofPort name: String) -> String {
        let slices = subject.related[.endpointSlices] ?? []
        guard !slices.isEmpty else { return "<none>" }
        var ready: [String] = []
        /// kubectl notices that there are more when it sees any endpoint behind the third.
        var hasMore = false
        func take(_ slice: JSON, port: String?) {
            for endpoint in slice.items("endpoints") {
                hasMore = hasMore || ready.count >= 3
                guard endpoint["conditions"]["ready"] != false else { continue }
                let address = endpoint.texts("addresses").first ?? ""
                let host = address.contains(":") ? "[" + address + "]" : address
                ready.append(port.map { host + ":" + $0 } ?? address)
            }
        }
        for slice in slices {
            let ports = slice.items("ports")
            if ports.isEmpty { take(slice, port: nil) }
            for port in ports where port.text("name") == name {
                take(slice, port: port.text("port"))
            }
        }
        let text = ready.prefix(3).joined(separator: ",")
        return hasMore ? text + " + \(ready.count - 3) more..." : text
    }

    mutating func writeEndpointSlice() {
        writeName()
        writeLabelsAndAnnotations()
        rows(0, [Row("AddressType", "addressType")])
        let ports = object.items("ports")
        if ports.isEmpty {
            line(0, "Ports: <unset>")
        } else {
            line(0, "Ports:")
            table(1, ["Name", "Port", "Protocol"], ports.map { port in
                ["name", "port", "protocol"].map { port.text($0).or("<unset>") }
            })
        }
        let endpoints = object.items("endpoints")
        guard !endpoints.isEmpty else { return line(0, "Endpoints: <none>") }
        line(0, "Endpoints:")
        for endpoint in endpoints {
            pair(1, "- Addresses", endpoint.texts("addresses").joined(separator: ", ").or("<none>"))
            line(2, "Conditions:")
            rows(3, [Row("Ready", "conditions.ready", "<unset>")], of: endpoint)
            rows(2, [Row("Hostname", "hostname", "<unset>")], of: endpoint)
            if let target = endpoint["targetRef"] {
                pair(2, "TargetRef", target.text("kind") + "/" + target.text("name"))
            }
            rows(
                2, [Row("NodeName", "nodeName", "<unset>"), Row("Zone", "zone", "<unset>")],
                of: endpoint)
        }
    }
}
