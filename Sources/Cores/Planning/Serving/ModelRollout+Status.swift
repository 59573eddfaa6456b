import ResourceModel

/// What is told of a model deployment.
extension ModelRollout {
    mutating func writeStatus() {
        var status: JSON = ["observedGeneration": .integer(deployment.generation)]
        status["url"] = .string(
            "http://\(deployment.name).\(deployment.namespace).svc.cluster.local")
        let total = revisions.values.reduce(0) { $0 + $1.total }
        let ready = revisions.values.reduce(0) { $0 + $1.ready }
        status["replicas"] = .integer(Int64(total))
        status["readyReplicas"] = .integer(Int64(ready))
        status["selector"] = .string("\(ModelRevision.deploymentLabel)=\(deployment.name)")
        status["modelStatus"] = modelStatus
        status["conditions"] = conditions
        status["traffic"] = trafficTargets
        status["latestReadyRevision"] = stable.map(JSON.string)
        status["latestCreatedRevision"] =
            targetName.map(JSON.string) ?? deployment.json.value(at: "status.latestCreatedRevision")
        tellOfInvalidSpec()
        plan.updateStatus(of: deployment, to: status)
    }

    private var targetName: String? {
        // Why there is none is told elsewhere.
        try? target.get().name
    }

    /// Says so once, when it begins.
    private mutating func tellOfInvalidSpec() {
        guard case .failure(let problem) = target else { return }
        let before = deployment.json.value(at: "status.modelStatus.lastFailureInfo.message")
        guard before.stringValue != problem.message else { return }
        tell(.warning, problem.reason, problem.message)
    }

    private var trafficTargets: JSON {
        .array(
            traffic.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.map { name, percent in
                [
                    "revisionName": .string(name), "percent": .integer(Int64(percent)),
                    "latestRevision": .bool(name == targetName),
                ]
            })
    }

    /// How far the change is, in KServe's words.
    private var transition: String {
        guard case .success(let revision) = target else { return "InvalidSpec" }
        if isBlocked { return "BlockedByFailedLoad" }
        return stable == revision.name && isLoaded(revision.name) ? "UpToDate" : "InProgress"
    }

    private func isLoaded(_ revision: String) -> Bool {
        revisions[revision].map { $0.isReady && $0.available > 0 } ?? false
    }

    private var modelStatus: JSON {
        var status: JSON = ["transitionStatus": .string(transition)]
        var states = JSON.emptyObject
        if let stable {
            let isServing = revisions[stable].map { $0.available > 0 } ?? false
            states["activeModelState"] = isServing ? "Loaded" : "Loading"
        }
        if let name = targetName { states["targetModelState"] = .string(state(of: name)) }
        status["states"] = states
        let copies = targetName.map(pods(of:)) ?? []
        let failed = copies.count { pod in
            guard pod.isActive, !pod.isReady else { return false }
            return pod.restartCount > 0 || ModelReport(of: pod.json)?.reason == "FetchFailed"
        }
        status["copies"] = [
            "failedCopies": .integer(Int64(failed)),
            "totalCopies": .integer(Int64(copies.count(where: \.isActive))),
        ]
        status["lastFailureInfo"] = failure
        return status
    }

    private func state(of revision: String) -> String {
        if failure["modelRevisionName"].stringValue == revision { return "FailedToLoad" }
        guard let present = revisions[revision] else { return "Pending" }
        if present.available > 0 { return "Loaded" }
        return present.total > 0 ? "Loading" : "Pending"
    }

    private static func isFetching(_ pod: Pod) -> Bool {
        pod.isActive && ModelReport(of: pod.json)?.reason == "Fetching"
    }

    private var conditions: JSON {
        var conditions = Conditions(deployment)
        func set(_ type: String, _ status: String, _ reason: String, _ message: String) {
            conditions.set(type, status, reason, message, at: now)
        }
        switch target {
        case .failure(let problem): set("RuntimeReady", "False", problem.reason, problem.message)
        case .success: set("RuntimeReady", "True", "RuntimeFound", "A runtime serves the format")
        }
        if let name = targetName, isLoaded(name) {
            set("ModelLoaded", "True", "ModelLoaded", "All copies have loaded the model")
        } else if let reason = failure["reason"].stringValue {
            set("ModelLoaded", "False", reason, failure["message"].stringValue ?? reason)
        } else if let name = targetName, pods(of: name).contains(where: Self.isFetching) {
            set("ModelLoaded", "Unknown", "Fetching", "A node fetches the model")
        } else {
            set("ModelLoaded", "Unknown", "Loading", "The model is being loaded")
        }
        let (isServing, reason, message) = routes
        for type in ["RoutesReady", "Ready"] {
            set(type, isServing ? "True" : "False", reason, message)
        }
        return conditions.json
    }

    /// Whether requests are served, and what there is to say about that.
    private var routes: (isServing: Bool, reason: String, message: String) {
        if isServiceNameTaken {
            let message = "Service \(deployment.name) belongs to somebody else"
            return (false, "ServiceNameTaken", message)
        }
        if service == nil { return (false, "ServiceMissing", "The service is being made") }
        let isServing = traffic.contains { name, share in
            share > 0 && (revisions[name].map { $0.available > 0 } ?? false)
        }
        let failure = failure["message"].stringValue
        if !isServing { return (false, "NoReadyCopies", failure ?? "No copy is ready") }
        let message = failure.map { "An earlier revision serves: \($0)" }
        return (true, "Serving", message ?? "The revision that is asked for serves")
    }
}
