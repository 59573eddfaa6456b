import ResourceModel

/// Which pods go first when there are too many: those that are missed least, as Kubernetes
/// orders them.
enum DeletionOrder {
    private static let costAnnotation = "controller.kubernetes.io/pod-deletion-cost"

    /// The first `count` pods to delete.
    static func first(_ count: Int, of pods: [Pod]) -> [Pod] {
        guard count < pods.count else { return pods }
        var onNode: [String: Int] = [:]
        for pod in pods { onNode[pod.nodeName ?? "", default: 0] += 1 }
        let ranked = pods.map { pod in (pod, rank(pod, onNode[pod.nodeName ?? ""] ?? 0)) }
        let sorted = ranked.sorted { left, right in
            left.1 == right.1
                ? left.0.name < right.0.name : left.1.lexicographicallyPrecedes(right.1)
        }
        return sorted.prefix(count).map(\.0)
    }

    /// Numbers to compare in order; the lower one goes first.
    private static func rank(_ pod: Pod, _ countOnNode: Int) -> [Int64] {
        let phases: [String: Int64] = ["Pending": 0, "Unknown": 1]
        let isReady = pod.isReady
        let cost = pod.annotation(costAnnotation).flatMap { Int64($0) } ?? 0
        // Of pods that are ready, those that became so last; of all, those made last.
        let readySince = isReady ? pod.readinessChange?.seconds ?? .max : 0
        return [
            pod.nodeName == nil ? 0 : 1, phases[pod.phase] ?? 2, isReady ? 1 : 0, cost,
            Int64(-countOnNode), -readySince, -pod.restartCount, -pod.creation.seconds,
        ]
    }
}
