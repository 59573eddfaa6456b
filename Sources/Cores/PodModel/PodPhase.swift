package import ResourceModel

/// A pod's phase, computed from its containers as kubelet does.
package enum PodPhase: String, Sendable {
    case pending = "Pending"
    case running = "Running"
    case succeeded = "Succeeded"
    case failed = "Failed"

    /// The phase of a pod whose containers are these; those not among them were never started.
    package init(of pod: JSON, _ containers: [ContainerObservation]) {
        let policy = RestartPolicy(of: pod)
        let found = Dictionary(containers.map { ($0.name, $0) }) { first, _ in first }
        var isInitialized = true
        for spec in PodContainers.initial(of: pod) {
            switch Self.initialization(spec, of: pod, found) {
            case .done: continue
            case .failed where policy == .never:
                self = .failed
                return
            case .failed, .underWay: isInitialized = false
            }
        }
        if !isInitialized {
            self = .pending
            return
        }
        var (running, stopped, succeeded, absent) = (0, 0, 0, 0)
        for spec in PodContainers.main(of: pod) {
            guard let container = found[spec["name"].stringValue ?? ""] else {
                absent += 1
                continue
            }
            switch container.state {
            case .running: running += 1
            case .terminated(let termination):
                stopped += 1
                if termination.exitCode == 0 { succeeded += 1 }
            // One that waits for its next start counts as stopped.
            case .waiting: if container.lastTermination != nil { stopped += 1 } else { absent += 1 }
            }
        }
        if absent > 0 {
            self = .pending
        } else if running > 0 || policy == .always {
            self = .running
        } else if stopped == succeeded {
            self = .succeeded
        } else {
            self = policy == .never ? .failed : .running
        }
    }

    private enum Initialization {
        case done
        case underWay
        case failed
    }

    private static func initialization(
        _ spec: JSON, of pod: JSON, _ found: [String: ContainerObservation]
    ) -> Initialization {
        guard let container = found[spec["name"].stringValue ?? ""] else { return .underWay }
        if spec["restartPolicy"].stringValue == "Always" {
            // One that ends later on is started again, and nothing else begins anew.
            return container.isStarted || hasBegun(pod, found) ? .done : .underWay
        }
        if let termination = container.termination ?? container.lastTermination {
            return termination.exitCode == 0 && !container.isRunning ? .done : .failed
        }
        return .underWay
    }

    /// Whether nothing of the pod will run again.
    package var isFinal: Bool { self == .succeeded || self == .failed }

    /// The names of the initial containers that the main ones still wait for, in order.
    package static func unfinishedInitialContainers(
        of pod: JSON, _ containers: [ContainerObservation]
    ) -> [String] {
        let found = Dictionary(containers.map { ($0.name, $0) }) { first, _ in first }
        return PodContainers.initial(of: pod).compactMap { spec in
            initialization(spec, of: pod, found) == .done ? nil : spec["name"].stringValue ?? ""
        }
    }

    /// Whether a main container was ever made.
    static func hasBegun(_ pod: JSON, _ found: [String: ContainerObservation]) -> Bool {
        PodContainers.main(of: pod).contains { found[$0["name"].stringValue ?? ""] != nil }
    }
}
