package import ResourceModel

/// What a node has to do next for a pod.
package enum PodAction: Sendable, Equatable {
    /// Start the container of this name; `attempt` counts its starts from 0.
    case start(container: String, attempt: Int)
    /// End it, for this reason; its restart, if any, is planned once it has ended.
    case stop(container: String, reason: StopReason)
    /// Look again so much later: a container waits for its restart, `wait` in all.
    case wait(container: String, remaining: Duration, wait: Duration)

    /// Why a container is ended.
    package enum StopReason: Sendable, Equatable {
        /// The pod is being deleted, or has ended.
        case podEnds
        /// A probe that must not fail has.
        case probeFailed(ProbePurpose)
    }
}

/// What a node knows when it plans for a pod.
package struct PodSituation: Sendable {
    /// The containers that were ever made.
    package var containers: [ContainerObservation] = []
    /// Whether the pod is to end: deleted, or rejected.
    package var isEnding = false
    /// The failed probe of each running container that has one.
    package var failedProbes: [String: ProbePurpose] = [:]
    /// How long each ended container has to wait for its restart: what is left, and the whole.
    package var waits: [String: (remaining: Duration, whole: Duration)] = [:]
    /// Whether a model is not there yet: nothing is started before it is.
    package var lacksModel = false

    /// Nothing known.
    package init() {}
}

/// Plans the next steps of a pod: initial containers one after the other, then the main ones
/// together, each again as the restart policy says. A pure function; a plan that was carried out
/// leads to an empty one until something happens.
package enum PodPlan {
    /// The next steps, in order.
    package static func actions(for pod: JSON, _ situation: PodSituation) -> [PodAction] {
        let steps = steps(for: pod, situation)
        guard situation.lacksModel else { return steps }
        return steps.filter { if case .start = $0 { false } else { true } }
    }

    private static func steps(for pod: JSON, _ situation: PodSituation) -> [PodAction] {
        let found = Dictionary(situation.containers.map { ($0.name, $0) }) { first, _ in first }
        if situation.isEnding || PodPhase(of: pod, situation.containers).isFinal {
            return situation.containers.filter(\.isRunning)
                .map { .stop(container: $0.name, reason: .podEnds) }
        }
        var actions: [PodAction] = []
        for spec in PodContainers.initial(of: pod) {
            let name = spec["name"].stringValue ?? ""
            let goesOn = spec["restartPolicy"].stringValue == "Always"
            let container = found[name]
            if !goesOn, container?.termination?.exitCode == 0 { continue }
            // An initial container that failed is tried again unless the pod never restarts.
            let policy: RestartPolicy = goesOn ? .always : .onFailure
            actions += steps(name, container, policy, situation)
            let isUp = container?.isStarted == true || PodPhase.hasBegun(pod, found)
            guard goesOn, isUp else { return actions }
        }
        let policy = RestartPolicy(of: pod)
        for spec in PodContainers.main(of: pod) {
            let name = spec["name"].stringValue ?? ""
            actions += steps(name, found[name], policy, situation)
        }
        return actions
    }

    private static func steps(
        _ name: String, _ container: ContainerObservation?, _ policy: RestartPolicy,
        _ situation: PodSituation
    ) -> [PodAction] {
        guard let container else { return [.start(container: name, attempt: 0)] }
        if container.isRunning {
            guard let purpose = situation.failedProbes[name] else { return [] }
            return [.stop(container: name, reason: .probeFailed(purpose))]
        }
        guard let end = container.termination ?? container.lastTermination else {
            // It could not be made; it is tried again as if for the first time.
            return restart(name, attempt: container.restartCount, situation)
        }
        guard policy.restarts(exitCode: end.exitCode) else { return [] }
        return restart(name, attempt: container.restartCount + 1, situation)
    }

    private static func restart(
        _ name: String, attempt: Int, _ situation: PodSituation
    ) -> [PodAction] {
        if let wait = situation.waits[name] {
            return [.wait(container: name, remaining: wait.remaining, wait: wait.whole)]
        }
        return [.start(container: name, attempt: attempt)]
    }
}
