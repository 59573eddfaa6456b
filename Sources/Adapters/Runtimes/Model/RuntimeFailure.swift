/// Why a runtime did not do what was asked.
package enum RuntimeFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no sandbox or container of this identifier.
    case unknown(id: String)
    /// The sandbox has a container of this name and attempt already.
    case exists(name: String, attempt: Int)
    /// The container is not in the state that the call needs.
    case wrongState(id: String, isRunning: Bool)
    /// The process could not be started, in the words that users of Kubernetes know.
    case start(String)
    /// A specification that cannot be carried out, with the reason.
    case invalid(String)
    /// The machine does not offer what the call needs.
    case unsupported(String)
    /// The task was cancelled; what it began goes on by itself.
    case cancelled
    /// The operating system refused.
    case host(HostFailure)

    /// The failure in words for an event or a status.
    package var description: String {
        switch self {
        case .unknown(let id): "container or sandbox \"\(id)\" not found"
        case .exists(let name, let attempt):
            "container \"\(name)\", attempt \(attempt), exists already"
        case .wrongState(let id, let isRunning):
            "container \"\(id)\" is \(isRunning ? "running" : "not running")"
        case .start(let message), .invalid(let message), .unsupported(let message): message
        case .cancelled: "the call was given up"
        case .host(let failure): failure.description
        }
    }
}

/// A refusal of the operating system.
package struct HostFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, as in `open`.
    package var operation: String
    /// The file or folder concerned; empty where there is none.
    package var path: String
    /// The errno value.
    package var code: Int32

    /// A refusal with its errno.
    package init(_ operation: String, _ path: String, _ code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// As Go says it: `open /a/b: no such file or directory`.
    package var description: String {
        let words = HostCalls.words(code)
        return path.isEmpty ? "\(operation): \(words)" : "\(operation) \(path): \(words)"
    }
}
