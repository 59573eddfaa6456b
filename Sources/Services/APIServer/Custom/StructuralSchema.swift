internal import Admission
internal import ResourceModel

/// Reads the schema of a CustomResourceDefinition (a structural schema, OpenAPI v3) as ours. What
/// cannot be kept is refused with its path: a rule that is dropped would let wrong objects in.
struct StructuralSchema {
    /// What is wrong with it.
    private(set) var errors: [FieldError] = []

    /// Nested deeper than this a schema is refused.
    static let depthMax = 64
    /// Properties of all levels together.
    static let propertiesMax = 20_000

    private var propertyCount = 0

    /// Keywords of JSON Schema and of Kubernetes that are refused, with what to say.
    private static let refused: [(keyword: String, why: String)] = [
        ("x-kubernetes-validations", "CEL rules are not supported by this server"),
        ("$ref", "references are not allowed in structural schemas"),
        ("allOf", "allOf is not supported by this server"),
        ("oneOf", "oneOf is not supported by this server"),
        ("anyOf", "anyOf is supported with x-kubernetes-int-or-string only"),
        ("not", "not is not supported by this server"),
        ("minProperties", "minProperties is not supported by this server"),
        ("maxProperties", "maxProperties is not supported by this server"),
        ("patternProperties", "patternProperties is not allowed in structural schemas"),
        ("dependencies", "dependencies is not allowed in structural schemas"),
        ("definitions", "definitions is not allowed in structural schemas"),
        ("additionalItems", "additionalItems is not allowed in structural schemas"),
        ("id", "id is not allowed in structural schemas"),
    ]

    init() {}

    /// Reads the schema of a value at a path.
    mutating func schema(_ json: JSON, at path: String, depth: Int = 0) -> Schema {
        guard depth < Self.depthMax else {
            refuse(path, "is nested deeper than \(Self.depthMax) levels")
            return .any(preservesUnknown: true)
        }
        guard case .object(let object) = json else {
            errors.append(.typeInvalid(path, json, "must be an object"))
            return .any(preservesUnknown: true)
        }
        let isIntegerOrString = json["x-kubernetes-int-or-string"].boolValue == true
        for (keyword, why) in Self.refused where object.contains(keyword) {
            if isIntegerOrString, ["anyOf", "allOf"].contains(keyword) { continue }
            refuse("\(path).\(keyword)", why)
        }
        if json["uniqueItems"].boolValue == true {
            refuse("\(path).uniqueItems", "uniqueItems cannot be set to true")
        }
        if isIntegerOrString { return .integerOrString }
        let preserves = json["x-kubernetes-preserve-unknown-fields"].boolValue == true
        switch json["type"].stringValue {
        case "object":
            if json["x-kubernetes-embedded-resource"].boolValue == true, preserves {
                return .any(preservesUnknown: true)
            }
            return objectSchema(json, path, preserves, depth)
        case "array": return array(json, path, depth)
        case "string": return .string(string(json, path))
        case "integer": return .integer(integer(json, path))
        case "number": return .number(number(json))
        case "boolean": return .boolean
        case nil where preserves: return .any(preservesUnknown: true)
        case nil:
            errors.append(
                .required("\(path).type", "must not be empty for specified object fields"))
        case .some(let type):
            errors.append(
                .notSupported(
                    "\(path).type", .string(type),
                    ["array", "boolean", "integer", "number", "object", "string"]))
        }
        return .any(preservesUnknown: true)
    }

    private mutating func refuse(_ path: String, _ why: String) {
        errors.append(.forbidden(path, why))
    }

    private mutating func objectSchema(
        _ json: JSON, _ path: String, _ preserves: Bool, _ depth: Int
    ) -> Schema {
        let isAtomic = json["x-kubernetes-map-type"].stringValue == "atomic"
        if let values = json["additionalProperties"], values != .bool(false) {
            if json["properties"] != nil {
                refuse(
                    "\(path).additionalProperties",
                    "additionalProperties and properties are mutual exclusive")
            }
            if case .bool = values { return .any(preservesUnknown: true) }
            let place = "\(path).additionalProperties"
            let schema = schema(values, at: place, depth: depth + 1)
            return .map(MapSchema(of: schema, isAtomic: isAtomic))
        }
        let fields = fields(of: json, at: path, depth: depth)
        return .object(
            ObjectSchema(
                "", json["description"].stringValue ?? "", preservesUnknown: preserves,
                isAtomic: isAtomic, fields))
    }

