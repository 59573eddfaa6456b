package import ResourceModel

extension KindRules {
    /// An object as its kind has it.
    package struct Decoded: Sendable, Equatable {
        /// The object without what its schema does not know.
        package var object: JSON
        /// What the client should be told in `Warning` headers.
        package var warnings: [String]
    }

    /// Reads a parsed body as an object of this kind: fields of wrong types are refused (those of
    /// custom resources by `validate`), unknown ones are dropped, quantities and times get their
    /// canonical form, and null means absent.
    ///
    /// - Parameter duplicates: the paths that the parser found twice.
    /// - Throws: 400 with Kubernetes' words, the field's path among the causes.
    package func decode(
        _ body: JSON, duplicates: [String] = [], _ validation: FieldValidation
    ) throws(APIFailure) -> Decoded {
        var decoding = Decoding(rules: self)
        var object = body
        guard case .object = body else {
            throw refusal(
                "json: cannot unmarshal \(Self.typeName(of: body)) into Go value of type "
                    + "\(kind.version).\(kind.kind)", at: "")
        }
        do {
            try decoding.members(
                of: &object, schema, Place(path: "", plainPath: "", owner: kind.kind))
        } catch {
            throw refusal(error.problem, at: error.path)
        }
        let problems =
            decoding.unknown.map { "unknown field \(GoText.quoted($0))" }
            + duplicates.map { "duplicate field \(GoText.quoted($0))" }
        if validation == .strict, !problems.isEmpty {
            throw strictRefusal(problems, paths: decoding.unknown + duplicates)
        }
        return Decoded(object: object, warnings: validation == .warn ? problems : [])
    }

    private func refusal(_ problem: String, at path: String) -> APIFailure {
        var failure = APIFailure.undecodable(kind, problem)
        var details = APIFailure.Details()
        if !path.isEmpty {
            details.causes = [
                .init(reason: "FieldValueTypeInvalid", message: problem, field: path)
            ]
            failure.details = details
        }
        return failure
    }

    private func strictRefusal(_ problems: [String], paths: [String]) -> APIFailure {
        var failure = APIFailure.undecodable(
            kind, "strict decoding error: \(problems.joined(separator: ", "))")
        var details = APIFailure.Details()
        details.causes = zip(problems, paths).map {
            .init(reason: "FieldValueInvalid", message: $0, field: $1)
        }
        failure.details = details
        return failure
    }

