/// Why a model's file is not there.
package enum ModelFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// It cannot be asked for in this way, with the reason.
    case invalid(String)
    /// Where it should be it is not, or nobody answers; with the words of who was asked.
    case unavailable(String)
    /// The web server answers with this status.
    case answer(status: Int)
    /// It is another file than the one that is asked for.
    case mismatch(expected: String, found: String)
    /// It is larger than a model may be here.
    case tooLarge(bytesMax: Int64)
    /// There is no room beside the models that pods of this node use.
    case noRoom(bytesMax: Int64)
    /// No pod asks for it any more.
    case unwanted

    /// What people are likely to meet; RFC 9110 §15.
    private static let words = [
        301: "Moved Permanently", 302: "Found", 400: "Bad Request", 401: "Unauthorized",
        403: "Forbidden", 404: "Not Found", 410: "Gone", 429: "Too Many Requests",
        500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout",
    ]

    /// The failure in words for an event or a status.
    package var description: String {
        switch self {
        case .invalid(let text), .unavailable(let text): text
        case .answer(let status):
            Self.words[status].map { "the server answers \(status) \($0)" }
                ?? "the server answers with status \(status)"
        case .mismatch(let expected, let found):
            "sha256 mismatch: expected \(expected), found \(found)"
        case .tooLarge(let bytesMax): "larger than \(bytesMax) bytes, the most for one model"
        case .noRoom(let bytesMax):
            "no room: the models in use and this one exceed the \(bytesMax) bytes for all models"
        case .unwanted: "no pod asks for it any more"
        }
    }
}
