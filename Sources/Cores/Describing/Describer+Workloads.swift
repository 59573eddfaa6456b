import ResourceModel

extension Describer {
    private static let created = Row(
        "CreationTimestamp", "metadata.creationTimestamp", "Mon, 01 Jan 0001 00:00:00 +0000", .time)

    mutating func writeDeployment() {
        writeName()
        rows(0, [Self.created])
        writeLabelsAndAnnotations()
        writeSelector()
        let counts = [
            ("desired", "spec.replicas"), ("updated", "status.updatedReplicas"),
            ("total", "status.replicas"), ("available", "status.availableReplicas"),
            ("unavailable", "status.unavailableReplicas"),
        ].map { "\(object.count($0.1)) \($0.0)" }
        pair(0, "Replicas", counts.joined(separator: " | "))
        rows(0, [
            Row("StrategyType", "spec.strategy.type"),
            Row("MinReadySeconds", "spec.minReadySeconds", "0"),
        ])
        if let steps = object.value(at: "spec.strategy.rollingUpdate") {
            let unavailable = steps.text("maxUnavailable").or("<nil>")
            let surge = steps.text("maxSurge").or("<nil>")
            pair(
                0, "RollingUpdateStrategy",
                unavailable + " max unavailable, " + surge + " max surge")
        }
        writePodTemplate(object.value(at: "spec.template"))
        writeReasons()
        writeReplicaSets()
    }

    /// The replica sets of a deployment: those of earlier templates, and that of the present one.
    private mutating func writeReplicaSets() {
        let uid = object.value(at: "metadata.uid")
        func age(_ set: JSON) -> (String, String) {
            (set.text("metadata.creationTimestamp"), set.text("metadata.name"))
        }
        var earlier = (subject.related[.replicaSets] ?? [])
            .filter { $0.controller?["uid"] == uid }.sorted { age($0) < age($1) }
        guard !earlier.isEmpty else { return }
        let template = Self.comparable(object)
        let place = earlier.firstIndex { Self.comparable($0) == template }
        let current = place.map { earlier.remove(at: $0) }
        func text(_ sets: [JSON]) -> String {
            sets.map { set in
                let counts = "\(set.count("status.replicas"))/\(set.count("spec.replicas"))"
                return set.text("metadata.name") + " (" + counts + " replicas created)"
            }.joined(separator: ", ").or("<none>")
        }
        pair(0, "OldReplicaSets", text(earlier))
        pair(0, "NewReplicaSet", text(current.map { [$0] } ?? []))
    }

    /// The template without what is added to it for each replica set.
    private static func comparable(_ workload: JSON) -> JSON? {
        var template = workload.value(at: "spec.template")
        if template["metadata"]["labels"] != nil {
            template["metadata"]["labels"]["pod-template-hash"] = JSON?.none
        }
        return template
    }

    mutating func writeReplicaSet() {
        writeName()
        pair(0, "Selector", (object.value(at: "spec.selector")?.selectorText ?? "").or("<none>"))
        writeLabelsAndAnnotations()
        writeController()
        let counts = "\(object.count("status.replicas")) current"
        pair(0, "Replicas", counts + " / \(object.count("spec.replicas")) desired")
        writePodCounts()
        writePodTemplate(object.value(at: "spec.template"))
        writeReasons()
    }

    mutating func writeStatefulSet() {
        writeName()
        rows(0, [Self.created])
        writeSelector()
        writeLabelsAndAnnotations()
        let counts = "\(object.count("spec.replicas")) desired"
        pair(0, "Replicas", counts + " | \(object.count("status.replicas")) total")
        rows(0, [Row("Update Strategy", "spec.updateStrategy.type")])
        if let steps = object.value(at: "spec.updateStrategy.rollingUpdate"),
            steps["partition"] != nil
        {
            rows(
                1, [Row("Partition", "partition"), Row("MaxUnavailable", "maxUnavailable", nil)],
                of: steps)
        }
        writePodCounts()
        writePodTemplate(object.value(at: "spec.template"))
        writeVolumeClaims(object.items("spec.volumeClaimTemplates"))
    }

    mutating func writeDaemonSet() {
        writeName()
        writeSelector()
        pair(0, "Node-Selector", object.value(at: "spec.template.spec.nodeSelector")?.labelText
            ?? "<none>")
        writeLabelsAndAnnotations()
        for (label, field) in [
            ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
            ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
            ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
            ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
            ("Number of Nodes Misscheduled", "numberMisscheduled"),
        ] {
            line(0, label + ": \(object.count("status." + field))")
        }
        writePodCounts()
        writePodTemplate(object.value(at: "spec.template"))
    }

    mutating func writeSelector() {
        pair(0, "Selector", object.value(at: "spec.selector")?.selectorText ?? "")
    }

    /// What the pods do that the object manages.
    private mutating func writePodCounts() {
        let uid = object.value(at: "metadata.uid")
        let pods = (subject.related[.selectedPods] ?? []).filter { $0.controller?["uid"] == uid }
        let counts = [
            ("Running", "Running"), ("Waiting", "Pending"), ("Succeeded", "Succeeded"),
            ("Failed", "Failed"),
        ].map { word, phase in
            "\(pods.filter { $0.text("status.phase") == phase }.count) \(word)"
        }
        pair(0, "Pods Status", counts.joined(separator: " / "))
    }

    private mutating func writeReasons() {
        let conditions = object.items("status.conditions")
        guard !conditions.isEmpty else { return }
        line(0, "Conditions:")
        table(1, ["Type", "Status", "Reason"], conditions.map { condition in
            [condition.text("type") + " ", condition.text("status"), condition.text("reason")]
        })
    }
}
