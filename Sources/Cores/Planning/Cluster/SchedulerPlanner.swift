package import ResourceModel

/// Finds nodes for pods that have none, and says of those that fit nowhere why.
///
/// One plan is made for all of them together, so that each counts with those before it.
package struct SchedulerPlanner: Planner {
    /// Its name, which pods give as `schedulerName`.
    package static let name = "default-scheduler"
    /// What it looks at.
    package static let reads: [GroupVersionKind] = [.pod, .node]
    /// So many pods get their nodes by one plan at most.
    package static let bindingsMax = 500

    /// The one key that there is: all pods without a node.
    package static let key = ObjectReference(.pod, "", "without a node")

    /// Makes a planner.
    package init() {}

    /// The one key: any node or pod may bring or free what somebody waits for.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        [Self.key]
    }

    /// Nodes for pods.
    package func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        let waiting = observed[.pod].all { isWaiting(Pod($0)) }.map { Pod($0) }
            .sorted { left, right in
                (-left.priority, left.creation, left.key)
                    < (-right.priority, right.creation, right.key)
            }
        guard !waiting.isEmpty else { return Plan() }
        let placed = observed[.pod].all { Pod($0).nodeName != nil }.map { Pod($0) }
        var placement = Placement(observed[.node].all, pods: placed)
        var plan = Plan()
        for pod in waiting.prefix(Self.bindingsMax) {
            switch placement.place(pod) {
            case .node(let node):
                plan.append(.bind(pod.reference, uid: pod.uid, node: node))
                plan.emit(
                    .normal, "Scheduled", "Successfully assigned \(pod.key) to \(node)",
                    about: pod, by: Self.name)
            case .nowhere(let why): note(why, about: pod, at: now, in: &plan)
            }
        }
        if waiting.count > Self.bindingsMax { plan.append(.requeue(afterSeconds: 0)) }
        return plan
    }

    private func isWaiting(_ pod: Pod) -> Bool {
        guard pod.nodeName == nil, pod.isActive else { return false }
        let scheduler = pod.json["spec"]["schedulerName"].stringValue ?? Self.name
        let gates = pod.json["spec"]["schedulingGates"].arrayValue ?? []
        return scheduler == Self.name && gates.isEmpty
    }

    /// Says so in the pod's status, once.
    private func note(_ why: String, about pod: Pod, at now: WallTime, in plan: inout Plan) {
        var conditions = Conditions(pod)
        let before = conditions.list
        conditions.set("PodScheduled", "False", "Unschedulable", why, at: now)
        guard conditions.list != before else { return }
        var status = pod.json["status"] ?? .emptyObject
        status["conditions"] = conditions.json
        plan.updateStatus(of: pod, to: status)
        plan.emit(.warning, "FailedScheduling", why, about: pod, by: Self.name)
    }
}

extension Pod {
    /// Pods of a higher one are placed first.
    fileprivate var priority: Int { integer("spec.priority") ?? 0 }
}
