import ResourceModel

/// What planners ask of a deployment.
struct Deployment: ObjectView {
    static let revisionAnnotation = "deployment.kubernetes.io/revision"
    static let hashLabel = "pod-template-hash"

    let json: JSON

    init(_ json: JSON) {
        self.json = json
    }

    /// How many pods there are to be.
    var replicas: Int { integer("spec.replicas") ?? 1 }
    /// What the pods run.
    var template: JSON? { json.value(at: "spec.template") }
    /// Whether changes of the template are held back.
    var isPaused: Bool { json.value(at: "spec.paused") == true }
    /// Whether all pods go before new ones come.
    var recreates: Bool { json.value(at: "spec.strategy.type") == "Recreate" }
    /// How long a pod must be ready to count as available.
    var minReadySeconds: Int { integer("spec.minReadySeconds") ?? 0 }
    /// How many old replica sets are kept.
    var revisionHistoryLimit: Int { integer("spec.revisionHistoryLimit") ?? 10 }
    /// How often the name of a replica set was taken.
    var collisionCount: Int { integer("status.collisionCount") ?? 0 }

    /// How long a roll-out may stand still; nil if for ever.
    var progressDeadlineSeconds: Int? {
        let seconds = integer("spec.progressDeadlineSeconds") ?? 600
        return seconds == Int(Int32.max) ? nil : seconds
    }

    /// How many pods there may be too many.
    var maxSurge: Int { recreates ? 0 : limits.surge }

    /// How many pods may be missing.
    var maxUnavailable: Int { recreates ? 0 : min(limits.unavailable, replicas) }

    /// Shares are rounded up for what may be too many and down for what may be missing; if that
    /// leaves none of either, one may be missing, or nothing would ever move.
    private var limits: (surge: Int, unavailable: Int) {
        let update = json.value(at: "spec.strategy.rollingUpdate")
        let surge = count(update["maxSurge"] ?? "25%", isRoundedUp: true)
        let unavailable = count(update["maxUnavailable"] ?? "25%", isRoundedUp: false)
        return (surge, surge == 0 && unavailable == 0 ? 1 : unavailable)
    }

    private func count(_ value: JSON, isRoundedUp: Bool) -> Int {
        if let number = value.integerValue { return max(0, Int(clamping: number)) }
        guard let text = value.stringValue, text.hasSuffix("%"),
            let percent = Int(text.dropLast()), (0...1_000_000).contains(percent)
        else { return 0 }
        return (percent * replicas + (isRoundedUp ? 99 : 0)) / 100
    }

    /// The template as replica sets have it, without the hash that they add. What is null is as
    /// good as absent: `kubectl rollout undo` writes a `creationTimestamp` of that kind.
    static func comparable(_ template: JSON?) -> JSON {
        var template = template?.withoutNulls ?? .emptyObject
        guard template["metadata"]["labels"] != nil else { return template }
        template["metadata"]["labels"]?[hashLabel] = nil
        return template
    }
}

extension JSON {
    /// The same without members that are null, at every depth.
    fileprivate var withoutNulls: JSON {
        switch self {
        case .array(let items): return .array(items.map(\.withoutNulls))
        case .object(var object):
            object.removeAll { $0.value.isNull }
            object.transformValues { _, value in value = value.withoutNulls }
            return .object(object)
        default: return self
        }
    }
}

extension ReplicaSet {
    /// Its revision; 0 if it has none.
    var revision: Int64 { annotation(Deployment.revisionAnnotation).flatMap { Int64($0) } ?? 0 }
}