    /// The properties of an object as fields.
    mutating func fields(of json: JSON, at path: String, depth: Int) -> [Field] {
        let required = Set((json["required"].arrayValue ?? []).compactMap(\.stringValue))
        let properties = json["properties"].objectValue?.members ?? []
        propertyCount += properties.count
        guard propertyCount <= Self.propertiesMax else {
            refuse(path, "has more than \(Self.propertiesMax) properties")
            return []
        }
        var fields = properties.map { property in
            let place = "\(path).properties[\(property.name)]"
            let value = property.value
            return Field(
                0, property.name, schema(value, at: place, depth: depth + 1),
                value["description"].stringValue ?? "",
                isRequired: required.contains(property.name), default: value["default"],
                isNullable: value["nullable"].boolValue == true)
        }
        let known = Set(properties.map(\.name))
        for name in required.subtracting(known).sorted() {
            fields.append(
                Field(0, name, .any(preservesUnknown: true), "", isRequired: true))
        }
        return fields
    }

    private mutating func array(_ json: JSON, _ path: String, _ depth: Int) -> Schema {
        var items = Schema.any(preservesUnknown: true)
        if let given = json["items"] {
            items = schema(given, at: "\(path).items", depth: depth + 1)
        } else {
            errors.append(.required("\(path).items", "must be specified"))
        }
        var list = ListSchema(of: items)
        let keys = (json["x-kubernetes-list-map-keys"].arrayValue ?? []).compactMap(\.stringValue)
        switch json["x-kubernetes-list-type"].stringValue {
        case "set": list.kind = .set
        case "map":
            list.kind = .map(keys: keys)
            if keys.isEmpty {
                errors.append(
                    .required(
                        "\(path).x-kubernetes-list-map-keys",
                        "must not be empty if x-kubernetes-list-type is map"))
            }
        default: break
        }
        list.countMin = json["minItems"].integerValue.map(Int.init)
        list.countMax = json["maxItems"].integerValue.map(Int.init)
        return .array(list)
    }

    private mutating func string(_ json: JSON, _ path: String) -> StringRules {
        var rules = StringRules(allowed: [])
        for value in json["enum"].arrayValue ?? [] {
            if let text = value.stringValue { rules.allowed.append(text) }
        }
        rules.lengthMin = json["minLength"].integerValue.map(Int.init)
        rules.lengthMax = json["maxLength"].integerValue.map(Int.init)
        rules.format = json["format"].stringValue
        if let pattern = json["pattern"].stringValue {
            rules.pattern = pattern
            errors += KindRules.problems(of: .string(rules), path: "\(path).pattern")
        }
        return rules
    }

    private mutating func integer(_ json: JSON, _ path: String) -> IntegerRules {
        var rules = IntegerRules(is32Bit: json["format"].stringValue == "int32")
        rules.minimum = json["minimum"].numberValue.map { Int64($0.rounded(.up)) }
        rules.maximum = json["maximum"].numberValue.map { Int64($0.rounded(.down)) }
        rules.excludesMinimum = json["exclusiveMinimum"].boolValue == true
        rules.excludesMaximum = json["exclusiveMaximum"].boolValue == true
        rules.multipleOf = json["multipleOf"].integerValue
        rules.allowed = (json["enum"].arrayValue ?? []).compactMap(\.integerValue)
        return rules
    }

    private func number(_ json: JSON) -> NumberRules {
        var rules = NumberRules()
        rules.minimum = json["minimum"].numberValue
        rules.maximum = json["maximum"].numberValue
        rules.excludesMinimum = json["exclusiveMinimum"].boolValue == true
        rules.excludesMaximum = json["exclusiveMaximum"].boolValue == true
        rules.multipleOf = json["multipleOf"].numberValue
        return rules
    }
}
