package import ResourceModel

/// What `kubectl explain` says of a kind, or of one of its fields, out of the OpenAPI document of
/// its group and version.
package struct SchemaExplanation {
    /// Why there is nothing to explain, in kubectl's words.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The words.
        package var description: String
    }

    /// Which resource is asked about.
    package struct Subject: Sendable {
        /// The group; empty for the core group.
        package var group: String
        /// The version.
        package var version: String
        /// The resource, as in `deployments`.
        package var resource: String

        /// Names a resource.
        package init(group: String, version: String, resource: String) {
            self.group = group
            self.version = version
            self.resource = resource
        }

        /// As messages name it.
        package var printed: String { "\(group)/\(version), Resource=\(resource)" }
    }

    private let document: SchemaDirectory
    private let isRecursive: Bool
    /// What is said, up to the field that is not there.
    package private(set) var text = ""

    private init(_ document: JSON, isRecursive: Bool) {
        self.document = SchemaDirectory(document: document)
        self.isRecursive = isRecursive
    }

    /// Explains a resource, or the field at a path.
    /// - Returns: what is said, and why it ends before its time if it does.
    package static func explain(
        _ subject: Subject, fields: [String], in document: JSON, isRecursive: Bool
    ) -> (text: String, failure: Failure?) {
        var explanation = SchemaExplanation(document, isRecursive: isRecursive)
        do {
            try explanation.write(subject, fields)
            return (explanation.text, nil)
        } catch {
            return (explanation.text, error)
        }
    }

    private mutating func write(_ subject: Subject, _ fields: [String]) throws(Failure) {
        guard let kind = document.kind(of: subject) else {
            throw Failure(
                description: "GVR (\(subject.printed)) not found in OpenAPI schema")
        }
        let group = kind.text("group")
        if !group.isEmpty { text += "GROUP:      \(group)\n" }
        text += "KIND:       \(kind.text("kind"))\n"
        text += "VERSION:    \(kind.text("version"))\n\n"
        guard let schema = document.schema(ofKind: kind) else {
            throw Failure(description: "GVK \(kind.printed) not found in OpenAPI schema")
        }
        guard let shown = explained(schema, fields[...], seen: []) else {
            let name = GoText.quoted(fields.last ?? "")
            throw Failure(description: "field \(name) does not exist")
        }
        text += shown + "\n"
    }

    /// What is at a path of fields; nil if there is no such field.
    private func explained(
        _ schema: JSON, _ fields: ArraySlice<String>, seen: Set<String>
    ) -> String? {
        let resolved = document.resolved(schema)
        guard let name = fields.first else { return page(resolved) }
        let reference = schema["$ref"].stringValue
        if let reference, seen.contains(reference) { return nil }
        let seen = seen.union(reference.map { [$0] } ?? [])
        if let field = resolved["properties"][name] {
            guard let rest = explained(field, fields.dropFirst(), seen: []) else { return nil }
            guard fields.count == 1 else { return rest }
            let values = enumeration(field, isLong: true, margin: "")
            return "FIELD: \(name) <\(document.typeName(field))>\n\(values)\n\n" + rest
        }
        if let inner = resolved.itemSchema { return explained(inner, fields, seen: seen) }
        for part in resolved.items("allOf") {
            if let found = explained(part, fields, seen: seen) { return found }
        }
        return nil
    }

    /// A description and the fields.
    private func page(_ schema: JSON) -> String {
        let description = document.description(schema).or("<empty>")
        var text = "DESCRIPTION:\n" + WrappedText.wrapped(description, to: 76).indented(4) + "\n"
        if let docs = schema["externalDocs"] { text += "\n" + externalDocs(docs, 0, 76) }
        let list = fieldList(schema, level: 1, seen: [])
        return list.isEmpty ? text : text + "FIELDS:\n" + list
    }

    private func externalDocs(_ docs: JSON, _ indent: Int, _ width: Int) -> String {
        var text = "EXTERNAL DOCS:".indented(indent) + "\n"
        let words = docs.text("description")
        if !words.isEmpty {
            text += WrappedText.wrapped(words, to: width).indented(indent + 4) + "\n"
        }
        let address = docs.text("url")
        return address.isEmpty ? text : text + ("URL: " + address).indented(indent + 4) + "\n"
    }

    private func fieldList(_ schema: JSON, level: Int, seen: Set<String>) -> String {
        let reference = schema["$ref"].stringValue
        if let reference, seen.contains(reference) { return "" }
        let seen = seen.union(reference.map { [$0] } ?? [])
        let resolved = document.resolved(schema)
        var text = ""
        let required = Set(resolved.texts("required"))
        for member in resolved["properties"]?.sortedMembers ?? [] {
            text += field(member, isRequired: required.contains(member.name), level)
            if isRecursive { text += fieldList(member.value, level: level + 1, seen: seen) }
        }
        for part in resolved.items("allOf") + resolved.itemSchemas {
            text += fieldList(part, level: level, seen: seen)
        }
        return text
    }

    private func field(_ member: JSONObject.Member, isRequired: Bool, _ level: Int) -> String {
        let indent = 2 * level
        let schema = member.value
        var text = member.name.indented(indent) + "\t<\(document.typeName(schema))>"
        if isRequired { text += " -required-" }
        text += enumeration(schema, isLong: false, margin: "".indented(indent)) + "\n"
        guard !isRecursive else { return text }
        let description = schema.text("description").or("<no description>")
        text += WrappedText.wrapped(description, to: 78 - indent).indented(indent + 2) + "\n"
        if let docs = schema["externalDocs"] {
            text += "\n" + externalDocs(docs, indent + 2, 76 - indent)
        }
        return text + "\n"
    }

    /// The values that a field may have, the first few of them in lists of fields.
    private func enumeration(_ schema: JSON, isLong: Bool, margin: String) -> String {
        let values = schema.items("enum").map { $0.printed.or("\"\"") }
        guard !values.isEmpty else { return "" }
        if isLong { return "ENUM:" + values.map { "\n    " + $0 }.joined() }
        let few = values.prefix(4).joined(separator: ", ")
        return "\n" + margin + "enum: " + few + (values.count > 4 ? ", ...." : "")
    }
}

extension JSON {
    /// The schemas of what is in a list or a map.
    var itemSchemas: [JSON] {
        [self["items"], self["additionalProperties"]].compactMap { $0 }
            .filter { $0.objectValue != nil }
    }

    /// The first of them.
    var itemSchema: JSON? { itemSchemas.first }
}

extension String {
    /// The text with all its lines put in.
    func indented(_ amount: Int) -> String {
        let margin = String(repeating: " ", count: amount)
        return lines.map { margin + $0 }.joined(separator: "\n")
    }
}
