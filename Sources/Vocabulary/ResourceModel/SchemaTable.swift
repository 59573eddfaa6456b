/// The schemas that `Schema.reference` names: what recursive schemas are made of.
public struct SchemaTable: Sendable {
    private var named: [String: Schema]

    /// Makes a table of named schemas.
    public init(_ named: [String: Schema] = [:]) {
        self.named = named
    }

    /// The schema itself, references followed. What is named nowhere may be anything.
    public func resolve(_ schema: Schema) -> Schema {
        var found = schema
        // A name that leads only to names would go round for ever.
        for _ in 0...named.count {
            guard case .reference(let name) = found else { return found }
            found = named[name] ?? .any(preservesUnknown: true)
        }
        return .any(preservesUnknown: true)
    }
}
