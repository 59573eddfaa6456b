package import ResourceModel

/// Why a patch was refused; nothing has been changed then.
package enum PatchFailure: Error, Sendable, Equatable {
    /// The patch itself is malformed.
    case malformed(String)
    /// The patch does not fit the object.
    case inapplicable(String)

    /// What is wrong.
    package var message: String {
        switch self {
        case .malformed(let message), .inapplicable(let message): message
        }
    }

    /// The same as a failure of a request.
    package var apiFailure: APIFailure {
        switch self {
        case .malformed(let message): .badRequest(message)
        case .inapplicable(let message): .unprocessable(message)
        }
    }
}
