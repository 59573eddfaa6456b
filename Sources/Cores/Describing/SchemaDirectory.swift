import ResourceModel

/// The schemas of an OpenAPI document.
struct SchemaDirectory {
    private static let kindKey = "x-kubernetes-group-version-kind"
    private static let prefix = "#/components/schemas/"

    let document: JSON

    /// The kind that the paths of a resource deal with.
    func kind(of subject: SchemaExplanation.Subject) -> JSON? {
        let root = subject.group.isEmpty ? "/api" : "/apis/" + subject.group
        for place in ["", "/namespaces/{namespace}"] {
            for suffix in ["", "/{name}"] {
                let path = root + "/" + subject.version + place + "/" + subject.resource + suffix
                guard let operations = document["paths"][path] else { continue }
                for method in ["get", "post", "put", "patch", "delete"] {
                    if let kind = operations[method][Self.kindKey] { return kind }
                }
            }
        }
        return nil
    }

    /// The first schema of a kind, in the order of their names.
    func schema(ofKind kind: JSON) -> JSON? {
        let schemas = document["components"]["schemas"]?.sortedMembers ?? []
        return schemas.first { $0.value.items(Self.kindKey).contains(kind) }?.value
    }

    /// What a schema refers to; itself if it is no reference, or one to nothing.
    func resolved(_ schema: JSON) -> JSON { target(schema) ?? schema }

    private func target(_ schema: JSON) -> JSON? {
        guard let reference = schema["$ref"].stringValue, reference.hasPrefix(Self.prefix) else {
            return nil
        }
        return document["components"]["schemas"][String(reference.dropFirst(Self.prefix.count))]
    }

    /// The descriptions of a schema and of what it is made of, each with the end of its line.
    func description(_ schema: JSON, seen: Set<String> = []) -> String {
        let reference = schema["$ref"].stringValue
        if let reference, seen.contains(reference) { return "" }
        let seen = seen.union(reference.map { [$0] } ?? [])
        let resolved = resolved(schema)
        let own = resolved.text("description")
        let parts = resolved.items("allOf") + resolved.itemSchemas
        return (own.isEmpty ? "" : own + "\n")
            + parts.map { description($0, seen: seen) }.joined()
    }

    /// A type as people write it, as in `[]string` and `map[string]Quantity`.
    func typeName(_ schema: JSON) -> String {
        if let items = schema["items"] { return "[]" + typeName(items) }
        if let values = schema["additionalProperties"], values.objectValue != nil {
            return "map[string]" + typeName(values)
        }
        let parts = schema.items("allOf")
        if parts.count == 1, schema["properties"] == nil { return typeName(parts[0]) }
        if let reference = schema["$ref"].stringValue {
            let type = target(schema)?.text("type") ?? ""
            guard type.isEmpty || type == "object" else { return type }
            return String(reference.split { $0 == "/" || $0 == "." }.last ?? "Object")
        }
        let type = schema.text("type")
        return type == "object" ? "Object" : type.or("Object")
    }
}

/// Text in lines that are not too long.
enum WrappedText {
    /// Breaks lines between words; a break takes the place of the blanks there. What is longer
    /// than a line stands by itself.
    static func wrapped(_ text: String, to width: Int) -> String {
        text.lines.map { line($0, width) }.joined(separator: "\n")
    }

    private static func line(_ text: String, _ width: Int) -> String {
        var result = ""
        var used = 0
        var rest = Array(text.unicodeScalars)[...]
        while !rest.isEmpty {
            let blanks = rest.prefix(while: isBlank)
            let word = rest.dropFirst(blanks.count).prefix { !isBlank($0) }
            rest = rest.dropFirst(blanks.count + word.count)
            let isTooLong = used + blanks.count + word.count > width
            if word.isEmpty {
                if !isTooLong { result.unicodeScalars += blanks }
            } else if isTooLong, used + blanks.count > 1 {
                result += "\n"
                result.unicodeScalars += word
                used = word.count
            } else {
                result.unicodeScalars += blanks
                result.unicodeScalars += word
                used += blanks.count + word.count
            }
        }
        return result
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace && scalar != "\u{A0}"
    }
}
