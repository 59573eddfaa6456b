import ResourceModel

extension Describer {
    mutating func writeNode() {
        writeName(hasNamespace: false)
        pair(0, "Roles", roles.joined(separator: ",").or("<none>"))
        writeLabelsAndAnnotations()
        rows(0, [Row("CreationTimestamp", "metadata.creationTimestamp", time(nil), .time)])
        let taints = object.items("spec.taints").sorted {
            $0.text("effect") + "," + $0.text("key") < $1.text("effect") + "," + $1.text("key")
        }
        list("Taints", taints.map(Self.taint))
        rows(0, [Row("Unschedulable", "spec.unschedulable", "false")])
        writeLease()
        writeNodeConditions()
        line(0, "Addresses:")
        for address in object.items("status.addresses") {
            pair(1, address.text("type"), address.text("address"))
        }
        writeAmounts("Capacity", object.value(at: "status.capacity"))
        writeAmounts("Allocatable", object.value(at: "status.allocatable"))
        line(0, "System Info:")
        rows(1, Self.systemRows, of: object.value(at: "status.nodeInfo") ?? .null)
        rows(0, [Row("PodCIDR", "spec.podCIDR", nil)])
        let ranges = object.texts("spec.podCIDRs").joined(separator: ",")
        if !ranges.isEmpty { pair(0, "PodCIDRs", ranges) }
        rows(0, [Row("ProviderID", "spec.providerID", nil)])
        if subject.failures[.podsOfNode] != nil {
            pair(0, "Pods", "not authorized")
        } else {
            writePods(subject.related[.podsOfNode] ?? [])
        }
    }

    private static let systemRows = [
        Row("Machine ID", "machineID"), Row("System UUID", "systemUUID"),
        Row("Boot ID", "bootID"), Row("Kernel Version", "kernelVersion"),
        Row("OS Image", "osImage"), Row("Operating System", "operatingSystem"),
        Row("Architecture", "architecture"),
        Row("Container Runtime Version", "containerRuntimeVersion"),
        Row("Kubelet Version", "kubeletVersion"),
    ]

    private var roles: [String] {
        let prefix = "node-role.kubernetes.io/"
        let found = (object.value(at: "metadata.labels")?.sortedMembers ?? []).compactMap { label in
            if label.name.hasPrefix(prefix) { return String(label.name.dropFirst(prefix.count)) }
            return label.name == "kubernetes.io/role" ? label.value.plain : nil
        }
        return Set(found.filter { !$0.isEmpty }).sorted()
    }

    private static func taint(_ taint: JSON) -> String {
        let value = taint.text("value")
        let effect = taint.text("effect")
        let text = value.isEmpty ? taint.text("key") : taint.text("key") + "=" + value
        // A taint without either ends with its colon.
        guard !effect.isEmpty else { return value.isEmpty ? text : text + ":" }
        return text + ":" + effect
    }

    private mutating func writeLease() {
        if let failure = subject.failures[.leaseOfNode] {
            return pair(0, "Lease", "Failed to get lease: " + failure)
        }
        line(0, "Lease:")
        rows(1, [
            Row("HolderIdentity", "spec.holderIdentity", "<unset>"),
            Row("AcquireTime", "spec.acquireTime", "<unset>", .time),
            Row("RenewTime", "spec.renewTime", "<unset>", .time),
        ], of: subject.related[.leaseOfNode]?.first ?? .null)
    }

    private mutating func writeNodeConditions() {
        let conditions = object.items("status.conditions")
        guard !conditions.isEmpty else { return }
        line(0, "Conditions:")
        let headings = [
            "Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message",
        ]
        let clock = self
        table(1, headings, conditions.map { condition in
            let facts = [
                condition.text("type"), condition.text("status"),
                clock.time(condition["lastHeartbeatTime"]),
                clock.time(condition["lastTransitionTime"]), condition.text("reason"),
            ]
            return facts.map { $0 + " " } + [condition.text("message")]
        })
    }

    private mutating func writeAmounts(_ title: String, _ amounts: JSON?) {
        let members = amounts?.sortedMembers ?? []
        guard !members.isEmpty else { return }
        line(0, title + ":")
        for member in members { pair(1, member.name, member.value.quantityText) }
    }

    private var allocatable: ResourceAmounts {
        let own = ResourceAmounts(object.value(at: "status.allocatable"))
        return own.isEmpty ? ResourceAmounts(object.value(at: "status.capacity")) : own
    }

    private mutating func writePods(_ pods: [JSON]) {
        pair(0, "Non-terminated Pods", "(\(pods.count) in total)")
        let headings = [
            "Namespace", "Name", "", "CPU Requests", "CPU Limits", "Memory Requests",
            "Memory Limits", "Age",
        ]
        let total = allocatable
        var sums: [String: ResourceAmounts] = [:]
        var lines: [[String]] = []
        for pod in pods {
            var line = [pod.text("metadata.namespace"), pod.text("metadata.name"), ""]
            for resource in ["cpu", "memory"] {
                for field in ["requests", "limits"] {
                    let amounts = PodResources.amounts(field, of: pod)
                    line.append(amounts.share(resource, of: total, isGuarded: false))
                }
            }
            for field in ["requests", "limits"] {
                sums[field, default: ResourceAmounts()].add(PodResources.amounts(field, of: pod))
            }
            lines.append(line + [age(pod.value(at: "metadata.creationTimestamp"))])
        }
        table(1, headings, lines)
        writeSums(sums["requests"] ?? .init(), sums["limits"] ?? .init(), of: total)
    }

    private mutating func writeSums(
        _ requests: ResourceAmounts, _ limits: ResourceAmounts, of total: ResourceAmounts
    ) {
        line(0, "Allocated resources:")
        line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)")
        let usual = ["cpu", "memory", "ephemeral-storage"]
        let names = total.names
        let pages = names.filter { $0.hasPrefix("hugepages-") }
        var lines = (usual + pages).map { name in
            [name, requests.share(name, of: total), limits.share(name, of: total)]
        }
        for name in names where !usual.contains(name) && !pages.contains(name) && name != "pods" {
            lines.append([name, requests[name].description, limits[name].description])
        }
        table(1, ["Resource", "Requests", "Limits"], lines)
    }
}
