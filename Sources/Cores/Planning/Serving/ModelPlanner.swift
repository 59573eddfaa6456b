package import ResourceModel

/// Tells in the status of each version of a model who serves it, whether it can be loaded, and
/// what the nodes have found when they fetched it.
package struct ModelPlanner: Planner {
    /// Its name.
    package static let name = "model-controller"
    /// What it looks at.
    package static let reads: [GroupVersionKind] = [.model, .modelDeployment, .pod]

    /// Makes a planner.
    package init() {}

    /// The version that a pod serves; else all versions of the model, as which of them is the
    /// newest may have changed.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        if object.kind == .pod {
            let version = object.annotation(ModelRevision.modelAnnotation)
            return version.map { [ObjectReference(.model, object.namespace, $0)] } ?? []
        }
        let name =
            object.kind == .model
            ? ModelResolution.sharedName(of: object)
            : object.json.value(at: "spec.model.name").stringValue
        let versions = observed[.model].inNamespace(object.namespace).filter {
            ModelResolution.sharedName(of: $0) == name
        }
        return versions.map(\.reference)
    }

    /// The status of a version.
    package func plan(
        _ reference: ObjectReference, in observed: Observed, at now: WallTime
    ) -> Plan {
        var plan = Plan()
        guard let model = observed.object(reference), !model.isTerminating else { return plan }
        let users = observed[.modelDeployment].inNamespace(model.namespace)
            .map { ModelDeployment($0.json) }
            .filter { ModelResolution.model(of: $0, in: observed)?.uid == model.uid }
        var status = model.json["status"] ?? .emptyObject
        status["observedGeneration"] = .integer(model.generation)
        status["deployments"] =
            users.isEmpty ? nil : .array(users.map { JSON.string($0.name) })
        if let phase = phase(users) { status["phase"] = .string(phase) }
        if let (sha256, sizeBytes) = fetched(model, observed) {
            status["sha256"] = .string(sha256)
            status["sizeBytes"] = .integer(sizeBytes)
        }
        status["conditions"] = conditions(of: model, users, at: now)
        plan.updateStatus(of: model, to: status)
        return plan
    }

    /// What a node has fetched for a pod that serves it; nil if none has.
    private func fetched(_ model: Resource, _ observed: Observed) -> (String, Int64)? {
        for pod in observed[.pod].inNamespace(model.namespace)
        where pod.annotation(ModelRevision.modelAnnotation) == model.name {
            guard case .fetched(let sha256, let sizeBytes) = ModelReport(of: pod.json) else {
                continue
            }
            return (sha256, sizeBytes)
        }
        return nil
    }

    /// Why it cannot be used, where that is known.
    private func conditions(
        of model: Resource, _ users: [ModelDeployment], at now: WallTime
    ) -> JSON? {
        var conditions = Conditions(model)
        switch phase(users) {
        case "Ready":
            conditions.set("Ready", "True", "Loaded", "A deployment serves it", at: now)
        case "Failed":
            let failures = users.map { $0.json.value(at: "status.modelStatus.lastFailureInfo") }
            let failure = failures.first { $0 != nil } ?? nil
            conditions.set(
                "Ready", "False", failure["reason"].stringValue ?? "ModelLoadFailed",
                failure["message"].stringValue ?? "It could not be loaded", at: now)
        default: break
        }
        return conditions.list.isEmpty ? nil : conditions.json
    }

    /// What loading it has come to; nil if nobody has tried, which leaves it as it was.
    private func phase(_ users: [ModelDeployment]) -> String? {
        let states = users.filter { deployment in
            deployment.integer("status.observedGeneration") ?? 0 >= Int(deployment.generation)
        }.map { $0.json.value(at: "status.modelStatus.states.targetModelState").stringValue }
        if states.contains("Loaded") { return "Ready" }
        return states.contains("FailedToLoad") ? "Failed" : nil
    }
}
