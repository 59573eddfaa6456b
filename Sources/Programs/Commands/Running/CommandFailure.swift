internal import ClusterAccess
internal import HTTPClient
internal import Manifests
internal import Printing
internal import ResourceModel

/// Why a command ends without success.
struct CommandFailure: Error {
    /// For people; empty where everything was said.
    var message: String
    /// 1 but for `diff`.
    var exitCode: Int32 = 1

    /// Says something in a line of its own.
    init(_ message: String, exitCode: Int32 = 1) {
        self.message = message
        self.exitCode = exitCode
    }

    /// What went wrong has been told already.
    static let told = CommandFailure("")

    /// Something did not come to hold for an object.
    static func timedOut(_ place: ObjectPlace) -> CommandFailure {
        CommandFailure(
            "timed out waiting for the condition on \(place.kind.resource)/\(place.name)")
    }

    /// What kubectl says of any failure.
    /// - Parameter place: the host and port of the server.
    static func text(_ error: any Error, place: String) -> String {
        switch error {
        case let failure as CommandFailure:
            failure.message.isEmpty ? "" : "error: " + failure.message
        case let failure as APIFailure: text(failure)
        case let failure as LocatedFailure:
            ([text(failure.cause, place: place)] + failure.lines).joined(separator: "\n")
        case HTTPFailure.refused:
            "The connection to the server \(place) was refused"
                + " - did you specify the right host or port?"
        case HTTPFailure.invalid(let why): "error: \(why)"
        case HTTPFailure.timedOut: "error: the server did not answer in time"
        case let failure as HTTPFailure: "Unable to connect to the server: \(failure)"
        case let failure as any CustomStringConvertible: "error: \(failure)"
        default: "error: \(error)"
        }
    }

    private static func text(_ failure: APIFailure) -> String {
        switch failure.reason {
        case .invalid: return invalidText(failure)
        case .unauthorized:
            return "error: You must be logged in to the server (\(failure.message))"
        case .unknown: return "Error from server: \(failure.message)"
        default: return "Error from server (\(failure.reason.rawValue)): \(failure.message)"
        }
    }

    private static func invalidText(_ failure: APIFailure) -> String {
        var text = "The request is invalid"
        guard let details = failure.details else { return "\(text): \(failure.message)" }
        if !details.kind.isEmpty || !details.name.isEmpty {
            text = "The \(details.kind) \(GoText.quoted(details.name)) is invalid"
        } else if details.causes.isEmpty {
            return "\(text): \(failure.message)"
        }
        let causes = details.causes.map { cause in
            cause.field.isEmpty ? cause.message : "\(cause.field): \(cause.message)"
        }
        guard causes.count != 1 else { return "\(text): \(causes[0])" }
        return ([text + ": "] + causes.map { "* " + $0 }).joined(separator: "\n")
    }
}

extension APIFailure {
    /// The same failure, saying what was done with what.
    func adding(_ what: String) -> APIFailure {
        var failure = self
        failure.message = "\(what): \(message)"
        return failure
    }
}
