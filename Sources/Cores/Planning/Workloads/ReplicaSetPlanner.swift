package import ResourceModel

/// Keeps as many pods of a template as are wanted.
package struct ReplicaSetPlanner: Planner {
    /// Its name.
    package static let name = "replicaset-controller"
    /// What it looks at.
    package static let reads: [GroupVersionKind] = [.replicaSet, .pod]
    /// So many pods are made or deleted by one plan at most.
    package static let burstMax = 500

    /// Makes a planner.
    package init() {}

    /// The replica set itself, or those to which a pod belongs.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        object.kind == .replicaSet
            ? [object.reference] : observed[.replicaSet].owners(of: object, kind: .replicaSet)
    }

    /// One step towards `spec.replicas` pods.
    package func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        guard let object = observed.object(reference) else { return Plan() }
        let set = ReplicaSet(object.json)
        guard let selector = set.selector, !selector.isEmpty else { return Plan() }
        let candidates: [Pod] = observed[.pod].candidates(for: set, selector)
        let claim = Claim(by: set, selector: selector, among: candidates.filter(\.isActive))
        var plan = claim.plan
        let pods = claim.owned
        let failure = observed.failures[reference]
        let status = status(of: set, pods, failure, at: now)
        // What failed last time may fail again, and nothing after it is done: so tell it first.
        if failure != nil { plan.updateStatus(of: set, to: status) }
        if !set.isTerminating {
            if pods.count < set.replicas {
                let count = min(set.replicas - pods.count, Self.burstMax)
                create(count, for: set, in: observed[.pod], &plan)
            } else if pods.count > set.replicas {
                let count = min(pods.count - set.replicas, Self.burstMax)
                for pod in DeletionOrder.first(count, of: pods) { delete(pod, of: set, &plan) }
            }
        }
        if failure == nil { plan.updateStatus(of: set, to: status) }
        let waits = pods.compactMap {
            $0.secondsUntilAvailable(minReadySeconds: set.minReadySeconds, at: now)
        }
        if let wait = waits.filter({ $0 > 0 }).min() { plan.append(.requeue(afterSeconds: wait)) }
        return plan
    }

    private func create(
        _ count: Int, for set: ReplicaSet, in pods: ObjectCache, _ plan: inout Plan
    ) {
        for name in ChildNames.free(count, of: set, in: pods) {
            plan.append(.create(Pod.make(from: set.template, name: name, ownedBy: set)))
            plan.emit(
                .normal, "SuccessfulCreate", "Created pod: \(name)", about: set, by: Self.name)
        }
    }

    private func delete(_ pod: Pod, of set: ReplicaSet, _ plan: inout Plan) {
        plan.append(.delete(pod.reference, uid: pod.uid, .background))
        plan.emit(
            .normal, "SuccessfulDelete", "Deleted pod: \(pod.name)", about: set, by: Self.name)
    }

    private func status(
        of set: ReplicaSet, _ pods: [Pod], _ failure: APIFailure?, at now: WallTime
    ) -> JSON {
        let wanted = set.template["metadata"]["labels"].objectValue?.members ?? []
        let counts: [(String, Int)] = [
            (
                "fullyLabeledReplicas",
                pods.count { pod in wanted.allSatisfy { pod.labels[$0.name] == $0.value } }
            ),
            ("readyReplicas", pods.count(where: \.isReady)),
            (
                "availableReplicas",
                pods.count { pod in
                    pod.secondsUntilAvailable(minReadySeconds: set.minReadySeconds, at: now) == 0
                }
            ),
        ]
        var status: JSON = ["replicas": .integer(Int64(pods.count))]
        for (name, count) in counts where count > 0 { status[name] = .integer(Int64(count)) }
        status["observedGeneration"] = .integer(set.generation)
        var conditions = Conditions(set)
        if let failure {
            let reason = pods.count < set.replicas ? "FailedCreate" : "FailedDelete"
            conditions.set("ReplicaFailure", "True", reason, failure.message, at: now)
        } else {
            conditions.remove("ReplicaFailure")
        }
        if !conditions.list.isEmpty { status["conditions"] = conditions.json }
        return status
    }
}

/// What planners ask of a replica set.
struct ReplicaSet: ObjectView {
    let json: JSON

    init(_ json: JSON) {
        self.json = json
    }

    /// How many pods there are to be.
    var replicas: Int { integer("spec.replicas") ?? 1 }
    /// What the pods run.
    var template: JSON? { json.value(at: "spec.template") }
    /// How long a pod must be ready to count as available.
    var minReadySeconds: Int { integer("spec.minReadySeconds") ?? 0 }
    /// How many pods it had when it last looked.
    var observedReplicas: Int { integer("status.replicas") ?? 0 }
    /// How many of them were ready.
    var readyReplicas: Int { integer("status.readyReplicas") ?? 0 }
    /// How many of them were available.
    var availableReplicas: Int { integer("status.availableReplicas") ?? 0 }
}
