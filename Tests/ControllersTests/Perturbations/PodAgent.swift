import Planning
import ResourceModel

/// Plays the nodes: a pod runs at once and is ready, or succeeds if its label says so; one that is
/// deleted goes.
struct PodAgent: Planner {
    static let name = "pod-agent"
    static let reads: [GroupVersionKind] = [.pod]

    func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        [object.reference]
    }

    func plan(_ reference: ObjectReference, in observed: Observed, at now: WallTime) -> Plan {
        var plan = Plan()
        guard let pod = observed.object(reference) else { return plan }
        if pod.isTerminating {
            if pod.json.value(at: "spec.nodeName") != nil, pod.finalizers.isEmpty {
                plan.append(.remove(reference, uid: pod.uid))
            }
            return plan
        }
        guard Pod(pod).phase == "Pending" else { return plan }
        let succeeds = pod.labels["succeeds"] == "yes"
        let number = abs(pod.uid.hashValue % 60_000)
        let status: JSON = [
            "phase": succeeds ? "Succeeded" : "Running", "startTime": now.json,
            "podIP": .string("127.96.\(number / 250).\(number % 250 + 1)"),
            "conditions": [
                [
                    "type": "Ready", "status": succeeds ? "False" : "True",
                    "lastTransitionTime": now.json,
                ]
            ],
        ]
        plan.append(
            .updateStatus(reference, status: status, resourceVersion: pod.resourceVersion))
        return plan
    }
}
