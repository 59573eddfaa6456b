/// Why there is no whole answer.
package enum HTTPFailure: Error, Sendable, Equatable {
    /// The request or the client's identity makes no sense; nothing was sent.
    case invalid(String)
    /// No such host, as far as the resolver knows.
    case unknownHost(String)
    /// Nobody listens at this host and port.
    case refused(String)
    /// No way to this host and port; why.
    case unreachable(String, String)
    /// The server's certificate is not one to believe; why.
    case untrusted(String)
    /// The time allowed is over.
    case timedOut
    /// Redirects lead nowhere.
    case tooManyRedirects
    /// The connection ended within the exchange; why.
    case lost(String)
    /// The answer is longer than the reader allows.
    case tooLarge(bytesMax: Int)
    /// The reader or its task wanted no more.
    case stopped
}

extension HTTPFailure: CustomStringConvertible {
    /// The reason as a clause.
    package var description: String {
        switch self {
        case .invalid(let why): why
        case .unknownHost(let host): "no such host: \(host)"
        case .refused(let place): "connection to \(place) refused"
        case .unreachable(let place, let why): "cannot connect to \(place): \(why)"
        case .untrusted(let why): "the server's certificate is not trusted: \(why)"
        case .timedOut: "timed out"
        case .tooManyRedirects: "too many redirects"
        case .lost(let why): "connection lost: \(why)"
        case .tooLarge(let bytesMax): "the answer is longer than \(bytesMax) bytes"
        case .stopped: "stopped"
        }
    }
}
