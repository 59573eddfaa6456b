internal import ResourceModel

/// Writes schemas as OpenAPI 3.0, with Kubernetes' extensions. Objects with a name become
/// components of their own, which the others refer to.
struct SchemaDocument {
    /// The components so far, by name.
    private(set) var components = JSONObject()
    /// Finds the schema behind a `Schema.reference`.
    private let table: SchemaTable

    private static let quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity"
    private static let integerOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
    private static let time = "io.k8s.apimachinery.pkg.apis.meta.v1.Time"
    private static let microTime = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"

    init(table: SchemaTable) {
        self.table = table
    }

    /// Adds the object of a kind; answers the name of its component.
    mutating func add(_ kind: KindDefinition) -> String {
        let name = kind.schema.name.isEmpty ? Self.name(of: kind) : kind.schema.name
        guard !components.contains(name) else { return name }
        components[name] = .null
        var document = object(kind.schema)
        document["x-kubernetes-group-version-kind"] = [Self.identity(of: kind)]
        components[name] = document
        return name
    }

    /// Adds the list of a kind; answers the name of its component.
    mutating func addList(_ kind: KindDefinition, item: String) -> String {
        let name = item + "List"
        guard !components.contains(name) else { return name }
        components[name] = [
            "description": .string("\(kind.kind)List is a list of \(kind.kind) objects."),
            "type": "object", "required": ["items"],
            "properties": [
                "apiVersion": ["type": "string"], "kind": ["type": "string"],
                "metadata": ["type": "object"],
                "items": ["type": "array", "items": Self.reference(to: item)],
            ],
            "x-kubernetes-group-version-kind": [Self.identity(of: kind, suffix: "List")],
        ]
        return name
    }

    /// Group, version and kind as the extension has them.
    static func identity(of kind: KindDefinition, suffix: String = "") -> JSON {
        [
            "group": .string(kind.group), "kind": .string(kind.kind + suffix),
            "version": .string(kind.version),
        ]
    }

    /// A reference beside which other members may stand.
    static func reference(to name: String) -> JSON {
        ["allOf": [["$ref": .string("#/components/schemas/\(name)")]]]
    }

    /// As Kubernetes names the components of custom resources: the group backwards.
    private static func name(of kind: KindDefinition) -> String {
        let group = kind.group.split(separator: ".").reversed().joined(separator: ".")
        return [group, kind.version, kind.kind].filter { !$0.isEmpty }.joined(separator: ".")
    }
}

extension SchemaDocument {
    private mutating func document(_ schema: Schema) -> JSON {
        switch schema {
        case .string(let rules): Self.string(rules)
        case .integer(let rules): Self.integer(rules)
        case .number(let rules): Self.number(rules)
        case .boolean: ["type": "boolean"]
        case .quantity: primitive(Self.quantity, Self.stringOrNumber)
        case .integerOrString: primitive(Self.integerOrString, Self.integerOrStringBody)
        case .time(let isMicro):
            primitive(
                isMicro ? Self.microTime : Self.time, ["type": "string", "format": "date-time"])
        case .bytes: ["type": "string", "format": "byte"]
        case .object(let object): reference(object)
        case .array(let list): array(list)
        case .map(let map): self.map(map)
        case .any(let preservesUnknown):
            preservesUnknown
                ? ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
                : .emptyObject
        case .reference(let name): reference(named: name)
        }
    }

    private static let stringOrNumber: JSON = [
        "oneOf": [["type": "string"], ["type": "number"]]
    ]
    private static let integerOrStringBody: JSON = [
        "oneOf": [["type": "integer"], ["type": "string"]], "format": "int-or-string",
        "x-kubernetes-int-or-string": true,
    ]

    private mutating func primitive(_ name: String, _ body: JSON) -> JSON {
        components[name] = body
        return Self.reference(to: name)
    }

    private mutating func reference(_ object: ObjectSchema) -> JSON {
        guard !object.name.isEmpty else { return self.object(object) }
        if !components.contains(object.name) {
            // The name is taken before what is inside is written: it may refer back to it.
            components[object.name] = .null
            components[object.name] = self.object(object)
        }
        return Self.reference(to: object.name)
    }