    /// What Go calls a value in its decoding errors.
    static func typeName(of value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "bool"
        case .integer, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

/// Where a value stands.
struct Place {
    /// With indices, as people look for it.
    var path: String
    /// Without indices, as Go prints it.
    var plainPath: String
    /// The type around it.
    var owner: String

    func field(_ name: String, in owner: String) -> Place {
        Place(path: child(path, name), plainPath: child(plainPath, name), owner: owner)
    }

    func item(_ index: Int) -> Place {
        Place(path: Admission.item(path, index), plainPath: plainPath, owner: owner)
    }
}

/// A value that is not of its type.
private struct WrongType: Error {
    var path: String
    var problem: String
}

/// One walk through an object.
private struct Decoding {
    let rules: KindRules
    var unknown: [String] = []

    mutating func members(
        of value: inout JSON, _ schema: ObjectSchema, _ place: Place
    ) throws(WrongType) {
        let owner = schema.name.isEmpty ? place.owner : String(shortName(schema.name))
        var dropped: Set<String> = []
        try value.withMembers { (object: inout JSONObject) throws(WrongType) in
            try object.transformValues { (name, member) throws(WrongType) in
                let inner = place.field(name, in: owner)
                guard let field = schema.field(name) else {
                    if !schema.preservesUnknown {
                        note(inner.path)
                        dropped.insert(name)
                    }
                    return
                }
                if member.isNull {
                    if rules.wording == .builtIn || field.defaultValue != nil {
                        if !field.isNullable { dropped.insert(name) }
                    }
                    return
                }
                // Of custom resources only the metadata has types before validation.
                let isTyped = rules.wording == .builtIn || place.path.isEmpty && name == "metadata"
                try decode(&member, field.schema, inner, isTyped: isTyped || isInMetadata(place))
            }
        }
        if !dropped.isEmpty {
            value.withMembers { $0.removeAll { dropped.contains($0.name) } }
        }
    }

    private func isInMetadata(_ place: Place) -> Bool {
        place.plainPath == "metadata" || place.plainPath.hasPrefix("metadata.")
    }

    private mutating func note(_ path: String) {
        if unknown.count < KindRules.errorsMax { unknown.append(path) }
    }

    private mutating func decode(
        _ value: inout JSON, _ schema: Schema, _ place: Place, isTyped: Bool
    ) throws(WrongType) {
        let schema = rules.table.resolve(schema)
        switch (schema, value) {
        case (.object(let object), .object): try members(of: &value, object, place)
        case (.array(let list), .array):
            var index = 0
            try value.withItems { (items: inout [JSON]) throws(WrongType) in
                while index < items.count {
                    let inner = place.item(index)
                    if items[index].isNull, isTyped { items[index] = zero(of: list.items) }
                    try decode(&items[index], list.items, inner, isTyped: isTyped)
                    index += 1
                }
            }
        case (.map(let map), .object):
            try value.withMembers { (object: inout JSONObject) throws(WrongType) in
                try object.transformValues { (name, member) throws(WrongType) in
                    if member.isNull, isTyped { member = zero(of: map.values) }
                    let inner = place.field(name, in: place.owner)
                    try decode(&member, map.values, inner, isTyped: isTyped)
                }
            }
        default:
            if isTyped { try scalar(&value, schema, place) }
        }
    }

    /// What Go makes of null in a list or a map.
    private func zero(of schema: Schema) -> JSON {
        switch rules.table.resolve(schema) {
        case .string, .bytes: ""
        case .integer, .number: 0
        case .boolean: false
        case .object, .map: [:]
        case .array: []
        default: .null
        }
    }

    private func scalar(
        _ value: inout JSON, _ schema: Schema, _ place: Place
    ) throws(WrongType) {
        switch (schema, value) {
        case (.any, _), (.string, .string), (.boolean, .bool), (.number, .integer),
            (.number, .number), (.integerOrString, .string):
            return
        case (.integer(let rules), .integer(let number)):
            if !rules.is32Bit || Int32(exactly: number) != nil { return }
        case (.integerOrString, .integer(let number)):
            if Int32(exactly: number) != nil { return }
        case (.quantity, .string), (.quantity, .integer), (.quantity, .number):
            do {
                value = .string(try Quantity(value).description)
                return
            } catch {
                throw WrongType(path: place.path, problem: error.description)
            }
        case (.time(let isMicro), .string(let text)):
            guard let problem = Timestamp.problem(text) else {
                if !isMicro, let seconds = Timestamp.seconds(text) {
                    value = .string(Timestamp.text(seconds: seconds))
                }
                return
            }
            throw WrongType(path: place.path, problem: problem)
        case (.bytes, .string(let text)):
            guard let offset = Base64.firstWrongByte(text) else { return }
            throw WrongType(
                path: place.path, problem: "illegal base64 data at input byte \(offset)")
        default: break
        }
        throw WrongType(
            path: place.path,
            problem: "json: cannot unmarshal \(shown(value, schema)) into Go struct field "
                + "\(place.owner).\(place.plainPath) of type \(goType(schema))")
    }

    private func shown(_ value: JSON, _ schema: Schema) -> String {
        // Go tells the number only where a number is wanted.
        switch (schema, value) {
        case (.integer, .integer), (.integer, .number), (.integerOrString, .integer),
            (.integerOrString, .number):
            "number \(value.encodedText)"
        default: KindRules.typeName(of: value)
        }
    }

    private func goType(_ schema: Schema) -> String {
        switch rules.table.resolve(schema) {
        case .string, .time, .quantity: return "string"
        case .integer(let rules): return rules.is32Bit ? "int32" : "int64"
        case .number: return "float64"
        case .boolean: return "bool"
        case .integerOrString: return "intstr.IntOrString"
        case .bytes: return "[]uint8"
        case .object(let object):
            let parts = object.name.split(separator: ".").suffix(2)
            return parts.isEmpty ? "map[string]interface {}" : parts.joined(separator: ".")
        case .array(let list): return "[]" + goType(list.items)
        case .map(let map): return "map[string]" + goType(map.values)
        case .any, .reference: return "interface {}"
        }
    }

    private func shortName(_ name: String) -> Substring {
        name.split(separator: ".").last ?? ""
    }
}
