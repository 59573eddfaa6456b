internal import ResourceModel
internal import StoreModel

/// Refusals that speak of a kind.
extension APIFailure {
    /// The object does not exist.
    static func notFound(_ kind: KindDefinition, _ name: String) -> APIFailure {
        notFound(kind.groupVersionResource.groupResource, name)
    }

    /// The object exists.
    static func alreadyExists(_ kind: KindDefinition, _ name: String) -> APIFailure {
        alreadyExists(kind.groupVersionResource.groupResource, name)
    }

    /// The object has changed meanwhile.
    static func modified(_ kind: KindDefinition, _ name: String) -> APIFailure {
        modified(kind.groupVersionResource.groupResource, name)
    }

    /// Fields of the object are wrong.
    static func invalid(
        _ kind: KindDefinition, _ name: String, _ errors: [FieldError]
    ) -> APIFailure {
        invalid(kind.groupVersionKind.groupKind, name, errors)
    }

    /// The resource does not do this.
    static func methodNotAllowed(_ kind: KindDefinition, _ verb: String) -> APIFailure {
        methodNotAllowed(kind.groupVersionResource.groupResource, verb)
    }

    /// The options of a request are wrong.
    static func invalidOptions(_ type: String, _ errors: [FieldError]) -> APIFailure {
        invalid(GroupName(type, group: "meta.k8s.io"), "", errors)
    }
}

/// Refusals of the server as a whole.
extension APIFailure {
    /// Too much at once.
    static let busy = tooManyRequests(
        "Too many requests, please try again later.", retryAfterSeconds: 1)

    /// More bytes than are read.
    static let bodyTooLarge = tooLarge("limit is \(RequestInlet.bodyBytesMax)")

    /// The server goes down.
    static let stopping = serviceUnavailable("the server is stopping")

    /// The revision is still to come.
    static func tooLargeResourceVersion(_ wanted: Int64, current: Int64) -> APIFailure {
        var failure = APIFailure(
            504, .timeout, "Too large resource version: \(wanted), current: \(current)",
            Details())
        failure.details?.causes = [
            Cause(
                reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "")
        ]
        failure.details?.retryAfterSeconds = 1
        return failure
    }

    /// What a client is told of a failure of the store.
    init(_ failure: KeyValueFailure) {
        switch failure {
        case .store(.compacted), .watchCompacted:
            self = .expired("The resourceVersion for the provided list is too old.")
        case .store(.futureRevision(let current)):
            self = .tooLargeResourceVersion(current.rawValue + 1, current: current.rawValue)
        case .store(.noSpace): self = .internalError("the store is full: its quota is used up")
        case .store(let error): self = .internalError("the store refused a request: \(error)")
        case .unknownOutcome(let reason):
            self = .timeout("the store did not answer, the outcome is not known: \(reason)")
        case .unavailable(let reason):
            self = .serviceUnavailable("the store is unavailable: \(reason)")
        case .refused(let reason): self = .tooLarge(reason)
        }
    }
}
