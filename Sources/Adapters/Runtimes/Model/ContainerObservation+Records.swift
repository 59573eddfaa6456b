package import PodModel
internal import ResourceModel

extension ContainerObservation {
    /// What the records of one pod's containers amount to: for each name the latest attempt, with
    /// the end of the one before it.
    /// - Parameters:
    ///   - waiting: why a container that has ended, or is not there yet, is not started now, as in
    ///     `CrashLoopBackOff`; by name.
    ///   - isStarted: whether a running container has come up; always, without a startup probe.
    ///   - isReady: whether one that has come up may be sent requests.
    package static func observations(
        _ records: [ContainerRecord], waiting: [String: (reason: String, message: String)] = [:],
        isStarted: (ContainerRecord) -> Bool = { _ in true },
        isReady: (ContainerRecord) -> Bool = { _ in true }
    ) -> [ContainerObservation] {
        var observations: [ContainerObservation] = []
        for (name, attempts) in Dictionary(grouping: records, by: \.spec.name) {
            let attempts = attempts.sorted { $0.spec.attempt < $1.spec.attempt }
            guard let latest = attempts.last else { continue }
            var observation = ContainerObservation(
                name: name, containerID: latest.containerID, state: latest.observed,
                lastTermination: attempts.dropLast().last.flatMap(\.termination),
                restartCount: latest.spec.attempt)
            if latest.state.isRunning {
                observation.isStarted = isStarted(latest)
                observation.isReady = observation.isStarted && isReady(latest)
            } else if let reason = waiting[name] {
                observation.lastTermination = latest.termination ?? observation.lastTermination
                observation.state = .waiting(reason: reason.reason, message: reason.message)
            }
            observations.append(observation)
        }
        for (name, reason) in waiting where !observations.contains(where: { $0.name == name }) {
            observations.append(
                ContainerObservation(
                    name: name, state: .waiting(reason: reason.reason, message: reason.message)))
        }
        return observations.sorted { $0.name < $1.name }
    }
}

extension ContainerRecord {
    /// As in `containerID` of a status.
    package var containerID: String { "process://\(id)" }

    /// How it ended, in the words of a status; nil if it has not.
    package var termination: ContainerObservation.Termination? {
        state.exit.map(termination)
    }

    private func termination(_ exit: ContainerExit) -> ContainerObservation.Termination {
        ContainerObservation.Termination(
            exitCode: exit.code, signal: exit.signal, reason: exit.reason.rawValue,
            message: exit.message, startedAt: Self.text(exit.startedAt),
            finishedAt: Self.text(exit.finishedAt), containerID: containerID)
    }

    fileprivate var observed: ContainerObservation.State {
        switch state {
        case .created: .waiting(reason: "ContainerCreating")
        case .running(_, let startedAt): .running(startedAt: Self.text(startedAt))
        case .exited(let exit): .terminated(termination(exit))
        }
    }

    private static func text(_ nanoseconds: Int64) -> String {
        nanoseconds == 0 ? "" : Timestamp.text(seconds: nanoseconds / 1_000_000_000)
    }
}
