public import Primitives
public import ResourceModel

/// How requests reach an API server: within the process, or over the network.
public protocol APITransport: Sendable {
    /// Sends a request and waits for the head of its answer.
    /// - Throws: `.serviceUnavailable` where no server answers or the task is cancelled; then the
    ///   request may or may not have been acted on.
    func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer
}

/// A request to an API server.
public struct APIRequest: Sendable, Equatable {
    /// In capitals.
    public var method: String
    /// Path and query, beginning with `/`.
    public var target: String
    /// The media type of the body; empty without one.
    public var contentType: String
    /// The body.
    public var body: Bytes

    /// Describes a request.
    public init(
        _ method: String, _ target: String, contentType: String = "", body: Bytes = []
    ) {
        self.method = method
        self.target = target
        self.contentType = contentType
        self.body = body
    }
}

/// An answer, whose body comes in pieces.
public protocol APIAnswer: Sendable {
    /// The HTTP status.
    var status: Int { get }
    /// The next piece of the body; nil at the end.
    /// - Throws: `.serviceUnavailable` if the connection is lost.
    func next() async throws(APIFailure) -> Bytes?
    /// The rest is not wanted. Does nothing behind the end.
    func close()
}

extension APIAnswer {
    /// The whole body.
    /// - Throws: `.serviceUnavailable` if the connection is lost.
    public func body() async throws(APIFailure) -> Bytes {
        var body: Bytes = []
        while let piece = try await next() { body += piece }
        return body
    }
}
