package import ServiceModel

/// What a proxied port has done so far.
package struct PortStatistics: Equatable, Sendable {
    /// What was done with one endpoint. Those that left are counted until their last connection
    /// has ended.
    package struct Backend: Equatable, Sendable {
        /// Connections under way, those that are being made included.
        package var active = 0
        /// Connections that were made.
        package var total = 0
        /// Attempts that failed.
        package var failed = 0
    }

    /// The virtual address and the port.
    package var place: Target
    /// Whether clients are accepted: there is an endpoint, and the address could be bound.
    package var isListening: Bool
    /// Clients' connections under way.
    package var active: Int
    /// Clients' connections that were accepted.
    package var accepted: Int
    /// Connections that were reset because there were too many.
    package var refused: Int
    /// Connections that were reset because no endpoint could be reached.
    package var unreachable: Int
    /// By endpoint.
    package var backends: [Target: Backend]
}

/// A port that is not served, and why.
package struct PortProblem: Equatable, Sendable, CustomStringConvertible {
    /// What stands in the way.
    package enum Reason: Equatable, Sendable {
        /// The proxy serves TCP alone.
        case notSupported(PortProtocol)
        /// The system does not let us listen: its reason.
        case cannotListen(String)
    }

    /// The port of the service.
    package var port: UInt16
    /// What stands in the way.
    package var reason: Reason

    /// A problem with a port.
    package init(port: UInt16, reason: Reason) {
        self.port = port
        self.reason = reason
    }

    /// The problem in words, for an event.
    package var description: String {
        switch reason {
        case .notSupported(let other):
            "port \(port) is not served: the proxy does not support \(other.rawValue)"
        case .cannotListen(let reason): "port \(port) is not served: \(reason)"
        }
    }
}
