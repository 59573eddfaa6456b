internal import APIClient
package import HTTPClient
package import Primitives
package import ResourceModel

/// Asks an API server, one request after the other, on the caller's thread.
package final class ClusterClient {
    /// Where it asks.
    package let endpoint: ClusterEndpoint
    private let connection: HTTPConnection
    /// How long an answer may take; nil for ever. Watches and logs are not bound by it.
    package let requestTimeout: Duration?
    /// Told what the server warns of.
    package var onWarning: (String) -> Void

    /// Nothing is sent yet.
    /// - Parameter onWarning: told what the server warns of.
    package init(
        _ endpoint: ClusterEndpoint, requestTimeout: Duration? = nil,
        onWarning: @escaping (String) -> Void
    ) {
        self.endpoint = endpoint
        self.requestTimeout = requestTimeout
        self.onWarning = onWarning
        connection = HTTPConnection(endpoint.identity)
    }

    /// What is asked of the server.
    package struct Request: Sendable {
        /// In capitals.
        package var method: String
        /// Beginning with `/`, escaped.
        package var path: String
        /// Not escaped; what is empty is left out.
        package var query: [(name: String, value: String)] = []
        /// What is wanted.
        package var accept = "application/json"
        /// What `body` is.
        package var contentType = "application/json"
        /// Nothing for methods without one.
        package var body: Bytes?

        /// Asks for JSON, with nothing but a path.
        package init(_ method: String, _ path: String) {
            self.method = method
            self.path = path
        }
    }

    /// Sends a request and waits for its whole answer.
    /// - Throws: `APIFailure` if the server refuses, `HTTPFailure` if it cannot be asked.
    package func bytes(_ request: Request) throws -> Bytes {
        let (head, body) = try connection.answer(to: httpRequest(request, requestTimeout))
        warn(head)
        guard (200..<300).contains(head.status) else { throw Self.failure(head.status, body) }
        return body
    }

    /// The same for an answer in JSON.
    @discardableResult
    package func json(_ request: Request) throws -> JSON {
        let body = try bytes(request)
        do {
            return try JSON(parsing: body)
        } catch {
            throw HTTPFailure.lost("the answer of \(request.path) is no JSON: \(error)")
        }
    }

    /// Sends a request and hands on its answer as it comes, until the receiver wants no more.
    /// - Parameters:
    ///   - timeout: how long it may take; nil for ever.
    ///   - onOpen: told when the server begins to answer and does not refuse.
    /// - Throws: `HTTPFailure.timedOut` when the time is over.
    package func stream(
        _ request: Request, timeout: Duration? = nil, onOpen: @escaping () -> Void = {},
        onPiece: @escaping (Bytes) -> Bool
    ) throws {
        var status = 200
        var refusal: Bytes = []
        var isDone = false
        do {
            try connection.perform(httpRequest(request, timeout)) { head in
                status = head.status
                if (200..<300).contains(status) { onOpen() }
            } onPiece: { piece in
                guard (200..<300).contains(status) else {
                    refusal += piece
                    return refusal.count < 1 << 20
                }
                isDone = !onPiece(piece)
                return !isDone
            }
        } catch HTTPFailure.stopped where isDone {
            return
        }
        guard (200..<300).contains(status) else { throw Self.failure(status, refusal) }
    }

    /// Sends a request for a watch and hands on its events until the receiver wants no more or
    /// the server ends the watch.
    /// - Throws: `APIFailure` for an event that says so.
    package func watch(
        _ request: Request, timeout: Duration? = nil, onOpen: @escaping () -> Void = {},
        onEvent: @escaping (_ type: String, _ object: JSON) throws -> Bool
    ) throws {
        var lines = LineBuffer()
        var problem: (any Error)?
        try stream(request, timeout: timeout, onOpen: onOpen) { piece in
            do {
                guard lines.append(piece) else { throw HTTPFailure.lost("an event does not end") }
                while let line = lines.take() {
                    let event = try JSON(parsing: line)
                    let object = event["object"] ?? .null
                    let type = event["type"].stringValue ?? ""
                    if type == "ERROR" { throw Self.failure(500, object.encoded) }
                    guard try onEvent(type, object) else { return false }
                }
                return true
            } catch {
                problem = error
                return false
            }
        }
        if let problem { throw problem }
    }

    /// Asks for a connection of its own on which something else than HTTP is spoken.
    /// - Parameters:
    ///   - path: with its query, escaped.
    ///   - headers: that ask for it.
    /// - Throws: as `bytes` does.
    package func upgrade(_ path: String, headers: [HTTPHeader]) throws -> UpgradedConnection {
        var request = httpRequest(Request("GET", path), nil)
        request.headers += headers
        let connection = try UpgradedConnection(endpoint.identity, request)
        guard connection.head.status == 101 else {
            throw Self.failure(connection.head.status, connection.refusal)
        }
        return connection
    }

    private func httpRequest(_ request: Request, _ timeout: Duration?) -> HTTPRequest {
        let pairs = request.query.filter { !$0.value.isEmpty }.map {
            $0.name + "=" + ObjectClient.escaped($0.value)
        }
        var address = endpoint.server + request.path
        if !pairs.isEmpty {
            address += (request.path.contains("?") ? "&" : "?") + pairs.joined(separator: "&")
        }
        var headers = endpoint.headers + [HTTPHeader("Accept", request.accept)]
        if request.body != nil { headers.append(HTTPHeader("Content-Type", request.contentType)) }
        return HTTPRequest(
            request.method, address, headers: headers, body: request.body, timeout: timeout)
    }

    private func warn(_ head: HTTPHead) {
        for header in head.headers where header.name == "warning" {
            // As in `299 - "text"`, with quotes and backslashes inside escaped.
            let parts = header.value.split(separator: " ", maxSplits: 2)
            guard parts.count == 3, parts[2].hasPrefix("\"") else { continue }
            var text = ""
            var isEscaped = false
            for character in parts[2].dropFirst() {
                if !isEscaped, character == "\"" { break }
                isEscaped = !isEscaped && character == "\\"
                if !isEscaped { text.append(character) }
            }
            onWarning(text)
        }
    }

    /// What the server says of a failure; a proxy may say something else than a `Status`.
    private static func failure(_ status: Int, _ body: Bytes) -> APIFailure {
        // Whatever it is, it is shown.
        if let json = try? JSON(parsing: body), let failure = APIFailure(status: json) {
            return failure
        }
        let text = String(decoding: body.prefix(2_000), as: UTF8.self)
        let said = text.isEmpty ? "the server answered \(status)" : text
        return APIFailure(status, status == 404 ? .notFound : .unknown, said)
    }
}
