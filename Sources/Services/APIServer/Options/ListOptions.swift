internal import Primitives
internal import ResourceModel

/// The options of a list or a watch, checked as Kubernetes checks them.
struct ListOptions {
    /// How a list relates to its resourceVersion.
    enum Match: String {
        case exact = "Exact"
        case notOlderThan = "NotOlderThan"
    }

    /// As given; empty for all.
    var labelSelector = ""
    /// As given; empty for all.
    var fieldSelector = ""
    /// Nil if it was not given.
    var resourceVersion: Int64?
    /// Nil if it was not given.
    var match: Match?
    /// Objects of one page; 0 for all.
    var limit: Int64 = 0
    /// Where the page begins.
    var continueToken: ContinueToken?
    /// A watch and no list.
    var isWatch = false
    /// Wants to be told of progress.
    var allowsBookmarks = false
    /// A watch that begins with all objects and a bookmark behind them.
    var sendsInitialEvents: Bool?
    /// Seconds after which a watch ends; nil for the server's choice.
    var timeoutSeconds: Int64?

    init(_ query: QueryParameters) throws(APIFailure) {
        labelSelector = query["labelSelector"] ?? ""
        fieldSelector = query["fieldSelector"] ?? ""
        resourceVersion = try query.resourceVersion()
        isWatch = try query.flag("watch") ?? false
        allowsBookmarks = try query.flag("allowWatchBookmarks") ?? false
        sendsInitialEvents = try query.flag("sendInitialEvents")
        limit = try query.number("limit") ?? 0
        timeoutSeconds = try query.number("timeoutSeconds")
        guard limit >= 0 else { throw .badRequest("limit must not be negative: \(limit)") }
        if let seconds = timeoutSeconds, seconds < 0 {
            throw .badRequest("timeoutSeconds must not be negative: \(seconds)")
        }
        if let text = query["continue"], !text.isEmpty {
            guard let token = ContinueToken(text) else {
                throw .badRequest("continue key is not valid: \(GoText.quoted(text))")
            }
            continueToken = token
        }
        try checkMatch(query["resourceVersionMatch"] ?? "")
    }

    private mutating func checkMatch(_ text: String) throws(APIFailure) {
        var errors: [FieldError] = []
        func forbid(_ field: String, _ message: String) {
            errors.append(.forbidden(field, message))
        }
        if text.isEmpty {
            if isWatch, sendsInitialEvents != nil {
                forbid(
                    "resourceVersionMatch", "sendInitialEvents requires setting "
                        + "resourceVersionMatch to NotOlderThan")
            }
        } else if let match = Match(rawValue: text) {
            self.match = match
            let field = "resourceVersionMatch"
            if isWatch {
                if sendsInitialEvents == nil {
                    forbid(
                        field, "resourceVersionMatch is forbidden for watch unless "
                            + "sendInitialEvents is provided")
                } else if match != .notOlderThan {
                    forbid(
                        field, "sendInitialEvents requires setting resourceVersionMatch to "
                            + "NotOlderThan")
                }
            } else {
                if resourceVersion == nil {
                    forbid(
                        field, "resourceVersionMatch is forbidden unless resourceVersion is "
                            + "provided")
                }
                if continueToken != nil {
                    forbid(
                        field, "resourceVersionMatch is forbidden when continue is provided")
                }
                if match == .exact, resourceVersion == 0 {
                    forbid(
                        field, "resourceVersionMatch \"Exact\" is forbidden for "
                            + "resourceVersion \"0\"")
                }
            }
        } else {
            errors.append(
                .notSupported(
                    "resourceVersionMatch", .string(text), ["Exact", "NotOlderThan", ""]))
        }
        if !isWatch, sendsInitialEvents != nil {
            forbid("sendInitialEvents", "sendInitialEvents is forbidden for list")
        }
        guard errors.isEmpty else { throw .invalidOptions("ListOptions", errors) }
        if continueToken != nil, let version = resourceVersion, version != 0 {
            throw .badRequest("specifying resource version is not allowed when using continue")
        }
    }
}
