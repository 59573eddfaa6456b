import ResourceModel

/// What is told of a roll-out.
extension Rollout {
    /// Tells in the conditions when a deployment is paused or goes on.
    mutating func notePause() {
        let reason = progressReason
        guard deployment.progressDeadlineSeconds != nil, reason != "ProgressDeadlineExceeded"
        else { return }
        if deployment.isPaused, reason != "DeploymentPaused" {
            setProgress("DeploymentPaused", "Deployment is paused", status: "Unknown")
        } else if !deployment.isPaused, reason == "DeploymentPaused" {
            setProgress("DeploymentResumed", "Deployment is resumed", status: "Unknown")
        }
    }

    private var progressReason: String? { conditions["Progressing"]["reason"].stringValue }

    mutating func setProgress(_ reason: String, _ message: String, status: String = "True") {
        conditions.set(
            "Progressing", status, reason, message, at: now, hasUpdateTime: true, refreshes: true)
    }

    /// The last steps of a plan: old history goes, the status is told.
    mutating func finish() {
        let counts = Counts(self)
        judgeAvailability(counts)
        judgeFailures()
        if !deployment.isPaused, !deployment.isTerminating {
            judgeProgress(counts)
            if isComplete(counts) { forgetHistory() }
        }
        var status: JSON = ["observedGeneration": .integer(deployment.generation)]
        for (name, count) in counts.members where count > 0 {
            status[name] = .integer(Int64(count))
        }
        if !conditions.list.isEmpty { status["conditions"] = conditions.json }
        if collisionCount > 0 { status["collisionCount"] = .integer(Int64(collisionCount)) }
        plan.updateStatus(of: deployment, to: status)
    }

    /// How many pods there are.
    struct Counts {
        var total: Int
        var updated: Int
        var ready: Int
        var available: Int
        var unavailable: Int

        init(_ rollout: Rollout) {
            total = rollout.all.reduce(0) { $0 + $1.observedReplicas }
            updated = rollout.new?.observedReplicas ?? 0
            ready = rollout.all.reduce(0) { $0 + $1.readyReplicas }
            available = rollout.all.reduce(0) { $0 + $1.availableReplicas }
            unavailable = max(0, rollout.totalReplicas - available)
        }

        /// The names that the status has for them.
        var members: [(String, Int)] {
            [
                ("replicas", total), ("updatedReplicas", updated), ("readyReplicas", ready),
                ("availableReplicas", available), ("unavailableReplicas", unavailable),
            ]
        }
    }

    private func isComplete(_ counts: Counts) -> Bool {
        counts.updated == deployment.replicas && counts.total == deployment.replicas
            && counts.available == deployment.replicas && new != nil
    }

    private mutating func judgeAvailability(_ counts: Counts) {
        let isAvailable = counts.available >= deployment.replicas - deployment.maxUnavailable
        conditions.set(
            "Available", isAvailable ? "True" : "False",
            isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            "Deployment \(isAvailable ? "has" : "does not have") minimum availability.", at: now,
            hasUpdateTime: true)
    }

    private mutating func judgeFailures() {
        let sets = (new.map { [$0] } ?? []) + old
        let failure = sets.lazy.compactMap { Conditions($0)["ReplicaFailure"] }.first
        guard let failure else { return conditions.remove("ReplicaFailure") }
        conditions.set(
            "ReplicaFailure", failure["status"].stringValue ?? "True",
            failure["reason"].stringValue ?? "", failure["message"].stringValue ?? "", at: now,
            hasUpdateTime: true)
    }

    /// Whether the roll-out moves, is done, or has stood still for too long.
    private mutating func judgeProgress(_ counts: Counts) {
        guard let deadline = deployment.progressDeadlineSeconds else {
            return conditions.remove("Progressing")
        }
        let name = new.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(deployment.name)\""
        if counts.total == counts.updated, progressReason == "NewReplicaSetAvailable" { return }
        if isComplete(counts) {
            return setProgress("NewReplicaSetAvailable", "\(name) has successfully progressed.")
        }
        if hasMoved(counts) {
            setProgress("ReplicaSetUpdated", "\(name) is progressing.")
        }
        let settled: Set = ["NewReplicaSetAvailable", "ProgressDeadlineExceeded"]
        guard let since = WallTime(conditions["Progressing"]["lastUpdateTime"]),
            let reason = progressReason, !settled.contains(reason)
        else { return }
        let left = since.adding(seconds: Int64(deadline)).seconds(since: now)
        if left < 0 {
            setProgress(
                "ProgressDeadlineExceeded", "\(name) has timed out progressing.", status: "False")
        } else {
            plan.append(.requeue(afterSeconds: left + 1))
        }
    }

    /// Whether there are more new, fewer old or more usable pods than when it last looked.
    private func hasMoved(_ counts: Counts) -> Bool {
        let count = { deployment.integer("status." + $0) ?? 0 }
        let updated = count("updatedReplicas")
        return counts.updated > updated
            || counts.total - counts.updated < count("replicas") - updated
            || counts.ready > count("readyReplicas")
            || counts.available > count("availableReplicas")
    }
}
