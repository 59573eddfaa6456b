package import ResourceModel

extension KindDefinition {
    /// Machines that run pods.
    package static let node = KindDefinition(
        group: "", version: "v1", kind: "Node", resource: "nodes", shortNames: ["no"],
        isNamespaced: false, hasStatus: true, schema: .node,
        columns: [
            .shown("Status", "Whether it is ready, and whether it takes new pods.") {
                $0.nodeState
            },
            .shown("Roles", "What it is there for.") { $0.nodeRoles },
            .age,
            .text("Version", at: "status.nodeInfo.kubeletVersion", "The version of its agent."),
            .shown("Internal-IP", priority: 1, "Its address inside the cluster.") {
                $0.address("InternalIP")
            },
            .shown("External-IP", priority: 1, "Its address outside the cluster.") {
                $0.address("ExternalIP")
            },
            .text(
                "OS-Image", at: "status.nodeInfo.osImage", priority: 1, absent: "<unknown>",
                "Its operating system."),
            .text(
                "Kernel-Version", at: "status.nodeInfo.kernelVersion", priority: 1,
                absent: "<unknown>", "Its kernel."),
            .text(
                "Container-Runtime", at: "status.nodeInfo.containerRuntimeVersion", priority: 1,
                absent: "<unknown>", "Its container runtime."),
        ],
        strategy: Strategy(
            validate: { object, old in
                Findings.collect { findings in
                    findings.taints(object.value(at: "spec.taints"))
                    if let old, let range = old.value(at: "spec.podCIDR") {
                        findings.immutable(
                            "spec.podCIDR", object.value(at: "spec.podCIDR"), was: range)
                    }
                    let provider = object.value(at: "spec.providerID")
                    if let old, let before = old.value(at: "spec.providerID"), before != provider {
                        findings.forbidden("spec.providerID", "node updates may not change this")
                    }
                }
            },
            selectableFields: { object in
                let isHeld = object.value(at: "spec.unschedulable") == true
                return [("spec.unschedulable", "\(isHeld)")]
            }))
}

extension Findings {
    fileprivate mutating func taints(_ taints: JSON?) {
        var seen: Set<String> = []
        for (index, taint) in (taints.arrayValue ?? []).enumerated() {
            let path = "spec.taints[\(index)]"
            requiredForm(path + ".key", taint["key"], .qualifiedName)
            form(path + ".value", taint["value"], .labelValue)
            let key = taint["key"].stringValue ?? ""
            if !seen.insert("\(key):\(taint["effect"].stringValue ?? "")").inserted {
                duplicate(path, taint)
            }
        }
    }
}

extension JSON {
    fileprivate var nodeState: String {
        let conditions = value(at: "status.conditions").arrayValue ?? []
        let ready = conditions.first { $0["type"] == "Ready" }
        let state: String
        switch ready["status"].stringValue {
        case nil: state = "Unknown"
        case "True": state = "Ready"
        default: state = "NotReady"
        }
        return value(at: "spec.unschedulable") == true ? state + ",SchedulingDisabled" : state
    }

    fileprivate var nodeRoles: String {
        let prefix = "node-role.kubernetes.io/"
        var roles: Set<String> = []
        for label in value(at: "metadata.labels").objectValue?.members ?? [] {
            if label.name.hasPrefix(prefix), label.name.utf8.count > prefix.utf8.count {
                roles.insert(String(label.name.dropFirst(prefix.count)))
            } else if label.name == "kubernetes.io/role", let role = label.value.stringValue {
                roles.insert(role)
            }
        }
        return roles.isEmpty ? "<none>" : roles.sorted().joined(separator: ",")
    }

    fileprivate func address(_ type: String) -> String {
        let addresses = value(at: "status.addresses").arrayValue ?? []
        let address = addresses.first { $0["type"].stringValue == type }
        return address["address"].stringValue ?? "<none>"
    }
}

extension ObjectSchema {
    static let node = resource(
        "io.k8s.api.core.v1.Node", "A machine that runs pods.",
        [
            Field(2, "spec", .object(.nodeSpec), "How it is to be used."),
            Field(3, "status", .object(.nodeStatus), "Its state as last observed."),
        ])

    static let nodeSpec = ObjectSchema(
        "io.k8s.api.core.v1.NodeSpec", "How a node is to be used.",
        [
            Field(1, "podCIDR", .text, "The addresses of its pods."),
            Field(
                7, "podCIDRs", .mergedSet(of: .text),
                "The addresses of its pods, one range for each family."),
            Field(3, "providerID", .text, "The provider's identifier of it."),
            Field(4, "unschedulable", .boolean, "Whether new pods are kept away."),
            Field(
                5, "taints", .list(.object(.taint)),
                "What keeps pods away that do not put up with it."),
            Field(2, "externalID", .text, "No longer used."),
        ])

    static let taint = ObjectSchema(
        "io.k8s.api.core.v1.Taint", "Keeps pods away that do not tolerate it.",
        [
            Field(1, "key", .text, "Its key.", isRequired: true),
            Field(2, "value", .text, "Its value."),
            Field(
                3, "effect", .oneOf("NoExecute", "NoSchedule", "PreferNoSchedule"),
                "What it does to such pods.", isRequired: true),
            Field(4, "timeAdded", .time(isMicro: false), "When it was added."),
        ])
}
