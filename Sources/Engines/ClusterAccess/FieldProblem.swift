package import ResourceModel

/// What is wrong with one field of an object.
package struct FieldProblem: Sendable, Equatable {
    /// As in `spec.containers[0].image`.
    package var field: String
    /// As in `unknown field`.
    package var text: String

    /// Says what is wrong with a field.
    package init(field: String, text: String) {
        self.field = field
        self.text = text
    }

    /// What a server says of fields: among the causes, or, as Kubernetes does where an object
    /// cannot be read, in the message alone.
    package static func all(in failure: APIFailure) -> [FieldProblem] {
        let causes = (failure.details?.causes ?? []).filter { !$0.field.isEmpty }
        guard causes.isEmpty else {
            return causes.map { cause in
                let field = cause.field.hasPrefix(".") ? cause.field.dropFirst() : cause.field[...]
                return FieldProblem(
                    field: String(field),
                    text: all(in: cause.message).first?.text ?? cause.message)
            }
        }
        return all(in: failure.message)
    }

    /// What a message or a warning says of fields.
    package static func all(in message: String) -> [FieldProblem] {
        let named = message.matches(of: /((?:unknown|duplicate) field) \x22([^\x22]+)\x22/).map {
            FieldProblem(field: String($0.2), text: String($0.1))
        }
        let wrongType = /cannot unmarshal (.+) into Go struct field \w+\.(\S+) of type (\S+)/
        return named + message.matches(of: wrongType).map {
            FieldProblem(field: String($0.2), text: "\($0.1) where \($0.3) is wanted")
        }
    }

    /// Whether nobody knows the field.
    package var isUnknown: Bool { text == "unknown field" }

    /// Which of the fields beside an unknown one may have been meant.
    package func suggestion(_ known: FieldNames?) -> String? {
        guard isUnknown, let known, let name = field.split(separator: ".").last else { return nil }
        return Suggestion.nearest(
            to: String(name.prefix { $0 != "[" }), among: known.siblings(of: field))
    }
}
