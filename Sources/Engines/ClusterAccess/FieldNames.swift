package import ResourceModel

/// Which fields objects of a kind have, as the OpenAPI document of a server says it.
package struct FieldNames: Sendable {
    private let schemas: JSON
    private let root: JSON

    /// - Parameter document: of the kind's group and version.
    /// - Returns: nil if the document does not describe the kind.
    package init?(_ document: JSON, of kind: String, in apiVersion: String) {
        guard let schemas = document["components"]["schemas"],
            let version = GroupVersion(apiVersion: apiVersion)
        else { return nil }
        let identity: JSON = [
            "group": .string(version.group), "kind": .string(kind),
            "version": .string(version.version),
        ]
        let found = schemas.objectValue?.members.first {
            $0.value["x-kubernetes-group-version-kind"].arrayValue?.contains(identity) == true
        }
        guard let found else { return nil }
        self.schemas = schemas
        root = found.value
    }

    /// The fields beside an unknown one, as in `spec.containers[0].imag`; none where the document
    /// says nothing.
    package func siblings(of path: String) -> [String] {
        let names = path.split(separator: ".").map { $0.prefix { $0 != "[" } }
        var schema: JSON? = root
        for name in names.dropLast() {
            schema = resolved(schema)["properties"][String(name)]
            // An item of a list has the name of the list.
            while let items = resolved(schema)["items"] { schema = items }
        }
        return resolved(schema)["properties"].objectValue?.members.map(\.name) ?? []
    }

    /// What stands behind a reference.
    private func resolved(_ schema: JSON?) -> JSON? {
        let reference = schema["$ref"] ?? schema["allOf"][0]["$ref"]
        guard let name = reference.stringValue?.split(separator: "/").last else { return schema }
        return schemas[String(name)]
    }
}

extension ResourceDirectory {
    /// What the server says of a kind's fields, in one request for each kind.
    /// - Returns: nil where it says nothing.
    package func fieldNames(of kind: ResourceKind) throws -> FieldNames? {
        let path = (kind.group.isEmpty ? "/openapi/v3/api/" : "/openapi/v3/apis/") + kind.apiVersion
        if let known = fieldNames[kind] { return known }
        let document = try client.json(ClusterClient.Request("GET", path))
        let names = FieldNames(document, of: kind.kind, in: kind.apiVersion)
        fieldNames[kind] = names
        return names
    }
}
