package import ResourceModel

/// What `-o custom-columns=NAME:.metadata.name,…` shows.
package struct CustomColumns: Sendable {
    private var names: [String] = []
    private var paths: [JSONPath] = []

    /// Reads `NAME:PATH,…`.
    package init(parsing text: String) throws(JSONPath.Failure) {
        guard !text.isEmpty else {
            throw JSONPath.Failure(
                description: "custom-columns format specified but no custom columns given")
        }
        for part in Self.split(text) {
            guard let colon = part.firstIndex(of: ":") else {
                throw JSONPath.Failure(
                    description: "unexpected custom-columns spec: \(part), "
                        + "expected <header>:<json-path-expr>")
            }
            names.append(String(part[..<colon]))
            paths.append(try JSONPath(relaxed: String(part[part.index(after: colon)...])))
        }
    }

    /// Cuts at commas outside of brackets.
    private static func split(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            if character == "[" || character == "(" { depth += 1 }
            if character == "]" || character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    /// The table of some objects.
    package func table(of objects: [JSON]) -> PrintedTable {
        PrintedTable(
            names: names,
            rows: objects.map { object in
                paths.map { path in
                    let values = path.values(in: object)
                    return values.isEmpty
                        ? "<none>"
                        : values.map { $0.isNull ? "<none>" : $0.goText }.joined(separator: ",")
                }
            })
    }
}
