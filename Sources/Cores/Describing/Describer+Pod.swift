import ResourceModel

extension Describer {
    mutating func writePod() {
        writeName()
        rows(0, [
            Row("Priority", "spec.priority", nil),
            Row("Priority Class Name", "spec.priorityClassName", nil),
            Row("Runtime Class Name", "spec.runtimeClassName", nil),
            Row("Service Account", "spec.serviceAccountName", nil),
        ])
        let node = object.text("spec.nodeName")
        pair(0, "Node", node.isEmpty ? "<none>" : node + "/" + object.text("status.hostIP"))
        rows(0, [Row("Start Time", "status.startTime", nil, .time)])
        writeLabelsAndAnnotations()
        writePodStatus()
        writeController()
        rows(0, [Row("NominatedNodeName", "status.nominatedNodeName", nil)])
        if let resources = object.value(at: "spec.resources") {
            line(0, "Resources:")
            writeResources(1, resources)
        }
        writePodContainers()
        writePodConditions()
        writeVolumes(object["spec"], margin: "")
        pair(0, "QoS Class", PodResources.qualityOfService(of: object))
        labels("Node-Selectors", object.value(at: "spec.nodeSelector"))
        writeTolerations(object["spec"], margin: "")
        writeTopology(object["spec"], margin: "")
    }

    private mutating func writePodStatus() {
        let phase = object.text("status.phase")
        let hasEnded = phase == "Failed" || phase == "Succeeded"
        if let deleted = object.value(at: "metadata.deletionTimestamp"), !hasEnded {
            pair(0, "Status", "Terminating (lasts \(age(deleted)))")
            let grace = object.count("metadata.deletionGracePeriodSeconds")
            pair(0, "Termination Grace Period", "\(grace)s")
        } else {
            pair(0, "Status", phase)
        }
        rows(0, [Row("Reason", "status.reason", nil), Row("Message", "status.message", nil)])
        writeSeccompProfile(object.value(at: "spec.securityContext.seccompProfile"), 0, 0)
        rows(0, [Row("IP", "status.podIP")])
        let addresses = object.items("status.podIPs")
        guard !addresses.isEmpty else { return pair(0, "IPs", "<none>") }
        line(0, "IPs:")
        for address in addresses { pair(1, "IP", address.text("ip")) }
    }

    /// - Parameter inner: how far in the path of a profile stands.
    mutating func writeSeccompProfile(_ profile: JSON?, _ level: Int, _ inner: Int) {
        guard let profile else { return }
        rows(level, [Row("SeccompProfile", "type")], of: profile)
        guard profile["type"] == "Localhost" else { return }
        rows(inner, [Row("LocalhostProfile", "localhostProfile")], of: profile)
    }

    private mutating func writePodContainers() {
        for (title, field, statuses) in [
            ("Init Containers", "initContainers", "initContainerStatuses"),
            ("Containers", "containers", "containerStatuses"),
            ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
        ] {
            let containers = object.items("spec." + field)
            guard !containers.isEmpty || field == "containers" else { continue }
            writeContainers(
                title, containers, statuses: object.items("status." + statuses), pod: object,
                margin: "")
        }
    }

    private mutating func writePodConditions() {
        let conditions = object.items("status.conditions")
        let gates = object.items("spec.readinessGates")
        if !gates.isEmpty {
            line(0, "Readiness Gates:")
            cells(1, ["Type", "Status"])
            for gate in gates {
                let type = gate.text("conditionType")
                let status = conditions.first { $0.text("type") == type }?.text("status")
                cells(1, [type + " ", (status ?? "<none>") + " "])
            }
        }
        guard !conditions.isEmpty else { return }
        line(0, "Conditions:")
        cells(1, ["Type", "Status"])
        for condition in conditions {
            cells(1, [condition.text("type") + " ", condition.text("status") + " "])
        }
    }

    mutating func writeTolerations(_ spec: JSON?, margin: String) {
        let tolerations = (spec?.items("tolerations") ?? []).enumerated().sorted {
            ($0.element.text("key"), $0.offset) < ($1.element.text("key"), $1.offset)
        }
        list(margin + "Tolerations", tolerations.map { Self.toleration($0.element) })
    }

    private static func toleration(_ toleration: JSON) -> String {
        var text = toleration.text("key")
        let value = toleration.text("value")
        let effect = toleration.text("effect")
        if !value.isEmpty { text += "=" + value }
        if !effect.isEmpty { text += ":" + effect }
        if toleration["operator"] == "Exists", value.isEmpty {
            text += text.isEmpty ? "op=Exists" : " op=Exists"
        }
        if let seconds = toleration["tolerationSeconds"].integerValue { text += " for \(seconds)s" }
        return text
    }

    mutating func writeTopology(_ spec: JSON?, margin: String) {
        let rules = (spec?.items("topologySpreadConstraints") ?? []).enumerated().sorted {
            let (left, right) = ($0.element.text("topologyKey"), $1.element.text("topologyKey"))
            return (left, $0.offset) < (right, $1.offset)
        }
        guard !rules.isEmpty else { return }
        let texts = rules.map { _, rule in
            var text = rule.text("topologyKey") + ":" + rule.text("whenUnsatisfiable")
            text += " when max skew \(rule.count("maxSkew")) is exceeded"
            guard let selector = rule["labelSelector"] else { return text }
            return text + " for selector " + selector.selectorText.or("<none>")
        }
        list(margin + "Topology Spread Constraints", texts, margin: margin)
    }

    /// The pods that a workload makes.
    mutating func writePodTemplate(_ template: JSON?) {
        line(0, "Pod Template:")
        let spec = template["spec"]
        labels("  Labels", template["metadata"]["labels"])
        let annotations = template["metadata"]["annotations"]
        if !(annotations?.sortedMembers ?? []).isEmpty {
            self.annotations("  Annotations", annotations)
        }
        rows(1, [Row("Service Account", "serviceAccountName", nil)], of: spec ?? .null)
        let first = spec?.items("initContainers") ?? []
        if !first.isEmpty { writeContainers("Init Containers", first, margin: "  ") }
        writeContainers("Containers", spec?.items("containers") ?? [], margin: "  ")
        writeVolumes(spec, margin: "  ")
        writeTopology(spec, margin: "  ")
        rows(1, [Row("Priority Class Name", "priorityClassName", nil)], of: spec ?? .null)
        labels("  Node-Selectors", spec["nodeSelector"])
        writeTolerations(spec, margin: "  ")
    }
}
