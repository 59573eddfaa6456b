package import ResourceModel

extension KindDefinition {
    /// Names and addresses for pods that offer something.
    package static let service = KindDefinition(
        group: "", version: "v1", kind: "Service", resource: "services", shortNames: ["svc"],
        categories: ["all"], hasStatus: true, schema: .service,
        columns: [
            .text("Type", at: "spec.type", "How it is reached."),
            .text("Cluster-IP", at: "spec.clusterIP", absent: "<none>", "Its address."),
            .shown("External-IP", "Its addresses outside the cluster.") { $0.externalAddresses },
            .shown("Port(s)", "The ports that it offers.") { $0.servicePorts },
            .age,
            .shown("Selector", priority: 1, "Labels of the pods that it leads to.") {
                $0.value(at: "spec.selector").labelText
            },
        ],
        strategy: Strategy(
            setDefaults: { $0.setServiceDefaults() },
            prepareForCreate: { $0["status"] = ["loadBalancer": [:]] },
            prepareForUpdate: { object, old in object.keepAddresses(of: old) },
            validate: { object, old in
                Findings.collect { findings in
                    if old == nil {
                        findings.form(
                            "metadata.name", object.value(at: "metadata.name"), .dns1035Label)
                    }
                    findings.serviceSpec(object["spec"])
                    if let old { findings.serviceUpdate(object, old) }
                }
            },
            selectableFields: { object in
                ["spec.clusterIP", "spec.type"].map {
                    ($0, object.value(at: $0).stringValue ?? "")
                }
            }))
}

extension JSON {
    fileprivate var servicePorts: String {
        let ports = value(at: "spec.ports").arrayValue ?? []
        let texts = ports.map { port in
            let node = port["nodePort"].integerValue ?? 0
            return "\(port["port"].integerValue ?? 0)\(node > 0 ? ":\(node)" : "")"
                + "/\(port["protocol"].stringValue ?? "TCP")"
        }
        return texts.isEmpty ? "<none>" : texts.joined(separator: ",")
    }

    fileprivate var externalAddresses: String {
        let fixed = (value(at: "spec.externalIPs").arrayValue ?? []).compactMap(\.stringValue)
        switch value(at: "spec.type").stringValue {
        case "ExternalName": return value(at: "spec.externalName").stringValue ?? "<none>"
        case "LoadBalancer":
            let ingress = value(at: "status.loadBalancer.ingress").arrayValue ?? []
            let given = ingress.compactMap { $0["ip"].stringValue ?? $0["hostname"].stringValue }
            let all = given + fixed
            return all.isEmpty ? "<pending>" : all.joined(separator: ",")
        default: return fixed.isEmpty ? "<none>" : fixed.joined(separator: ",")
        }
    }

    fileprivate mutating func setServiceDefaults() {
        let type = value(at: "spec.type").stringValue ?? "ClusterIP"
        self["spec"]["ports"]?.withItems { ports in
            for index in ports.indices where ports[index]["targetPort"].isUnset {
                ports[index]["targetPort"] = ports[index]["port"]
            }
        }
        if value(at: "spec.sessionAffinity") == "ClientIP" {
            setDefault(10_800, at: "spec.sessionAffinityConfig.clientIP.timeoutSeconds")
        }
        if type != "ExternalName" { setDefault("Cluster", at: "spec.internalTrafficPolicy") }
        if type == "NodePort" || type == "LoadBalancer" {
            setDefault("Cluster", at: "spec.externalTrafficPolicy")
        }
        if type == "LoadBalancer" { setDefault(true, at: "spec.allocateLoadBalancerNodePorts") }
    }

    /// An update that leaves out what the server gave keeps it.
    fileprivate mutating func keepAddresses(of old: JSON) {
        let type = value(at: "spec.type")
        guard type != "ExternalName", old.value(at: "spec.type") != "ExternalName" else { return }
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]
        where self["spec"][field].isUnset {
            self["spec"][field] = old["spec"][field]
        }
        guard type == "NodePort" || type == "LoadBalancer" else { return }
        let before = old.value(at: "spec.ports").arrayValue ?? []
        self["spec"]["ports"]?.withItems { ports in
            for index in ports.indices where ports[index]["nodePort"].isUnset {
                let same = before.first {
                    $0["port"] == ports[index]["port"]
                        && $0["protocol"] == ports[index]["protocol"]
                }
                if let port = same["nodePort"] { ports[index]["nodePort"] = port }
            }
        }
    }
}

extension ObjectSchema {
    static let service = resource(
        "io.k8s.api.core.v1.Service", "A name and an address for the pods that offer something.",
        [
            Field(
                2, "spec", .object(.serviceSpec), "Which pods they are, and how they are reached."),
            Field(3, "status", .object(.serviceStatus), "Its state as last observed."),
        ])

