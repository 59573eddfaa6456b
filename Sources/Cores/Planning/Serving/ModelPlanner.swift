package import ResourceModel

/// Tells in the status of each version of a model who serves it, and whether it can be loaded.
package struct ModelPlanner: Planner {
    /// Its name.
    package static let name = "model-controller"
    /// What it looks at.
    package static let reads: [GroupVersionKind] = [.model, .modelDeployment]

    /// Makes a planner.
    package init() {}

    /// All versions of the model, as which of them is the newest may have changed.
    package func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
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
        plan.updateStatus(of: model, to: status)
        return plan
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
