package import ResourceModel

/// Serves a model: a Deployment for each revision (a version of the model on a version of its
/// runtime), one Service for all, and the shares of traffic that each gets. A new revision is
/// tried beside the one that serves, and given up if it does not become ready in time.
///
/// Shares are in the Service's annotation `keelson.dev/traffic`, as in `{"web-x":80,"web-y":20}`,
/// by the value of the pods' label `keelson.dev/traffic-group`.
package struct ModelDeploymentPlanner: Planner {
    /// Its name.
    package static let name = "modeldeployment-controller"
    /// What it looks at.
    package static let reads: [GroupVersionKind] = [
        .modelDeployment, .model, .servingRuntime, .deployment, .service, .pod,
    ]
    /// The annotation of a Service that shares its traffic out.
    package static let trafficAnnotation = "keelson.dev/traffic"

    /// Makes a planner.
    package init() {}

    /// The model deployment itself, that to which an object belongs, or those that may use a
    /// model or a runtime.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        let deployments = observed[.modelDeployment]
        switch object.kind {
        case .modelDeployment: return [object.reference]
        case .model:
            let name = ModelResolution.sharedName(of: object)
            return deployments.inNamespace(object.namespace).filter {
                $0.json.value(at: "spec.model.name").stringValue == name
            }.map(\.reference)
        case .servingRuntime: return deployments.inNamespace(object.namespace).map(\.reference)
        case .pod:
            guard let name = object.labels[ModelRevision.deploymentLabel].stringValue else {
                return []
            }
            let reference = ObjectReference(.modelDeployment, object.namespace, name)
            return observed.object(reference).map { [$0.reference] } ?? []
        default: return deployments.owners(of: object, kind: .modelDeployment)
        }
    }

    /// One step towards the model that is asked for.
    package func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        guard let object = observed.object(reference), !object.isTerminating else { return Plan() }
        var rollout = ModelRollout(of: ModelDeployment(object.json), in: observed, at: now)
        rollout.step()
        return rollout.plan
    }
}

/// One look at a model deployment, and what follows from it.
struct ModelRollout {
    let deployment: ModelDeployment
    let observed: Observed
    let now: WallTime
    var plan = Plan()
    /// What is asked for, or why it cannot be had.
    let target: Result<ModelRevision, ModelResolution.Failure>
    /// The Deployments of its revisions, by name.
    let revisions: [String: Revision]
    /// The shares of traffic, by revision.
    var traffic: [String: Int] = [:]
    /// The newest revision that was promoted: it serves, or has served, all requests.
    var stable: String?
    /// Why the target does not serve, or why it was given up.
    var failure: JSON?
    /// Whether it is waited for no longer.
    var isBlocked: Bool

    /// The Deployment of a revision.
    struct Revision {
        let json: JSON
        var resource: Resource { Resource(json) }
        var replicas: Int { resource.integer("spec.replicas") ?? 1 }
        var total: Int { resource.integer("status.replicas") ?? 0 }
        var ready: Int { resource.integer("status.readyReplicas") ?? 0 }
        var available: Int { resource.integer("status.availableReplicas") ?? 0 }

        /// Whether all copies that are wanted serve.
        var isReady: Bool {
            available >= replicas
                && resource.integer("status.observedGeneration") ?? 0 >= Int(resource.generation)
        }

        /// Whether it took too long to become ready.
        var isOverdue: Bool {
            Conditions(resource)["Progressing"]["reason"] == "ProgressDeadlineExceeded"
        }
    }

    init(of deployment: ModelDeployment, in observed: Observed, at now: WallTime) {
        self.deployment = deployment
        self.observed = observed
        self.now = now
        do {
            target = .success(
                ModelRevision(of: deployment, try ModelResolution(deployment, in: observed)))
        } catch {
            target = .failure(error)
        }
        let owned = observed[.deployment].owned(by: deployment.uid).filter { !$0.isTerminating }
        let revisions = Dictionary(
            uniqueKeysWithValues: owned.map { ($0.name, Revision(json: $0.json)) })
        self.revisions = revisions
        stable = deployment.latestReadyRevision.flatMap { revisions[$0] == nil ? nil : $0 }
        let status = deployment.json.value(at: "status.modelStatus")
        failure = status["lastFailureInfo"]
        isBlocked = status["transitionStatus"] == "BlockedByFailedLoad"
    }

    /// Whether the target was given up; it is not tried again until another is asked for.
    func isGivenUp(_ revision: ModelRevision) -> Bool {
        isBlocked && stable != revision.name
    }
}

extension ModelRollout {
    mutating func step() {
        switch target {
        case .failure(let problem):
            failure = [
                "reason": .string(problem.reason), "message": .string(problem.message),
                "time": failure["message"].stringValue == problem.message
                    ? failure["time"] ?? now.json : now.json,
            ]
            if let stable { traffic = [stable: 100] }
        case .success(let revision):
            if failure["modelRevisionName"].stringValue != revision.name {
                failure = nil
                isBlocked = false
            }
            roll(to: revision)
            prepareService()
            forgetOthers(than: revision)
        }
        writeStatus()
    }

