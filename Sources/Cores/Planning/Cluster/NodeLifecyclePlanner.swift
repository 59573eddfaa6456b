package import ResourceModel

/// Notices nodes that are silent, keeps new pods off those that are not ready, and moves pods away
/// from those that stay so.
package struct NodeLifecyclePlanner: Planner {
    /// Its name.
    package static let name = "node-controller"
    /// What it looks at.
    package static let reads: [GroupVersionKind] = [.node, .leaseResource, .pod]
    /// Where nodes renew their leases.
    package static let leaseNamespace = "kube-node-lease"

    static let notReady = "node.kubernetes.io/not-ready"
    static let unreachable = "node.kubernetes.io/unreachable"

    /// A node that was silent for so long is unreachable.
    private let gracePeriodSeconds: Int64
    /// How long a pod that does not say stays on a node that is not ready.
    private let tolerationSeconds: Int64

    /// Makes a planner.
    package init(gracePeriodSeconds: Int64 = 40, tolerationSeconds: Int64 = 300) {
        self.gracePeriodSeconds = gracePeriodSeconds
        self.tolerationSeconds = tolerationSeconds
    }

    /// The node itself, or that of a lease or a pod.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        switch object.kind {
        case .node: return [object.reference]
        case .leaseResource:
            return object.namespace == Self.leaseNamespace
                ? [ObjectReference(.node, "", object.name)] : []
        default:
            guard let name = Pod(object).nodeName else { return [] }
            let reference = ObjectReference(.node, "", name)
            let isQuiet = observed.object(reference).map(isQuiet) ?? false
            return isQuiet ? [] : [reference]
        }
    }

    /// Whether nothing about a node concerns its pods.
    private func isQuiet(_ node: Resource) -> Bool {
        Conditions(node).isTrue("Ready")
            && !Taint.all(of: node).contains { $0.effect == "NoExecute" }
    }

    /// What is to be said about a node, and what becomes of its pods.
    package func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        var plan = Plan()
        let pods = observed[.pod].all { Pod($0).nodeName == reference.name }.map { Pod($0) }
        guard let node = observed.object(reference) else {
            forgetPods(pods, ifGoneFrom: observed[.node], &plan)
            return plan
        }
        judgeHeartbeat(of: node, lease: observed[.leaseResource], at: now, &plan)
        guard plan.isSettled else { return plan }
        let status = Conditions(node)["Ready"]["status"].stringValue
        setTaints(of: node, isReady: status == "True", isSilent: status == "Unknown", now, &plan)
        if status != "True" { markNotReady(pods, at: now, &plan) }
        for pod in pods { evict(pod, from: node, at: now, &plan) }
        return plan
    }

    /// Pods of a node that does not exist go, as nobody else will say that they are gone.
    private func forgetPods(_ pods: [Pod], ifGoneFrom nodes: ObjectCache, _ plan: inout Plan) {
        for pod in pods {
            guard nodes.resourceVersion >= pod.version else {
                plan.append(.requeue(afterSeconds: 1))
                continue
            }
            plan.append(.remove(pod.reference, uid: pod.uid))
        }
    }

    private func judgeHeartbeat(
        of node: Resource, lease: ObjectCache, at now: WallTime, _ plan: inout Plan
    ) {
        let lease = lease[ObjectKey(Self.leaseNamespace, node.name)]
        let renewal = WallTime(lease?.json.value(at: "spec.renewTime"))
        let ready = Conditions(node)["Ready"]
        let heartbeat =
            max(renewal ?? node.creation, WallTime(ready["lastHeartbeatTime"]) ?? node.creation)
        let left = heartbeat.adding(seconds: gracePeriodSeconds).seconds(since: now)
        guard left < 0 else { return plan.append(.requeue(afterSeconds: left + 1)) }
        var conditions = Conditions(node)
        for type in ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] {
            let isKnown = conditions[type] != nil
            guard isKnown || type == "Ready", conditions[type]["status"] != "Unknown" else {
                continue
            }
            conditions.set(
                type, "Unknown", isKnown ? "NodeStatusUnknown" : "NodeStatusNeverUpdated",
                isKnown
                    ? "Kubelet stopped posting node status."
                    : "Kubelet never posted node status.", at: now)
        }
        guard conditions.list != Conditions(node).list else { return }
        var status = node.json["status"] ?? .emptyObject
        status["conditions"] = conditions.json
        plan.updateStatus(of: node, to: status)
        plan.emit(
            .normal, "NodeNotReady", "Node \(node.name) status is now: NodeNotReady", about: node,
            by: Self.name)
    }

    private func setTaints(
        of node: Resource, isReady: Bool, isSilent: Bool, _ now: WallTime, _ plan: inout Plan
    ) {
        let wantedKey = isReady ? nil : isSilent ? Self.unreachable : Self.notReady
        let present = node.json.value(at: "spec.taints").arrayValue ?? []
        let own: Set = [Self.notReady, Self.unreachable]
        var taints = present.filter { taint in
            let key = taint["key"].stringValue ?? ""
            return !own.contains(key) || key == wantedKey
        }
        for effect in ["NoSchedule", "NoExecute"] where wantedKey != nil {
            let key = JSON.string(wantedKey ?? "")
            if taints.contains(where: { $0["key"] == key && $0["effect"].stringValue == effect }) {
                continue
            }
            taints.append(["key": key, "effect": .string(effect), "timeAdded": now.json])
        }
        guard taints != present else { return }
        plan.append(
            .patch(
                node.reference,
                [
                    "metadata": ["resourceVersion": .string(node.resourceVersion)],
                    "spec": ["taints": .array(taints)],
                ]))
    }

    /// Nobody can say that they serve: services must not lead there any more.
    private func markNotReady(_ pods: [Pod], at now: WallTime, _ plan: inout Plan) {
        for pod in pods where pod.isReady {
            var conditions = Conditions(pod)
            conditions.set("Ready", "False", "NodeNotReady", "Node is not ready", at: now)
            var status = pod.json["status"] ?? .emptyObject
            status["conditions"] = conditions.json
            plan.updateStatus(of: pod, to: status)
        }
    }

    /// Deletes a pod that has been on a node longer than it puts up with the node's taints.
    private func evict(
        _ pod: Pod, from node: Resource, at now: WallTime, _ plan: inout Plan
    ) {
        guard !pod.isTerminating else { return }
        let taints = node.json.value(at: "spec.taints").arrayValue ?? []
        let deadlines = taints.compactMap { deadline(of: pod, under: $0, at: now) }
        guard let deadline = deadlines.min() else { return }
        if deadline <= now {
            plan.append(.delete(pod.reference, uid: pod.uid, .background))
            plan.emit(
                .normal, "TaintManagerEviction", "Marking for deletion Pod \(pod.key)", about: pod,
                by: Self.name)
        } else {
            plan.append(.requeue(afterSeconds: deadline.seconds(since: now)))
        }
    }

    /// Until when a pod puts up with a taint; nil if for ever.
    private func deadline(of pod: Pod, under json: JSON, at now: WallTime) -> WallTime? {
        let taint = Taint(json)
        guard taint.effect == "NoExecute" else { return nil }
        let tolerations = Toleration.all(of: pod).filter { $0.tolerates(taint) }
        let since = WallTime(json["timeAdded"]) ?? now
        if tolerations.isEmpty {
            let isOwn = [Self.notReady, Self.unreachable].contains(taint.key)
            return isOwn ? since.adding(seconds: tolerationSeconds) : now
        }
        return tolerations.compactMap(\.seconds).min().map { since.adding(seconds: max(0, $0)) }
    }
}
