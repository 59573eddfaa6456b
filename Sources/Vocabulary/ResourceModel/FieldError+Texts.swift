extension FieldError {
    /// A value that is malformed or out of bounds.
    public static func invalid(_ path: String, _ value: JSON, _ detail: String) -> FieldError {
        FieldError(.invalid, path, "Invalid value: \(shown(value))\(suffix(detail))")
    }

    /// A value of the wrong type.
    public static func typeInvalid(_ path: String, _ value: JSON, _ detail: String) -> FieldError {
        FieldError(.typeInvalid, path, "Invalid value: \(shown(value))\(suffix(detail))")
    }

    /// A value that must be there.
    public static func required(_ path: String, _ detail: String = "") -> FieldError {
        FieldError(.required, path, "Required value\(suffix(detail))")
    }

    /// A value that stands twice where it may stand once.
    public static func duplicate(_ path: String, _ value: JSON) -> FieldError {
        FieldError(.duplicate, path, "Duplicate value: \(shown(value))")
    }

    /// A value that is not in a list of allowed ones.
    public static func notSupported(
        _ path: String, _ value: JSON, _ supported: [String]
    ) -> FieldError {
        let list = supported.map(GoText.quoted).joined(separator: ", ")
        let detail = supported.isEmpty ? "" : "supported values: \(list)"
        return FieldError(
            .notSupported, path, "Unsupported value: \(shown(value))\(suffix(detail))")
    }

    /// A value that is well-formed, but not allowed here or now.
    public static func forbidden(_ path: String, _ detail: String) -> FieldError {
        FieldError(.forbidden, path, "Forbidden\(suffix(detail))")
    }

    /// A text of too many bytes.
    public static func tooLong(_ path: String, bytesMax: Int) -> FieldError {
        let unit = bytesMax == 1 ? "byte" : "bytes"
        return FieldError(.tooLong, path, "Too long: may not be more than \(bytesMax) \(unit)")
    }

    /// A list of too many items.
    public static func tooMany(_ path: String, count: Int, countMax: Int) -> FieldError {
        let unit = countMax == 1 ? "item" : "items"
        return FieldError(
            .tooMany, path, "Too many: \(count): must have at most \(countMax) \(unit)")
    }

    /// Something named that does not exist.
    public static func notFound(_ path: String, _ value: JSON) -> FieldError {
        FieldError(.notFound, path, "Not found: \(shown(value))")
    }

    /// An update of a field that never changes.
    public static func immutable(_ path: String, _ value: JSON) -> FieldError {
        invalid(path, value, "field is immutable")
    }

    /// The path and the message together.
    public var text: String { "\(path): \(message)" }

    /// A value as messages show it: texts quoted, numbers plain, all else as JSON.
    private static func shown(_ value: JSON) -> String {
        switch value {
        case .string(let text): GoText.quoted(text)
        case .number(let number): GoText.shortNumber(number)
        default: value.encodedText
        }
    }

    private static func suffix(_ detail: String) -> String { detail.isEmpty ? "" : ": \(detail)" }
}

extension Array where Element == FieldError {
    /// The errors in one text: one alone, several in brackets, each once.
    public var text: String {
        var texts: [String] = []
        for error in self where !texts.contains(error.text) { texts.append(error.text) }
        return texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    }
}