    private mutating func reference(named name: String) -> JSON {
        if !components.contains(name) {
            let schema = table.resolve(.reference(name))
            components[name] = .null
            if case .object(let object) = schema {
                components[name] = self.object(object)
            } else {
                components[name] = document(schema)
            }
        }
        return Self.reference(to: name)
    }

    private mutating func object(_ object: ObjectSchema) -> JSON {
        var document: JSON = ["type": "object"]
        if !object.summary.isEmpty { document["description"] = .string(object.summary) }
        if !object.fields.isEmpty {
            var properties = JSONObject()
            for field in object.fields { properties[field.name] = property(field) }
            document["properties"] = .object(properties)
        }
        let required = object.fields.filter(\.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { document["required"] = .array(required) }
        if object.preservesUnknown { document["x-kubernetes-preserve-unknown-fields"] = true }
        if object.isAtomic { document["x-kubernetes-map-type"] = "atomic" }
        return document
    }

    private mutating func property(_ field: Field) -> JSON {
        var document = document(field.schema)
        // What a reference leads to says so itself.
        var isSaid = false
        if case .object(let object) = field.schema, !object.name.isEmpty {
            isSaid = object.summary == field.summary
        }
        if !field.summary.isEmpty, !isSaid { document["description"] = .string(field.summary) }
        if let value = field.defaultValue { document["default"] = value }
        if field.isNullable { document["nullable"] = true }
        return document
    }

    private mutating func array(_ list: ListSchema) -> JSON {
        var document: JSON = ["type": "array", "items": self.document(list.items)]
        if let least = list.countMin { document["minItems"] = .integer(Int64(least)) }
        if let most = list.countMax { document["maxItems"] = .integer(Int64(most)) }
        switch list.kind {
        case .atomic: document["x-kubernetes-list-type"] = "atomic"
        case .set: document["x-kubernetes-list-type"] = "set"
        case .map(let keys):
            document["x-kubernetes-list-type"] = "map"
            document["x-kubernetes-list-map-keys"] = .array(keys.map { .string($0) })
        }
        if let key = list.patchMergeKey {
            if !key.isEmpty { document["x-kubernetes-patch-merge-key"] = .string(key) }
            document["x-kubernetes-patch-strategy"] =
                list.retainsKeys ? "merge,retainKeys" : "merge"
        }
        return document
    }

    private mutating func map(_ map: MapSchema) -> JSON {
        var document: JSON = ["type": "object", "additionalProperties": self.document(map.values)]
        if map.isAtomic { document["x-kubernetes-map-type"] = "atomic" }
        return document
    }

    private static func string(_ rules: StringRules) -> JSON {
        var document: JSON = ["type": "string"]
        if !rules.allowed.isEmpty { document["enum"] = .array(rules.allowed.map { .string($0) }) }
        if let least = rules.lengthMin { document["minLength"] = .integer(Int64(least)) }
        if let most = rules.lengthMax { document["maxLength"] = .integer(Int64(most)) }
        if let pattern = rules.pattern { document["pattern"] = .string(pattern) }
        if let format = rules.format { document["format"] = .string(format) }
        return document
    }

    private static func integer(_ rules: IntegerRules) -> JSON {
        var document: JSON = ["type": "integer", "format": rules.is32Bit ? "int32" : "int64"]
        if let minimum = rules.minimum { document["minimum"] = .integer(minimum) }
        if let maximum = rules.maximum { document["maximum"] = .integer(maximum) }
        if rules.excludesMinimum { document["exclusiveMinimum"] = true }
        if rules.excludesMaximum { document["exclusiveMaximum"] = true }
        if let step = rules.multipleOf { document["multipleOf"] = .integer(step) }
        if !rules.allowed.isEmpty { document["enum"] = .array(rules.allowed.map { .integer($0) }) }
        return document
    }

    private static func number(_ rules: NumberRules) -> JSON {
        var document: JSON = ["type": "number", "format": "double"]
        if let minimum = rules.minimum { document["minimum"] = .number(minimum) }
        if let maximum = rules.maximum { document["maximum"] = .number(maximum) }
        if rules.excludesMinimum { document["exclusiveMinimum"] = true }
        if rules.excludesMaximum { document["exclusiveMaximum"] = true }
        if let step = rules.multipleOf { document["multipleOf"] = .number(step) }
        return document
    }
}
