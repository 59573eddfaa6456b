import ResourceModel

/// How pods of one template are replaced by those of another.
extension Rollout {
    /// A rolling update: new pods as far as there may be too many, then old ones away as far as
    /// there may be too few.
    mutating func roll(in observed: Observed) {
        let room = max(0, deployment.replicas + deployment.maxSurge - totalReplicas)
        let wanted = min(deployment.replicas, (new?.replicas ?? 0) + room)
        prepareNew(replicas: wanted, in: observed)
        guard let new else { return }
        let count = new.replicas > deployment.replicas ? deployment.replicas : wanted
        if count != new.replicas {
            scale(new, to: count)
        } else {
            shrinkOld(new)
        }
    }

    private mutating func shrinkOld(_ new: ReplicaSet) {
        let minAvailable = deployment.replicas - deployment.maxUnavailable
        let newUnavailable = max(0, new.replicas - new.availableReplicas)
        let most = totalReplicas - minAvailable - newUnavailable
        guard most > 0 else { return }
        // Pods that do not serve are not missed; they go first.
        var counts: [String: Int] = [:]
        var gone = 0
        for set in old where set.replicas > set.availableReplicas {
            let count = min(most - gone, set.replicas - set.availableReplicas)
            counts[set.uid] = set.replicas - count
            gone += count
        }
        let available = all.reduce(0) { $0 + $1.availableReplicas }
        var spare = min(available - minAvailable, most - gone)
        for set in old where spare > 0 {
            let count = counts[set.uid] ?? set.replicas
            counts[set.uid] = count - min(spare, count)
            spare -= min(spare, count)
        }
        for set in old { scale(set, to: counts[set.uid] ?? set.replicas) }
    }

    /// All old pods away, and only then the new ones.
    mutating func recreate(in observed: Observed) {
        if old.contains(where: { $0.replicas > 0 }) {
            for set in old { scale(set, to: 0) }
            return
        }
        let isSomeLeft = old.contains { set in
            observed[.pod].owned(by: set.uid).contains { !Pod($0).isFinished }
        }
        guard !isSomeLeft else { return }
        prepareNew(replicas: deployment.replicas, in: observed)
        if let new { scale(new, to: deployment.replicas) }
    }

    /// A paused deployment keeps its mix of versions, but can be scaled: the newest grow, the
    /// oldest shrink.
    mutating func scaleWhilePaused() {
        let active = all.filter { $0.replicas > 0 }
        guard active.count > 1 else {
            if let only = active.first ?? all.last { scale(only, to: deployment.replicas) }
            return
        }
        var missing = deployment.replicas - totalReplicas
        if missing > 0, let newest = active.last {
            return scale(newest, to: newest.replicas + missing)
        }
        missing += deployment.maxSurge
        for set in active where missing < 0 {
            let count = min(set.replicas, -missing)
            scale(set, to: set.replicas - count)
            missing += count
        }
    }

    /// Deletes the oldest replica sets beyond the limit, once nothing is under way.
    mutating func forgetHistory() {
        let excess = old.count - deployment.revisionHistoryLimit
        guard excess > 0 else { return }
        let byRevision = old.sorted { ($0.revision, $0.name) < ($1.revision, $1.name) }
        for set in byRevision.prefix(excess)
        where set.replicas == 0 && set.observedReplicas == 0
            && set.generation <= set.integer("status.observedGeneration") ?? 0
        {
            plan.append(.delete(set.reference, uid: set.uid, .background))
        }
    }
}
