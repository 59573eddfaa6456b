/// Why a request to the API failed: what a `Status` object says.
public struct APIFailure: Error, Sendable, Equatable {
    /// Kubernetes' words for the kinds of failure that clients tell apart.
    public enum Reason: String, Sendable {
        case unknown = ""
        case unauthorized = "Unauthorized"
        case forbidden = "Forbidden"
        case notFound = "NotFound"
        case alreadyExists = "AlreadyExists"
        case conflict = "Conflict"
        case gone = "Gone"
        case expired = "Expired"
        case invalid = "Invalid"
        case serverTimeout = "ServerTimeout"
        case timeout = "Timeout"
        case tooManyRequests = "TooManyRequests"
        case badRequest = "BadRequest"
        case methodNotAllowed = "MethodNotAllowed"
        case notAcceptable = "NotAcceptable"
        case requestEntityTooLarge = "RequestEntityTooLarge"
        case unsupportedMediaType = "UnsupportedMediaType"
        case internalError = "InternalError"
        case serviceUnavailable = "ServiceUnavailable"
    }

    /// One of the things that are wrong.
    public struct Cause: Sendable, Equatable {
        /// The kind of it, as in `FieldValueInvalid`.
        public var reason: String
        /// In words.
        public var message: String
        /// The field; empty where there is none.
        public var field: String

        /// Makes a cause.
        public init(reason: String, message: String, field: String) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// What failed, for programs.
    public struct Details: Sendable, Equatable {
        /// The object's name.
        public var name = ""
        /// The group of the kind or resource.
        public var group = ""
        /// The kind, or the resource in most failures, as in Kubernetes.
        public var kind = ""
        /// The object's uid.
        public var uid = ""
        /// What exactly is wrong.
        public var causes: [Cause] = []
        /// When to try again; 0 says nothing.
        public var retryAfterSeconds = 0

        /// Says nothing yet.
        public init() {}

        /// Names an object.
        public init(_ resource: GroupName, _ name: String, causes: [Cause] = []) {
            self.name = name
            group = resource.group
            kind = resource.name
            self.causes = causes
        }
    }

    /// The HTTP status.
    public var code: Int
    /// What kind of failure it is.
    public var reason: Reason
    /// For people.
    public var message: String
    /// For programs.
    public var details: Details?
    /// How to go on with a list whose history is gone; in a Status's metadata.
    public var continueToken: String?

    /// Makes a failure.
    public init(_ code: Int, _ reason: Reason, _ message: String, _ details: Details? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }
}

extension APIFailure {
    /// The failure as a `Status` object.
    public var status: JSON {
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message),
        ]
        if let continueToken { status["metadata"] = ["continue": .string(continueToken)] }
        if reason != .unknown { status["reason"] = .string(reason.rawValue) }
        if let details { status["details"] = details.json }
        status["code"] = .integer(Int64(code))
        return status
    }

    /// A `Status` object that says that all went well.
    public static func success(_ details: Details? = nil) -> JSON {
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
        ]
        if let details { status["details"] = details.json }
        return status
    }

    /// Reads a `Status` object; nil if this is none that tells of a failure.
    public init?(status: JSON) {
        guard status["kind"] == "Status", status["status"] == "Failure" else { return nil }
        self.init(
            Int(status["code"].integerValue ?? 500),
            Reason(rawValue: status["reason"].stringValue ?? "") ?? .unknown,
            status["message"].stringValue ?? "", status["details"].map(Details.init(json:)))
    }
}

extension APIFailure.Details {
    /// As in a `Status` object; what is empty is left out.
    fileprivate var json: JSON {
        var json = JSON.emptyObject
        for (key, text) in [("name", name), ("group", group), ("kind", kind), ("uid", uid)]
        where !text.isEmpty {
            json[key] = .string(text)
        }
        if !causes.isEmpty { json["causes"] = .array(causes.map(\.json)) }
        if retryAfterSeconds > 0 { json["retryAfterSeconds"] = .integer(Int64(retryAfterSeconds)) }
        return json
    }

    fileprivate init(json: JSON) {
        self.init()
        name = json["name"].stringValue ?? ""
        group = json["group"].stringValue ?? ""
        kind = json["kind"].stringValue ?? ""
        uid = json["uid"].stringValue ?? ""
        retryAfterSeconds = Int(json["retryAfterSeconds"].integerValue ?? 0)
        causes = (json["causes"].arrayValue ?? []).map {
            APIFailure.Cause(
                reason: $0["reason"].stringValue ?? "", message: $0["message"].stringValue ?? "",
                field: $0["field"].stringValue ?? "")
        }
    }
}

extension APIFailure.Cause {
    fileprivate var json: JSON {
        var json = JSON.emptyObject
        if !reason.isEmpty { json["reason"] = .string(reason) }
        if !message.isEmpty { json["message"] = .string(message) }
        if !field.isEmpty { json["field"] = .string(field) }
        return json
    }
}
