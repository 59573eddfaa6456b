package import ResourceModel

extension KindDefinition {
    /// Containers that run together on one node.
    package static let pod = KindDefinition(
        group: "", version: "v1", kind: "Pod", resource: "pods", shortNames: ["po"],
        categories: ["all"], hasStatus: true, schema: .pod,
        columns: [
            .shown("Ready", "How many of its containers are ready.") {
                let summary = PodSummary($0, nowSeconds: 0)
                return "\(summary.readyCount)/\(summary.containerCount)"
            },
            .shown("Status", "What it does, or what keeps it from it.") {
                PodSummary($0, nowSeconds: 0).reason
            },
            Column("Restarts", "How often its containers were started again.") { object, now in
                .string(PodSummary(object, nowSeconds: now).restarts)
            },
            .age,
            .text("IP", at: "status.podIP", priority: 1, absent: "<none>", "Its address."),
            .text("Node", at: "spec.nodeName", priority: 1, absent: "<none>", "Its node."),
            .text(
                "Nominated Node", at: "status.nominatedNodeName", priority: 1, absent: "<none>",
                "A node on which room is being made for it."),
            .shown("Readiness Gates", priority: 1, "How many extra conditions hold.") {
                $0.readinessGates
            },
        ],
        strategy: Strategy(
            setDefaults: { object in
                object["spec"]?.setPodSpecDefaults()
                object["spec"]?.setPodDefaults()
            },
            prepareForCreate: { object in
                object["status"] = ["phase": "Pending", "qosClass": .string(object.qosClass)]
                if object.value(at: "spec.serviceAccountName") == nil {
                    object.setValue("default", at: "spec.serviceAccountName")
                    object.setValue("default", at: "spec.serviceAccount")
                }
            },
            validate: { object, old in
                Findings.collect { findings in
                    if let old { return findings.podUpdate(object, old) }
                    findings.podSpec("spec", object["spec"])
                }
            },
            selectableFields: { object in
                let paths = [
                    "spec.nodeName", "spec.restartPolicy", "spec.schedulerName",
                    "spec.serviceAccountName", "status.phase", "status.podIP",
                    "status.nominatedNodeName",
                ]
                let isHost = object.value(at: "spec.hostNetwork") == true
                return paths.map { ($0, object.value(at: $0).stringValue ?? "") }
                    + [("spec.hostNetwork", "\(isHost)")]
            },
            deletionGraceSeconds: { object in
                // Nobody runs a pod without a node, and nothing is left of one that has ended.
                let hasEnded = ["Failed", "Succeeded"].contains(object["status"]["phase"])
                if hasEnded || object["spec"]["nodeName"].isUnset { return 0 }
                return object["spec"]["terminationGracePeriodSeconds"].integerValue ?? 30
            }))
}

extension JSON {
    fileprivate var readinessGates: String {
        let gates = value(at: "spec.readinessGates").arrayValue ?? []
        guard !gates.isEmpty else { return "<none>" }
        let conditions = value(at: "status.conditions").arrayValue ?? []
        let holding = gates.filter { gate in
            conditions.contains {
                $0["type"] == gate["conditionType"] && $0["status"] == "True"
            }
        }
        return "\(holding.count)/\(gates.count)"
    }
}

extension ObjectSchema {
    static let pod = resource(
        "io.k8s.api.core.v1.Pod", "Containers that run together on one node.",
        [
            Field(2, "spec", .object(.podSpec), "What it is to run, where and how."),
            Field(3, "status", .object(.podStatus), "Its state as last observed."),
        ])
}
