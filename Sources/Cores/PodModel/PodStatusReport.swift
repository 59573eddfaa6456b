package import ResourceModel

/// A pod's `status` as its node reports it.
package enum PodStatusReport {
    /// What the node knows beside the containers. Times are as the API writes them.
    package struct Facts: Sendable {
        /// Now.
        package var now: String
        /// When the node took the pod.
        package var startTime: String
        /// The address of the node.
        package var hostAddress: String
        /// The address of the pod; empty before it has one.
        package var podAddress: String
        /// Why the node will not run it at all, as in `Evicted`; makes it Failed.
        package var rejection: (reason: String, message: String)?
        /// How far its model is; nil if it has none.
        package var model: ModelReport?

        /// What is known.
        package init(
            now: String, startTime: String, hostAddress: String, podAddress: String,
            rejection: (reason: String, message: String)? = nil, model: ModelReport? = nil
        ) {
            self.now = now
            self.startTime = startTime
            self.hostAddress = hostAddress
            self.podAddress = podAddress
            self.rejection = rejection
            self.model = model
        }
    }

    /// The status of a pod: what `pod` says already, with everything that the node decides. A
    /// final phase stays; a condition that did not change keeps its time.
    package static func status(
        of pod: JSON, _ containers: [ContainerObservation], _ facts: Facts
    ) -> JSON {
        var status = pod["status"] ?? .emptyObject
        let phase = phase(of: pod, containers, facts)
        status["phase"] = .string(phase.rawValue)
        status["reason"] = facts.rejection.map { .string($0.reason) }
        status["message"] = facts.rejection.map { .string($0.message) }
        status["startTime"] = .string(facts.startTime)
        status["hostIP"] = .string(facts.hostAddress)
        status["hostIPs"] = [["ip": .string(facts.hostAddress)]]
        if !facts.podAddress.isEmpty {
            status["podIP"] = .string(facts.podAddress)
            status["podIPs"] = [["ip": .string(facts.podAddress)]]
        }
        let initial = PodContainers.initial(of: pod)
        if !initial.isEmpty {
            status["initContainerStatuses"] = statuses(initial, containers, pod, facts)
        }
        status["containerStatuses"] = statuses(
            PodContainers.main(of: pod), containers, pod, facts)
        for (type, problem) in conditions(of: pod, containers, phase, facts) {
            set(type, holds: problem == nil, problem, at: facts.now, in: &status)
        }
        if let model = facts.model {
            let note = Note(reason: model.reason, message: model.message)
            set(ModelReport.type, holds: model.isFetched, note, at: facts.now, in: &status)
        }
        return status
    }

    private static func phase(
        of pod: JSON, _ containers: [ContainerObservation], _ facts: Facts
    ) -> PodPhase {
        let before = pod.value(at: "status.phase").stringValue.flatMap(PodPhase.init(rawValue:))
        if let before, before.isFinal { return before }
        return facts.rejection == nil ? PodPhase(of: pod, containers) : .failed
    }

    private static func statuses(
        _ specs: [JSON], _ containers: [ContainerObservation], _ pod: JSON, _ facts: Facts
    ) -> JSON {
        .array(
            specs.map { spec in
                let name = spec["name"].stringValue ?? ""
                let observed =
                    containers.first { $0.name == name }
                    ?? ContainerObservation(name: name, state: unseen(pod, facts))
                return observed.status(image: spec["image"].stringValue ?? "")
            })
    }

    /// What was never seen waits for its model, for others, or is about to be made.
    private static func unseen(_ pod: JSON, _ facts: Facts) -> ContainerObservation.State {
        switch facts.model {
        case .fetching(let message): .waiting(reason: "FetchingModel", message: message)
        case .failed(let message): .waiting(reason: "ModelFetchBackOff", message: message)
        case .fetched, nil:
            .waiting(
                reason: PodContainers.initial(of: pod).isEmpty
                    ? "ContainerCreating" : "PodInitializing")
        }
    }

    /// Why a condition does not hold, or what else there is to say about it.
    private struct Note {
        var reason: String
        var message: String
    }

    private static func conditions(
        of pod: JSON, _ containers: [ContainerObservation], _ phase: PodPhase, _ facts: Facts
    ) -> [(String, Note?)] {
        let incomplete = PodPhase.unfinishedInitialContainers(of: pod, containers)
        let ready = Set(containers.filter(\.isReady).map(\.name))
        let unready = PodContainers.main(of: pod).compactMap { $0["name"].stringValue }
            .filter { !ready.contains($0) }
        var initialized: Note?
        var containersReady: Note?
        if phase == .succeeded {
            initialized = nil
            containersReady = Note(reason: "PodCompleted", message: "")
        } else {
            if !incomplete.isEmpty {
                initialized = Note(
                    reason: "ContainersNotInitialized",
                    message: "containers with incomplete status: [\(list(incomplete))]")
            }
            if phase == .failed {
                containersReady = Note(reason: "PodFailed", message: "")
            } else if !unready.isEmpty {
                containersReady = Note(
                    reason: "ContainersNotReady",
                    message: "containers with unready status: [\(list(unready))]")
            }
        }
        let hasStarted = containers.contains { !$0.containerID.isEmpty }
        let sandbox = hasStarted && !phase.isFinal ? nil : Note(reason: "", message: "")
        return [
            ("PodReadyToStartContainers", sandbox), ("Initialized", initialized),
            ("Ready", containersReady), ("ContainersReady", containersReady),
            ("PodScheduled", nil),
        ]
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: " ") }

    private static func set(
        _ type: String, holds: Bool, _ note: Note?, at now: String, in status: inout JSON
    ) {
        var conditions = status["conditions"].arrayValue ?? []
        let index = conditions.firstIndex { $0["type"].stringValue == type }
        let value = holds ? "True" : "False"
        let before = index.map { conditions[$0] }
        let isSame = before["status"].stringValue == value
        var condition: JSON = [
            "type": .string(type), "status": .string(value), "lastProbeTime": .null,
            "lastTransitionTime": isSame ? before["lastTransitionTime"] ?? .null : .string(now),
        ]
        if let note, !note.reason.isEmpty { condition["reason"] = .string(note.reason) }
        if let note, !note.message.isEmpty { condition["message"] = .string(note.message) }
        if let index { conditions[index] = condition } else { conditions.append(condition) }
        status["conditions"] = .array(conditions)
    }
}