    private mutating func roll(to revision: ModelRevision) {
        guard let stable, stable != revision.name else { return serveAlone(revision) }
        traffic = [stable: 100]
        scale(stable, to: deployment.replicas)
        if isGivenUp(revision) { return scale(revision.name, to: 0) }
        let canary = deployment.canaryPercent
        let copies = canary.map { max(1, ($0 * deployment.replicas + 99) / 100) }
        let wanted = deployment.replicas == 0 ? 0 : copies ?? deployment.replicas
        guard let present = revisions[revision.name] else {
            return create(revision, replicas: wanted)
        }
        scale(revision.name, to: wanted)
        noteTrouble(of: revision)
        if present.isOverdue { return giveUp(revision, keeping: stable) }
        if present.isReady, present.replicas == wanted {
            guard let canary else { return promote(revision) }
            share(canary, to: revision, besides: stable)
        } else if present.available > 0, let share = presentShare(of: revision) {
            // It serves already, while it is being scaled: that is no reason to take it away.
            self.share(canary ?? share, to: revision, besides: stable)
        }
    }

    private mutating func share(
        _ percent: Int, to revision: ModelRevision, besides stable: String
    ) {
        traffic = [stable: 100 - percent, revision.name: percent]
    }

    /// The share of traffic that a revision has; nil if it has none.
    private func presentShare(of revision: ModelRevision) -> Int? {
        let targets = deployment.json.value(at: "status.traffic").arrayValue ?? []
        let target = targets.first { $0["revisionName"].stringValue == revision.name }
        return target["percent"].integerValue.flatMap { $0 > 0 ? Int($0) : nil }
    }

    /// There is no other revision that could serve.
    private mutating func serveAlone(_ revision: ModelRevision) {
        traffic = [revision.name: 100]
        guard let present = revisions[revision.name] else {
            return create(revision, replicas: deployment.replicas)
        }
        scale(revision.name, to: deployment.replicas)
        if stable == revision.name {
            failure = nil
            isBlocked = false
        } else if present.isReady || present.available > 0 {
            // As soon as it serves: from then on a newer one must not take it away.
            promote(revision)
        } else {
            noteTrouble(of: revision)
            if present.isOverdue { noteFailure(of: revision) }
        }
    }

    private mutating func promote(_ revision: ModelRevision) {
        traffic = [revision.name: 100]
        stable = revision.name
        failure = nil
        isBlocked = false
        tell(.normal, "Promoted", "Revision \(revision.name) serves all requests")
    }

    private mutating func giveUp(_ revision: ModelRevision, keeping stable: String) {
        noteFailure(of: revision)
        scale(revision.name, to: 0)
        tell(
            .warning, "RolledBack",
            "Revision \(revision.name) did not become ready in time; \(stable) goes on serving")
    }
}

/// What is made and changed on the way.
extension ModelRollout {
    private mutating func create(_ revision: ModelRevision, replicas: Int) {
        plan.append(.create(revision.deployment(replicas: replicas)))
        tell(.normal, "RevisionCreated", "Created revision \(revision.name)")
    }

    private mutating func scale(_ name: String, to count: Int) {
        guard let revision = revisions[name], revision.replicas != count else { return }
        plan.append(
            .scale(
                revision.resource.reference, from: revision.replicas, to: count,
                resourceVersion: revision.resource.resourceVersion))
    }

    /// Revisions that neither serve nor are asked for go.
    private mutating func forgetOthers(than revision: ModelRevision) {
        // What was promoted just now is known to have been so by the next plan only.
        let kept = [revision.name, stable, deployment.latestReadyRevision]
        for (name, other) in revisions.sorted(by: { $0.key < $1.key }) where !kept.contains(name) {
            let reference = other.resource.reference
            plan.append(.delete(reference, uid: other.resource.uid, .background))
        }
    }

    /// The Service of the deployment's name, if it is ours.
    var service: Resource? {
        let found = observed[.service][deployment.key]
        return found?.controller?.uid == deployment.uid ? found : nil
    }

    /// Whether the Service's name is somebody else's.
    var isServiceNameTaken: Bool {
        service == nil && observed[.service][deployment.key] != nil
    }

    private mutating func prepareService() {
        guard !isServiceNameTaken else { return }
        var shares = JSON.emptyObject
        for (name, share) in traffic.sorted(by: { $0.key < $1.key }) {
            shares[name] = .integer(Int64(share))
        }
        let text = JSON.string(shares.encodedText)
        guard let service else { return plan.append(.create(newService(traffic: text))) }
        guard service.metadata["annotations"][ModelDeploymentPlanner.trafficAnnotation] != text
        else { return }
        plan.append(
            .patch(
                service.reference,
                ["metadata": ["annotations": [ModelDeploymentPlanner.trafficAnnotation: text]]]))
        tell(.normal, "TrafficChanged", "Requests go by \(shares.encodedText)")
    }

    private func newService(traffic: JSON) -> JSON {
        let labels: JSON = [ModelRevision.deploymentLabel: .string(deployment.name)]
        return [
            "apiVersion": "v1", "kind": "Service",
            "metadata": [
                "name": .string(deployment.name), "namespace": .string(deployment.namespace),
                "labels": labels,
                "annotations": [ModelDeploymentPlanner.trafficAnnotation: traffic],
                "ownerReferences": [deployment.controllerReference],
            ],
            "spec": [
                "type": "ClusterIP", "selector": labels,
                "ports": [
                    [
                        "name": .string(ModelRevision.portName), "port": 80, "protocol": "TCP",
                        "targetPort": .string(ModelRevision.portName),
                    ]
                ],
            ],
        ]
    }

    mutating func tell(_ type: EventNote.Kind, _ reason: String, _ message: String) {
        plan.emit(type, reason, message, about: deployment, by: ModelDeploymentPlanner.name)
    }
}
