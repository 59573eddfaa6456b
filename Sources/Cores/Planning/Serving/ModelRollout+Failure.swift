import ResourceModel

/// Why a revision does not serve, as its copies tell it.
extension ModelRollout {
    /// What keeps a copy from serving.
    private struct Trouble {
        /// A reason of `lastFailureInfo`.
        var reason = "ModelLoadFailed"
        var message: String
        var exitCode: Int64?
    }

    /// Says at once what is wrong with a revision that is not ready yet; it is tried on.
    mutating func noteTrouble(of revision: ModelRevision) {
        let found = pods(of: revision.name).lazy.filter { $0.isActive && !$0.isReady }
            .compactMap { pod in Self.trouble(of: pod).map { (pod.name, $0) } }.first
        guard let (pod, trouble) = found else {
            // What kept it from being ready in time is still what is known of it.
            if !isBlocked { failure = nil }
            return
        }
        note(trouble, at: pod, of: revision.name)
    }

    /// Says why a revision is waited for no longer.
    mutating func noteFailure(of revision: ModelRevision) {
        isBlocked = true
        guard failure == nil else { return }
        var message = "not ready within \(deployment.progressDeadlineSeconds) seconds"
        for pod in pods(of: revision.name) {
            guard case .fetching(let progress) = ModelReport(of: pod.json) else { continue }
            message += ", still fetching \(progress)"
            break
        }
        note(Trouble(message: message), at: nil, of: revision.name)
    }

    /// What is known already keeps its time and place.
    private mutating func note(_ trouble: Trouble, at pod: String?, of revision: String) {
        let isKnown =
            failure["message"].stringValue == trouble.message
            && failure["modelRevisionName"].stringValue == revision
        guard !isKnown else { return }
        var info: JSON = [
            "reason": .string(trouble.reason), "message": .string(trouble.message),
            "modelRevisionName": .string(revision), "time": now.json,
        ]
        info["location"] = pod.map(JSON.string)
        info["exitCode"] = trouble.exitCode.map(JSON.integer)
        failure = info
        tell(.warning, trouble.reason, "Revision \(revision): \(trouble.message)")
    }

    private static func trouble(of pod: Pod) -> Trouble? {
        if case .failed(let message) = ModelReport(of: pod.json) {
            return Trouble(message: message)
        }
        for status in pod.json.value(at: "status.containerStatuses").arrayValue ?? [] {
            let name = status["name"].stringValue ?? ""
            if let ended = status["state"]["terminated"] ?? status["lastState"]["terminated"] {
                return trouble(of: name, ended)
            }
            let waiting = status["state"]["waiting"]
            guard let message = waiting["message"].stringValue,
                let reason = waiting["reason"].stringValue, reason != "FetchingModel"
            else { continue }
            return Trouble(
                reason: "RuntimeUnhealthy", message: "container \(name): \(reason): \(message)")
        }
        return nil
    }

    private static func trouble(of container: String, _ ended: JSON) -> Trouble {
        let reason = ended["reason"].stringValue ?? ""
        let code = ended["exitCode"].integerValue
        var message = "container \(container) ended with exit code \(code ?? 0) (\(reason))"
        if let detail = ended["message"].stringValue { message += ": \(detail)" }
        let isRuntimes = reason == "StartError"
        return Trouble(
            reason: isRuntimes ? "RuntimeUnhealthy" : "ModelLoadFailed", message: message,
            exitCode: code)
    }

    /// The copies of a revision, by name.
    func pods(of revision: String) -> [Pod] {
        let selector = LabelSelector([
            .init(ModelRevision.deploymentLabel, .equals, [deployment.name]),
            .init(ModelRevision.revisionLabel, .equals, [revision]),
        ])
        return observed[.pod].matching(selector, in: deployment.namespace).map { Pod($0) }
            .sorted { $0.name < $1.name }
    }
}
