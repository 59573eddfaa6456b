internal import Primitives
internal import Transport

/// A complete request, decoded as far as HTTP goes.
struct HTTPRequest: Sendable {
    /// In capitals.
    var method: String
    /// The path's segments, decoded, without empty ones.
    var segments: [String]
    /// What is behind `?`.
    var query: QueryParameters
    /// Names in lower case.
    var headers: [(name: String, value: String)]
    /// The body, unpacked.
    var body: Bytes = []
    /// The client's certificate in DER; verified.
    var peerCertificate: Bytes?

    /// Decodes a head.
    init(_ head: RequestHead, peerCertificate: Bytes?) throws(MalformedTarget) {
        method = head.method
        segments = []
        for part in head.path.split(separator: "/") {
            segments.append(try QueryParameters.decoded(part))
        }
        query = try QueryParameters(head.query)
        headers = head.headers
        self.peerCertificate = peerCertificate
    }

    /// The path as it is written in messages.
    var path: String { "/" + segments.joined(separator: "/") }

    /// The first value of a header; the name in lower case.
    func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    /// The media type of the body, without parameters, in lower case; empty if none is given.
    var contentType: String {
        let text = header("content-type") ?? ""
        return text.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    }
}

/// A complete answer.
struct Answer: Sendable {
    /// The HTTP status.
    var status = 200
    /// The media type of the body.
    var contentType = "application/json"
    /// More headers, names in lower case.
    var headers: [(name: String, value: String)] = []
    /// The body.
    var body: Bytes = []

    /// Bytes from which on a body is packed for clients that accept gzip.
    static let packedBytesMin = 128 << 10
}

extension Answer {
    /// A page of plain text.
    static func text(_ text: String, status: Int = 200) -> Answer {
        Answer(
            status: status, contentType: "text/plain; charset=utf-8", body: Bytes(text.utf8))
    }
}
