internal import ResourceModel

/// The columns that a CustomResourceDefinition asks for.
enum CustomColumn {
    /// Reads a column.
    static func column(_ json: JSON, at path: String) -> Result<Column, FieldError> {
        let text = json["jsonPath"].stringValue ?? ""
        guard let jsonPath = JSONPath(text) else {
            return .failure(
                .invalid(path, .string(text), "must be a simple json path"))
        }
        let type = json["type"].stringValue ?? "string"
        return .success(
            Column(
                json["name"].stringValue ?? "", type: type,
                priority: Int(json["priority"].integerValue ?? 0),
                json["description"].stringValue ?? "",
                cell: { object, now in cell(jsonPath.values(in: object), type, now) }))
    }

    /// What is shown where nothing is asked for.
    static let age = Column(
        "Age", type: "date", "How long ago the object was created.",
        cell: { object, now in
            cell([object["metadata"]["creationTimestamp"] ?? .null], "date", now)
        })

    private static func cell(_ values: [JSON], _ type: String, _ now: Int64) -> JSON {
        guard let value = values.first, !value.isNull else { return .null }
        switch (type, value) {
        case ("date", .string(let text)):
            return .string(HumanDuration.age(text, nowSeconds: now))
        case ("integer", .integer), ("number", .integer), ("number", .number),
            ("boolean", .bool):
            return value
        case ("string", .string): return value
        case ("string", _):
            return .string(values.map(\.encodedText).joined(separator: ","))
        default: return .null
        }
    }
}
