package import ResourceModel

/// A container of a pod as its node sees it.
package struct ContainerObservation: Sendable, Equatable {
    /// What has become of it. Times are as the API writes them.
    package enum State: Sendable, Equatable {
        /// Not started, with the reason, as in `CrashLoopBackOff`.
        case waiting(reason: String, message: String = "")
        /// Its process runs.
        case running(startedAt: String)
        /// It has ended.
        case terminated(Termination)
    }

    /// How a container ended.
    package struct Termination: Sendable, Equatable {
        /// Above 128 a signal, plus 128.
        package var exitCode: Int32
        /// The signal; 0 if none.
        package var signal: Int32
        /// As in `OOMKilled`.
        package var reason: String
        /// More about it; may be empty.
        package var message: String
        /// Empty if it never started.
        package var startedAt: String
        /// When it ended.
        package var finishedAt: String
        /// The container that it was, as in `process://ID`.
        package var containerID: String

        /// An end.
        package init(
            exitCode: Int32, signal: Int32 = 0, reason: String, message: String = "",
            startedAt: String, finishedAt: String, containerID: String
        ) {
            self.exitCode = exitCode
            self.signal = signal
            self.reason = reason
            self.message = message
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.containerID = containerID
        }

        var json: JSON {
            var json: JSON = ["exitCode": .integer(Int64(exitCode))]
            if signal != 0 { json["signal"] = .integer(Int64(signal)) }
            json["reason"] = .string(reason)
            if !message.isEmpty { json["message"] = .string(message) }
            json["startedAt"] = startedAt.isEmpty ? .null : .string(startedAt)
            json["finishedAt"] = finishedAt.isEmpty ? .null : .string(finishedAt)
            json["containerID"] = .string(containerID)
            return json
        }
    }

    /// The name in the pod.
    package var name: String
    /// As in `process://ID`; empty if there was none yet.
    package var containerID: String
    /// What has become of it.
    package var state: State
    /// How the container of this name before it ended.
    package var lastTermination: Termination?
    /// How often it was started again.
    package var restartCount: Int
    /// Whether its startup probe has succeeded, or it has none and runs.
    package var isStarted: Bool
    /// Whether its readiness probe says so, or it has none and is started.
    package var isReady: Bool

    /// A container.
    package init(
        name: String, containerID: String = "", state: State, lastTermination: Termination? = nil,
        restartCount: Int = 0, isStarted: Bool = false, isReady: Bool = false
    ) {
        self.name = name
        self.containerID = containerID
        self.state = state
        self.lastTermination = lastTermination
        self.restartCount = restartCount
        self.isStarted = isStarted
        self.isReady = isReady
    }

    /// How it ended, if it has.
    package var termination: Termination? {
        if case .terminated(let termination) = state { termination } else { nil }
    }

    /// Whether its process runs.
    package var isRunning: Bool {
        if case .running = state { true } else { false }
    }

    /// Whether it waits for its start.
    package var isWaiting: Bool {
        if case .waiting = state { true } else { false }
    }

    /// An item of `containerStatuses`.
    func status(image: String) -> JSON {
        var json: JSON = ["name": .string(name), "state": stateJSON]
        json["lastState"] = lastTermination.map { ["terminated": $0.json] } ?? .emptyObject
        json["ready"] = .bool(isReady)
        json["restartCount"] = .integer(Int64(restartCount))
        json["image"] = .string(image)
        json["imageID"] = ""
        if !containerID.isEmpty { json["containerID"] = .string(containerID) }
        json["started"] = .bool(isStarted)
        return json
    }

    private var stateJSON: JSON {
        switch state {
        case .waiting(let reason, let message):
            var waiting: JSON = ["reason": .string(reason)]
            if !message.isEmpty { waiting["message"] = .string(message) }
            return ["waiting": waiting]
        case .running(let startedAt): return ["running": ["startedAt": .string(startedAt)]]
        case .terminated(let termination): return ["terminated": termination.json]
        }
    }
}

/// How a pod treats containers that end.
package enum RestartPolicy: String, Sendable {
    case always = "Always"
    case onFailure = "OnFailure"
    case never = "Never"

    /// That of a pod; Kubernetes' default is Always.
    package init(of pod: JSON) {
        let name = pod.value(at: "spec.restartPolicy").stringValue ?? ""
        self = RestartPolicy(rawValue: name) ?? .always
    }

    /// Whether a container that ended with this code is started again.
    package func restarts(exitCode: Int32) -> Bool {
        switch self {
        case .always: true
        case .onFailure: exitCode != 0
        case .never: false
        }
    }
}
