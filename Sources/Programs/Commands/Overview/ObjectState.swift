internal import ResourceModel

/// How an object is, in a few words.
enum ObjectState {
    /// The state of any object; empty for kinds that have none.
    static func text(_ object: JSON) -> String {
        if object["metadata"]["deletionTimestamp"] != nil { return "going" }
        switch object["kind"].stringValue {
        case "Pod": return pod(object)
        case "Node":
            let ready = Readiness.hasCondition(object, "Ready", "True") ? "ready" : "not ready"
            return object["spec"]["unschedulable"] == true ? ready + ", cordoned" : ready
        case "ModelDeployment":
            return Readiness.hasCondition(object, "Ready", "True") ? "ready" : "not ready"
        default:
            guard let copies = copies(object) else { return "" }
            return "\(copies.ready)/\(copies.desired) ready"
        }
    }

    /// How many copies there are to be and are; nil for kinds without.
    static func copies(_ object: JSON) -> (desired: Int64, ready: Int64)? {
        func number(_ path: String) -> Int64 { object.value(at: path).integerValue ?? 0 }
        switch object["kind"].stringValue {
        case "Deployment", "StatefulSet", "ReplicaSet":
            return (object["spec"]["replicas"].integerValue ?? 1, number("status.readyReplicas"))
        case "ModelDeployment":
            return (
                object["spec"]["replicas"].integerValue ?? number("status.replicas"),
                number("status.readyReplicas")
            )
        case "DaemonSet":
            return (number("status.desiredNumberScheduled"), number("status.numberReady"))
        case "Job":
            let desired = object["spec"]["completions"].integerValue ?? 1
            return (desired, number("status.succeeded"))
        default: return nil
        }
    }

    /// Whether a pod has ended and will not come back.
    static func isOver(_ pod: JSON) -> Bool {
        let phase = pod["status"]["phase"]
        return phase == "Succeeded" || phase == "Failed"
    }

    /// Whether something sees to it that there are as many of its kind as there are to be.
    static func isControlled(_ object: JSON) -> Bool {
        object["metadata"]["ownerReferences"].arrayValue?.contains { $0["controller"] == true }
            ?? false
    }

    /// What keeps a pod from being ready, beyond that it starts; nil if nothing does.
    static func trouble(_ pod: JSON) -> String? {
        let status = pod["status"]
        if status["phase"] == "Failed" {
            return [status["reason"].stringValue ?? "Failed", status["message"].stringValue]
                .compactMap { $0 }.joined(separator: ": ")
        }
        let lists = ["initContainerStatuses", "containerStatuses"]
        for container in lists.flatMap({ status[$0].arrayValue ?? [] }) {
            let waiting = container["state"]["waiting"]
            guard let reason = waiting["reason"].stringValue, !usual.contains(reason) else {
                continue
            }
            let last = container["lastState"]["terminated"]
            let ended = last["exitCode"].integerValue.map { ", last exit code \($0)" } ?? ""
            return [reason, waiting["message"].stringValue].compactMap { $0 }
                .joined(separator: ": ") + ended
        }
        let conditions = status["conditions"].arrayValue ?? []
        let unplaced = conditions.first { $0["type"] == "PodScheduled" && $0["status"] == "False" }
        return unplaced.map { $0["message"].stringValue ?? "no node takes it" }
    }

    /// Reasons to wait that pass.
    private static let usual: Set = ["ContainerCreating", "PodInitializing"]

    private static func pod(_ pod: JSON) -> String {
        if let trouble = trouble(pod) { return String(trouble.prefix { $0 != ":" }) }
        let phase = pod["status"]["phase"].stringValue ?? "Unknown"
        guard phase == "Running" else { return phase.lowercased() }
        let isReady = Readiness.hasCondition(pod, "Ready", "True")
        return isReady ? "running, ready" : "running, not ready"
    }
}
