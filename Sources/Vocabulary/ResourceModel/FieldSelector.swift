/// Which fields' values are wanted, as in `metadata.name=x,status.phase!=y`.
public struct FieldSelector: Sendable, Equatable {
    /// One condition on one field.
    public struct Term: Sendable, Equatable {
        /// The field.
        public var field: String
        /// The value.
        public var value: String
        /// Whether the field must have the value, or must not have it.
        public var isEqual: Bool

        /// Makes a condition.
        public init(_ field: String, _ value: String, isEqual: Bool = true) {
            self.field = field
            self.value = value
            self.isEqual = isEqual
        }
    }

    /// Why a text is no selector; `description` has Kubernetes' words.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong.
        public var description: String
    }

    /// The conditions.
    public var terms: [Term]

    /// Wants what meets all conditions.
    public init(_ terms: [Term] = []) {
        self.terms = terms
    }

    /// Reads the text form, where a backslash takes the meaning from `,`, `=` and itself.
    public init(parsing text: String) throws(Failure) {
        terms = []
        for part in Self.split(text) where !part.isEmpty {
            guard let term = try Self.term(part) else {
                throw Failure(
                    description: "invalid selector: '\(text)'; can't understand '\(part)'")
            }
            terms.append(term)
        }
    }

    /// Whether everything is wanted.
    public var isEmpty: Bool { terms.isEmpty }

    /// Whether fields are as wanted; `value` tells a field's value, empty where it has none.
    public func matches(_ value: (_ field: String) -> String) -> Bool {
        terms.allSatisfy { (value($0.field) == $0.value) == $0.isEqual }
    }

    /// The value that a field must have, if one is demanded.
    public func requiredValue(of field: String) -> String? {
        terms.first { $0.field == field && $0.isEqual }?.value
    }

    /// The first field that is not among the known ones.
    public func unknownField(among known: [String]) -> String? {
        terms.first { !known.contains($0.field) }?.field
    }

    private static func split(_ text: String) -> [String] {
        var parts = [""]
        var isEscaped = false
        for character in text {
            if character == ",", !isEscaped {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return parts
    }

    private static func term(_ part: String) throws(Failure) -> Term? {
        let characters = Array(part)
        var isEscaped = false
        for (index, character) in characters.enumerated() {
            if isEscaped {
                isEscaped = false
                continue
            }
            isEscaped = character == "\\"
            for (sign, isEqual) in [("!=", false), ("==", true), ("=", true)]
            where characters[index...].starts(with: sign) {
                let value = try unescaped(characters[(index + sign.count)...])
                return Term(String(characters[..<index]), value, isEqual: isEqual)
            }
        }
        return nil
    }

    private static func unescaped(_ value: ArraySlice<Character>) throws(Failure) -> String {
        var text = ""
        var isEscaped = false
        for character in value {
            if isEscaped {
                guard ",=\\".contains(character) else {
                    throw Failure(
                        description:
                            "invalid field selector: invalid escape sequence: \\\(character)")
                }
                text.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," || character == "=" {
                throw Failure(
                    description:
                        "invalid field selector: unescaped character in value: \(character)")
            } else {
                text.append(character)
            }
        }
        if isEscaped {
            throw Failure(description: "invalid field selector: value ends with a backslash")
        }
        return text
    }
}

extension FieldSelector: CustomStringConvertible {
    /// The text form.
    public var description: String {
        terms.map { term in
            let value = term.value.map { ",=\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
            return "\(term.field)\(term.isEqual ? "=" : "!=")\(value)"
        }.joined(separator: ",")
    }
}
