/// The failures with Kubernetes' codes, reasons and words.
extension APIFailure {
    /// 404: there is no object of this name.
    public static func notFound(_ resource: GroupName, _ name: String) -> APIFailure {
        APIFailure(
            404, .notFound, "\(resource) \(GoText.quoted(name)) not found",
            Details(resource, name))
    }

    /// 404: there is no such address at all.
    public static var pageNotFound: APIFailure {
        APIFailure(404, .notFound, "the server could not find the requested resource", Details())
    }

    /// 409: there is an object of this name.
    public static func alreadyExists(_ resource: GroupName, _ name: String) -> APIFailure {
        APIFailure(
            409, .alreadyExists, "\(resource) \(GoText.quoted(name)) already exists",
            Details(resource, name))
    }

    /// 409: no free name was found for a `generateName`.
    public static func noFreeName(_ resource: GroupName, _ name: String) -> APIFailure {
        var failure = alreadyExists(resource, name)
        failure.message +=
            ", the server was not able to generate a unique name for the object"
        return failure
    }

    /// 409: an update is based on an old version.
    public static func modified(_ resource: GroupName, _ name: String) -> APIFailure {
        conflict(
            resource, name,
            "the object has been modified; please apply your changes to the latest version and"
                + " try again")
    }

    /// 409: an operation does not fit the object's state.
    public static func conflict(
        _ resource: GroupName, _ name: String, _ problem: String
    ) -> APIFailure {
        APIFailure(
            409, .conflict,
            "Operation cannot be fulfilled on \(resource) \(GoText.quoted(name)): \(problem)",
            Details(resource, name))
    }

    /// 409: a delete's or an update's precondition about the uid does not hold.
    public static func wrongUID(
        _ resource: GroupName, _ name: String, wanted: String, found: String
    ) -> APIFailure {
        conflict(
            resource, name,
            "Precondition failed: UID in precondition: \(wanted), UID in object meta: \(found)")
    }

    /// 409: a precondition about the resource version does not hold.
    public static func wrongResourceVersion(
        _ resource: GroupName, _ name: String, wanted: String, found: String
    ) -> APIFailure {
        conflict(
            resource, name,
            "Precondition failed: ResourceVersion in precondition: \(wanted),"
                + " ResourceVersion in object meta: \(found)")
    }

    /// 422: fields are wrong.
    public static func invalid(
        _ kind: GroupName, _ name: String, _ errors: [FieldError]
    ) -> APIFailure {
        // A schema and the rules of its kind may find the same.
        var causes: [Cause] = []
        for error in errors {
            let cause = Cause(
                reason: error.kind.rawValue, message: error.message, field: error.path)
            if !causes.contains(cause) { causes.append(cause) }
        }
        let list = errors.isEmpty ? "" : ": \(errors.text)"
        return APIFailure(
            422, .invalid, "\(kind) \(GoText.quoted(name)) is invalid\(list)",
            Details(kind, name, causes: causes))
    }

    /// 422 without an object: a JSON patch that cannot be applied.
    public static func unprocessable(_ message: String) -> APIFailure {
        APIFailure(
            422, .invalid, "the server rejected our request due to an error in our request",
            detailsOf(message))
    }

    private static func detailsOf(_ message: String) -> Details {
        var details = Details()
        details.causes = [
            Cause(reason: "UnexpectedServerResponse", message: message, field: "patch")
        ]
        return details
    }

    /// 400: the request makes no sense.
    public static func badRequest(_ message: String) -> APIFailure {
        APIFailure(400, .badRequest, message)
    }

    /// 400: a body is not what its kind looks like. `problem` is a decoder's text.
    public static func undecodable(_ kind: GroupVersionKind, _ problem: String) -> APIFailure {
        badRequest(
            "\(kind.kind) in version \(GoText.quoted(kind.version)) cannot be handled as a"
                + " \(kind.kind): \(problem)")
    }

    /// 401: nobody knows who asks.
    public static var unauthorized: APIFailure {
        APIFailure(401, .unauthorized, "Unauthorized")
    }

    /// 403: known, but not allowed.
    public static func forbidden(
        _ resource: GroupName, _ name: String, _ problem: String
    ) -> APIFailure {
        let object = name.isEmpty ? "\(resource)" : "\(resource) \(GoText.quoted(name))"
        let message =
            resource.name.isEmpty ? "forbidden: \(problem)" : "\(object) is forbidden: \(problem)"
        return APIFailure(403, .forbidden, message, Details(resource, name))
    }

    /// 405: the resource does not have this verb.
    public static func methodNotAllowed(_ resource: GroupName, _ verb: String) -> APIFailure {
        APIFailure(
            405, .methodNotAllowed,
            "\(verb) is not supported on resources of kind \(GoText.quoted("\(resource)"))",
            Details(resource, ""))
    }

    /// 406: none of the accepted forms is served.
    public static func notAcceptable(_ accepted: [String]) -> APIFailure {
        APIFailure(
            406, .notAcceptable,
            "only the following media types are accepted: \(accepted.joined(separator: ", "))")
    }

    /// 410: what is asked for is compacted away.
    public static func expired(_ message: String) -> APIFailure {
        APIFailure(410, .expired, message)
    }

    /// 413: the body is too large.
    public static func tooLarge(_ message: String) -> APIFailure {
        APIFailure(413, .requestEntityTooLarge, "Request entity too large: \(message)")
    }

    /// 415: the body comes in a form that is not read here.
    public static func unsupportedMediaType(_ accepted: [String]) -> APIFailure {
        APIFailure(
            415, .unsupportedMediaType,
            "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", "))
    }

    /// 429: try again later.
    public static func tooManyRequests(_ message: String, retryAfterSeconds: Int) -> APIFailure {
        APIFailure(429, .tooManyRequests, message, retryDetails(retryAfterSeconds))
    }

    /// 500: a fault of ours or of the store.
    public static func internalError(_ problem: String) -> APIFailure {
        var details = Details()
        details.causes = [Cause(reason: "", message: problem, field: "")]
        return APIFailure(
            500, .internalError, "Internal error occurred: \(problem)", details)
    }

    /// 500: the operation was not done for now.
    public static func serverTimeout(
        _ resource: GroupName, _ operation: String, retryAfterSeconds: Int
    ) -> APIFailure {
        var details = Details(resource, operation)
        details.retryAfterSeconds = retryAfterSeconds
        return APIFailure(
            500, .serverTimeout,
            "The \(operation) operation against \(resource) could not be completed at this time,"
                + " please try again.",
            details)
    }

    /// 503: the server is not ready or has lost its store.
    public static func serviceUnavailable(_ message: String) -> APIFailure {
        APIFailure(503, .serviceUnavailable, message)
    }

    /// 504: it took too long; the operation may still be done.
    public static func timeout(_ message: String, retryAfterSeconds: Int = 0) -> APIFailure {
        APIFailure(504, .timeout, "Timeout: \(message)", retryDetails(retryAfterSeconds))
    }

    private static func retryDetails(_ seconds: Int) -> Details {
        var details = Details()
        details.retryAfterSeconds = seconds
        return details
    }
}
