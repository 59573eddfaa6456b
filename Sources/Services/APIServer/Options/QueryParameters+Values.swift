internal import ResourceModel

/// Values of parameters, each refused in the words of Kubernetes where it is none.
extension QueryParameters {
    /// True or false as Go reads them; nil if it is not given.
    func flag(_ name: String) throws(APIFailure) -> Bool? {
        guard let text = self[name], !text.isEmpty else { return nil }
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw .badRequest("invalid value \"\(text)\" of \(name): expected true or false")
        }
    }

    /// A whole number; nil if it is not given.
    func number(_ name: String) throws(APIFailure) -> Int64? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let number = Int64(text) else {
            throw .badRequest("invalid value \"\(text)\" of \(name): expected a whole number")
        }
        return number
    }

    /// A resourceVersion; nil if it is not given.
    func resourceVersion() throws(APIFailure) -> Int64? {
        guard let text = self["resourceVersion"], !text.isEmpty else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw .invalidOptions(
                "ListOptions",
                [
                    .invalid(
                        "resourceVersion", .string(text),
                        "strconv.ParseUint: parsing \(GoText.quoted(text)): invalid syntax")
                ])
        }
        return number
    }
}