    static let serviceSpec = ObjectSchema(
        "io.k8s.api.core.v1.ServiceSpec", "Which pods a service leads to, and how it is reached.",
        [
            Field(
                1, "ports", .list(.object(.servicePort), keys: ["port", "protocol"],
                mergeKey: "port"),
                "The ports that it offers."),
            Field(2, "selector", .atomicMap(of: .text), "Labels of the pods that it leads to."),
            Field(3, "clusterIP", .text, "Its address: given by the server, or None for none."),
            Field(18, "clusterIPs", .list(.text), "Its addresses, one for each family."),
            Field(
                4, "type", .oneOf("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
                "How it is reached.", default: "ClusterIP"),
            Field(5, "externalIPs", .list(.text), "Further addresses that lead to it."),
            Field(
                7, "sessionAffinity", .oneOf("ClientIP", "None"),
                "Whether a client stays with one pod.", default: "None"),
            Field(8, "loadBalancerIP", .text, "A wish for the load balancer's address."),
            Field(9, "loadBalancerSourceRanges", .list(.text), "Who may use the load balancer."),
            Field(10, "externalName", .text, "The name that it stands for, for ExternalName."),
            Field(
                11, "externalTrafficPolicy", .oneOf("Cluster", "Local"),
                "Which pods serve traffic from outside."),
            Field(
                12, "healthCheckNodePort", .int32,
                "The port on which nodes tell whether they have pods."),
            Field(
                13, "publishNotReadyAddresses", .boolean,
                "Whether pods that are not ready are found too."),
            Field(
                14, "sessionAffinityConfig", .object(.sessionAffinityConfig),
                "How a client stays with one pod."),
            Field(19, "ipFamilies", .list(.text), "The families of its addresses."),
            Field(
                17, "ipFamilyPolicy", .oneOf("PreferDualStack", "RequireDualStack", "SingleStack"),
                "How many families it has.").keepingZero,
            Field(
                20, "allocateLoadBalancerNodePorts", .boolean,
                "Whether a load balancer gets ports of nodes.").keepingZero,
            Field(
                21, "loadBalancerClass", .text, "Which kind of load balancer it gets.").keepingZero,
            Field(
                22, "internalTrafficPolicy", .oneOf("Cluster", "Local"),
                "Which pods serve traffic from inside.").keepingZero,
            Field(23, "trafficDistribution", .text, "Which pods are preferred.").keepingZero,
        ])

    static let servicePort = ObjectSchema(
        "io.k8s.api.core.v1.ServicePort", "A port that a service offers.",
        [
            Field(1, "name", .text, "Its name; needed if there are several."),
            Field(2, "protocol", .oneOf("SCTP", "TCP", "UDP"), "Its protocol.", default: "TCP"),
            Field(6, "appProtocol", .text, "What is spoken on it.").keepingZero,
            Field(3, "port", .int32, "The port.", isRequired: true),
            Field(
                4, "targetPort", .integerOrString,
                "The pods' port, or its name; the same as `port` if left out."),
            Field(5, "nodePort", .int32, "The nodes' port, for NodePort and LoadBalancer."),
        ])

    static let sessionAffinityConfig = ObjectSchema(
        "io.k8s.api.core.v1.SessionAffinityConfig", "How a client stays with one pod.",
        [
            Field(1, "clientIP", .object(.clientIPConfig), "How a client is known by its address."),
        ])

    static let clientIPConfig = ObjectSchema(
        "io.k8s.api.core.v1.ClientIPConfig", "How a client is known by its address.",
        [
            Field(
                1, "timeoutSeconds", .int32,
                "How long it stays with its pod.", default: 10800).keepingZero,
        ])

    static let serviceStatus = ObjectSchema(
        "io.k8s.api.core.v1.ServiceStatus", "A service as last observed.",
        [
            Field(
                1, "loadBalancer", .object(.loadBalancerStatus),
                "Its load balancer.", default: [:]),
            Field(
                2, "conditions", .list(.object(.condition), keys: ["type"], mergeKey: "type"),
                "Its state in single aspects."),
        ])

    static let loadBalancerStatus = ObjectSchema(
        "io.k8s.api.core.v1.LoadBalancerStatus", "A load balancer.",
        [
            Field(1, "ingress", .list(.object(.loadBalancerIngress)), "Where it is reached."),
        ])

    static let loadBalancerIngress = ObjectSchema(
        "io.k8s.api.core.v1.LoadBalancerIngress", "Where a load balancer is reached.",
        [
            Field(1, "ip", .text, "Its address."),
            Field(2, "hostname", .text, "Its name."),
            Field(3, "ipMode", .oneOf("Proxy", "VIP"), "How its address is used.").keepingZero,
            Field(4, "ports", .list(.object(.portStatus)), "Its ports."),
        ])

    static let portStatus = ObjectSchema(
        "io.k8s.api.core.v1.PortStatus", "A port of a load balancer.",
        [
            Field(1, "port", .int32, "The port.", isRequired: true),
            Field(2, "protocol", .text, "Its protocol.", isRequired: true),
            Field(3, "error", .text, "What is wrong with it.").keepingZero,
        ])
}
