package import ResourceModel

/// Rolls out versions of a template: a replica set for each, as Kubernetes does it.
package struct DeploymentPlanner: Planner {
    /// Its name.
    package static let name = "deployment-controller"
    /// What it looks at.
    package static let reads: [GroupVersionKind] = [.deployment, .replicaSet, .pod]

    /// Makes a planner.
    package init() {}

    /// The deployment itself, or those to which a replica set or a pod belongs.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        switch object.kind {
        case .deployment: return [object.reference]
        case .pod:
            guard let controller = object.controller,
                let set = observed[.replicaSet].object(uid: controller.uid)
            else { return [] }
            return observed[.deployment].owners(of: set, kind: .deployment)
        default: return observed[.deployment].owners(of: object, kind: .deployment)
        }
    }

    /// One step of a roll-out.
    package func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        guard let object = observed.object(reference) else { return Plan() }
        let deployment = Deployment(object.json)
        guard let selector = deployment.selector, !selector.isEmpty else { return Plan() }
        let claim = Claim<ReplicaSet>(
            by: deployment, selector: selector,
            among: observed[.replicaSet].candidates(for: deployment, selector))
        var rollout = Rollout(
            of: deployment, sets: claim.owned.filter { !$0.isTerminating }, plan: claim.plan,
            at: now)
        if !deployment.isTerminating {
            if !deployment.isPaused, rollout.claimRevision() { return rollout.plan }
            rollout.notePause()
            if deployment.isPaused {
                rollout.scaleWhilePaused()
            } else if deployment.recreates {
                rollout.recreate(in: observed)
            } else {
                rollout.roll(in: observed)
            }
        }
        rollout.finish()
        return rollout.plan
    }
}

/// One look at a deployment and its replica sets, and what follows from it.
struct Rollout {
    let deployment: Deployment
    /// The replica set of the present template; the oldest, should there be several.
    let new: ReplicaSet?
    /// Those of earlier templates, oldest first.
    let old: [ReplicaSet]
    let now: WallTime
    var plan: Plan
    var conditions: Conditions
    var collisionCount: Int

    init(of deployment: Deployment, sets: [ReplicaSet], plan: Plan, at now: WallTime) {
        self.deployment = deployment
        self.plan = plan
        self.now = now
        conditions = Conditions(deployment)
        collisionCount = deployment.collisionCount
        let sorted = sets.sorted { ($0.creation, $0.name) < ($1.creation, $1.name) }
        let wanted = Deployment.comparable(deployment.template)
        let new = sorted.first { Deployment.comparable($0.template) == wanted }
        self.new = new
        old = sorted.filter { $0.uid != new?.uid }
    }

    /// All replica sets.
    var all: [ReplicaSet] { old + (new.map { [$0] } ?? []) }

    /// How many pods all replica sets want.
    var totalReplicas: Int { all.reduce(0) { $0 + $1.replicas } }

    mutating func scale(_ set: ReplicaSet, to count: Int) {
        guard count != set.replicas else { return }
        plan.append(
            .scale(
                set.reference, from: set.replicas, to: count,
                resourceVersion: set.resourceVersion))
        tellOfScaling(set.name, from: set.replicas, to: count)
    }

    mutating func tellOfScaling(_ name: String, from before: Int, to after: Int) {
        let direction = after > before ? "up" : "down"
        plan.emit(
            .normal, "ScalingReplicaSet",
            "Scaled \(direction) replica set \(name) from \(before) to \(after)",
            about: deployment, by: DeploymentPlanner.name)
    }
}

/// The replica set of the present template.
extension Rollout {
    /// Annotations that belong to the deployment alone.
    private static let ownAnnotations: Set<String> = [
        "kubectl.kubernetes.io/last-applied-configuration", Deployment.revisionAnnotation,
        "deployment.kubernetes.io/revision-history", "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas", "deprecated.deployment.rollback.to",
    ]

    /// Revisions count up: a template that comes back gets a new one.
    private var revision: Int64 {
        max(new?.revision ?? 0, (old.map(\.revision).max() ?? 0) + 1)
    }

    /// Writes the revision down in the deployment, before anything is done for it: whoever plans
    /// from an old deployment is refused, and does not roll back what was rolled out since.
    /// - Returns: whether it has to be written.
    mutating func claimRevision() -> Bool {
        let text = "\(revision)"
        guard deployment.annotation(Deployment.revisionAnnotation) != text else { return false }
        plan.append(
            .patch(
                deployment.reference,
                [
                    "metadata": [
                        "annotations": [Deployment.revisionAnnotation: .string(text)],
                        "resourceVersion": .string(deployment.resourceVersion),
                    ]
                ]))
        return true
    }

    /// Makes the replica set, or keeps it as it is to be.
    mutating func prepareNew(replicas: Int, in observed: Observed) {
        if let new {
            update(new)
        } else {
            createNew(replicas: replicas, in: observed)
        }
    }

    private var annotations: JSON {
        var annotations = deployment.metadata["annotations"] ?? .emptyObject
        annotations.withMembers { members in
            members.removeAll { Self.ownAnnotations.contains($0.name) }
        }
        annotations[Deployment.revisionAnnotation] = .string("\(revision)")
        return annotations
    }

    private mutating func update(_ set: ReplicaSet) {
        let present = set.metadata["annotations"]
        var patch = JSON.emptyObject
        for member in annotations.objectValue?.members ?? []
        where present[member.name] != member.value {
            patch["metadata"]["annotations"][member.name] = member.value
        }
        if set.minReadySeconds != deployment.minReadySeconds {
            patch["spec"]["minReadySeconds"] = .integer(Int64(deployment.minReadySeconds))
        }
        if patch != .emptyObject { plan.append(.patch(set.reference, patch)) }
        if conditions["Progressing"] == nil, deployment.progressDeadlineSeconds != nil {
            setProgress("FoundNewReplicaSet", "Found new replica set \"\(set.name)\"")
        }
    }

    private mutating func createNew(replicas: Int, in observed: Observed) {
        let template = Deployment.comparable(deployment.template)
        let hash = ChildNames.hash(template, collisions: collisionCount)
        let name = "\(deployment.name.prefix(63 - hash.utf8.count - 1))-\(hash)"
        guard observed[.replicaSet][ObjectKey(deployment.namespace, name)] == nil else {
            // Somebody else has this name: the next hash is another one.
            collisionCount += 1
            return
        }
        plan.append(
            .create(newSet(name: name, hash: hash, template: template, replicas: replicas)))
        if replicas > 0 { tellOfScaling(name, from: 0, to: replicas) }
        if deployment.progressDeadlineSeconds != nil {
            setProgress("NewReplicaSetCreated", "Created new replica set \"\(name)\"")
        }
    }

    private func newSet(name: String, hash: String, template: JSON, replicas: Int) -> JSON {
        var template = template
        template["metadata"]["labels"][Deployment.hashLabel] = .string(hash)
        var selector = deployment.json.value(at: "spec.selector") ?? .emptyObject
        selector["matchLabels"][Deployment.hashLabel] = .string(hash)
        var spec: JSON = [
            "replicas": .integer(Int64(replicas)), "selector": selector, "template": template,
        ]
        if deployment.minReadySeconds > 0 {
            spec["minReadySeconds"] = .integer(Int64(deployment.minReadySeconds))
        }
        return [
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": [
                "name": .string(name), "namespace": .string(deployment.namespace),
                "labels": template["metadata"]["labels"] ?? .emptyObject,
                "annotations": annotations,
                "ownerReferences": [deployment.controllerReference],
            ],
            "spec": spec,
        ]
    }
}
