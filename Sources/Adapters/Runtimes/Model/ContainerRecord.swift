/// A container as a runtime knows it.
package struct ContainerRecord: Sendable, Equatable {
    /// Given by the runtime.
    package var id: String
    /// What it was made from.
    package var spec: ContainerSpec
    /// Nanoseconds since 1970.
    package var createdAt: Int64
    /// What has become of it.
    package var state: ContainerState

    /// A container that is known.
    package init(id: String, spec: ContainerSpec, createdAt: Int64, state: ContainerState) {
        self.id = id
        self.spec = spec
        self.createdAt = createdAt
        self.state = state
    }
}

/// What has become of a container.
package enum ContainerState: Sendable, Equatable {
    /// Made, and never started.
    case created
    /// Its main process runs. The time is in nanoseconds since 1970.
    case running(process: Int32, startedAt: Int64)
    /// It has ended, with all its processes.
    case exited(ContainerExit)

    /// Whether its main process runs.
    package var isRunning: Bool {
        if case .running = self { true } else { false }
    }

    /// How it ended; nil if it has not.
    package var exit: ContainerExit? {
        if case .exited(let exit) = self { exit } else { nil }
    }
}

/// How a container ended.
package struct ContainerExit: Sendable, Equatable {
    /// Why, in the words of `terminated.reason`.
    package enum Reason: String, Sendable {
        /// With code 0.
        case completed = "Completed"
        /// With another code or by a signal.
        case error = "Error"
        /// For lack of memory within its limit.
        case outOfMemory = "OOMKilled"
        /// It could not be started; the code is 128.
        case startError = "StartError"
        /// Nobody was there to see it end; the code is 137.
        case unknown = "ContainerStatusUnknown"
    }

    /// The exit code; above 128 it is the signal that ended it, plus 128.
    package var code: Int32
    /// The signal that ended it; 0 if none did.
    package var signal: Int32
    /// Why.
    package var reason: Reason
    /// More about it; may be empty.
    package var message: String
    /// Nanoseconds since 1970; 0 if it never started.
    package var startedAt: Int64
    /// Nanoseconds since 1970.
    package var finishedAt: Int64

    /// An end.
    package init(
        code: Int32, signal: Int32 = 0, reason: Reason, message: String = "", startedAt: Int64,
        finishedAt: Int64
    ) {
        self.code = code
        self.signal = signal
        self.reason = reason
        self.message = message
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}

extension ContainerExit {
    /// The exit of a container that could not be started.
    static func neverStarted(_ message: String, at now: Int64) -> ContainerExit {
        ContainerExit(
            code: 128, reason: .startError, message: message, startedAt: 0, finishedAt: now)
    }

    /// The exit of a container that nobody saw end.
    static func unseen(_ message: String, startedAt: Int64, at now: Int64) -> ContainerExit {
        ContainerExit(
            code: 137, reason: .unknown, message: message, startedAt: startedAt, finishedAt: now)
    }
}

/// A sandbox as a runtime knows it.
package struct SandboxRecord: Sendable, Equatable {
    /// Given by the runtime.
    package var id: String
    /// What it was made from.
    package var spec: SandboxSpec
    /// Nanoseconds since 1970.
    package var createdAt: Int64
    /// Whether it may have containers.
    package var isReady: Bool
}

/// What a container uses now.
package struct ContainerStats: Sendable, Equatable {
    /// Processor time so far, in nanoseconds.
    package var cpuNanoseconds: Int64
    /// Memory in use.
    package var memoryBytes: Int64
    /// Processes.
    package var processes: Int
}
