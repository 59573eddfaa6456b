import ResourceModel

// The words in which the kinds are written down.

extension Schema {
    /// Any text.
    static let text = Schema.string(StringRules())
    /// A whole number of 32 bits.
    static let int32 = Schema.integer(IntegerRules())
    /// A whole number of 64 bits.
    static let int64 = Schema.integer(IntegerRules(is32Bit: false))
    /// Any number.
    static let number = Schema.number(NumberRules())
    /// A JSON schema, which may hold others.
    static let jsonSchema = Schema.reference(ObjectSchema.apiExtensions + "JSONSchemaProps")

    /// One of these texts.
    static func oneOf(_ allowed: String...) -> Schema { .string(StringRules(allowed: allowed)) }

    /// A list whose items are told apart by `keys` if there are any, else one value; a strategic
    /// merge patch goes by `mergeKey`.
    static func list(
        _ items: Schema, keys: [String] = [], mergeKey: String? = nil, retainsKeys: Bool = false
    ) -> Schema {
        .array(
            ListSchema(
                of: items, keys.isEmpty ? .atomic : .map(keys: keys), patchMergeKey: mergeKey,
                retainsKeys: retainsKeys))
    }

    /// Texts or numbers that are there at most once.
    static func set(of items: Schema) -> Schema { .array(ListSchema(of: items, .set)) }

    /// The same, and a strategic merge patch adds to it.
    static func mergedSet(of items: Schema) -> Schema {
        .array(ListSchema(of: items, .set, patchMergeKey: ""))
    }

    /// Values by name.
    static func map(of values: Schema) -> Schema { .map(MapSchema(of: values)) }

    /// Values by name, owned as one.
    static func atomicMap(of values: Schema) -> Schema {
        .map(MapSchema(of: values, isAtomic: true))
    }
}

extension ObjectSchema {
    /// A kind of object: its group and version, its kind, its metadata and its own fields.
    static func resource(_ name: String, _ summary: String, _ fields: [Field]) -> ObjectSchema {
        ObjectSchema(
            name, summary,
            [
                Field(0, "apiVersion", .text, "The group and version of this form of it."),
                Field(0, "kind", .text, "What kind of object it is."),
                Field(1, "metadata", .object(.objectMeta), "Its name, labels and so on."),
            ] + fields)
    }

    /// Where OpenAPI has the types around custom resources.
    static var apiExtensions: String {
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
    }
}
