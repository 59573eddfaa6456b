package import ResourceModel

extension KindRules {
    /// What is wrong with an object, at most a hundred things. Rules across fields are the
    /// kind's `Strategy.validate`.
    package func validate(_ object: JSON) -> [FieldError] {
        var validation = Validation(rules: self)
        validation.members(object, schema, path: "")
        return validation.errors
    }
}

/// One walk through an object.
private struct Validation {
    let rules: KindRules
    var errors: [FieldError] = []

    private var isCustom: Bool { rules.wording == .custom }

    mutating func members(_ value: JSON, _ schema: ObjectSchema, path: String) {
        // What the metadata needs is for `MetadataRules` to say, in Kubernetes' words.
        let isMetadata = path.hasPrefix("metadata.")
        // Kubernetes takes statuses as they come: agents leave out what they don't know.
        let isStatus = !isCustom && (path == "status" || path.hasPrefix("status."))
        for field in schema.fields {
            let inner = child(path, field.name)
            guard let member = value[field.name] else {
                if field.isRequired, !isMetadata, !isStatus { add(.required(inner)) }
                continue
            }
            if member.isNull {
                if !field.isNullable { wrongType(member, field.schema, path: inner) }
                continue
            }
            // Types of Kubernetes' own kinds cannot tell empty from absent.
            if field.isRequired, !isCustom, !isStatus, member == "" || member == .array([]) {
                add(.required(inner))
            } else {
                check(member, field.schema, path: inner)
            }
        }
    }

    private mutating func check(_ value: JSON, _ schema: Schema, path: String) {
        guard errors.count < KindRules.errorsMax else { return }
        let schema = rules.table.resolve(schema)
        switch (schema, value) {
        case (.any, _), (.boolean, .bool), (.integerOrString, .integer),
            (.integerOrString, .string):
            break
        case (.string(let rules), .string(let text)): check(text, rules, path: path)
        case (.integer(let rules), .integer(let number)): check(number, rules, path: path)
        case (.number(let rules), .integer), (.number(let rules), .number):
            check(value, rules, path: path)
        case (.quantity, .string), (.quantity, .integer), (.quantity, .number):
            do { _ = try Quantity(value) } catch {
                add(.invalid(path, value, error.description))
            }
        case (.time, .string(let text)):
            if let problem = Timestamp.problem(text) { add(.invalid(path, value, problem)) }
        case (.bytes, .string(let text)):
            if let offset = Base64.firstWrongByte(text) {
                add(.invalid(path, value, "illegal base64 data at input byte \(offset)"))
            }
        case (.object(let object), .object): members(value, object, path: path)
        case (.array(let list), .array(let items)): check(items, list, path: path)
        case (.map(let map), .object(let object)):
            for member in object.members {
                let inner = isCustom ? child(path, member.name) : keyed(path, member.name)
                check(member.value, map.values, path: inner)
            }
        default: wrongType(value, schema, path: path)
        }
    }

    private mutating func check(_ text: String, _ string: StringRules, path: String) {
        let count = text.unicodeScalars.count
        if let lengthMax = string.lengthMax, count > lengthMax {
            add(.tooLong(path, bytesMax: lengthMax))
        }
        if let lengthMin = string.lengthMin, count < lengthMin {
            invalid(
                path, .string(text), custom: "should be at least \(lengthMin) chars long",
                builtIn: "must be at least \(lengthMin) characters")
        }
        if let pattern = string.pattern, rules.patterns[pattern]?.matches(text) == false {
            invalid(
                path, .string(text), custom: "should match '\(pattern)'",
                builtIn: "must match '\(pattern)'")
        }
        if !string.allowed.isEmpty, !string.allowed.contains(text) {
            add(.notSupported(path, .string(text), string.allowed))
        }
    }

    private mutating func check(_ number: Int64, _ integer: IntegerRules, path: String) {
        let value = JSON.integer(number)
        if integer.is32Bit, Int32(exactly: number) == nil {
            return invalid(
                path, value, custom: "must be of type int32: \"int64\"",
                builtIn: "must fit 32 bits")
        }
        let minimum = integer.minimum
        let maximum = integer.maximum
        let isBelow = minimum.map { integer.excludesMinimum ? number <= $0 : number < $0 } ?? false
        let isAbove = maximum.map { integer.excludesMaximum ? number >= $0 : number > $0 } ?? false
        if isBelow || isAbove {
            let isRange = minimum != nil && maximum != nil && !isCustom
            let isPlain = !integer.excludesMinimum && !integer.excludesMaximum
            if isRange, isPlain, minimum != 0 || maximum != Int64(Int32.max) {
                add(
                    .invalid(
                        path, value,
                        "must be between \(minimum ?? 0) and \(maximum ?? 0), inclusive"))
            } else if isBelow {
                let bound = "\(minimum ?? 0)"
                outside(path, value, bound, isBelow: true, isStrict: integer.excludesMinimum)
            } else {
                let bound = "\(maximum ?? 0)"
                outside(path, value, bound, isBelow: false, isStrict: integer.excludesMaximum)
            }
        }
        if let factor = integer.multipleOf, factor != 0, number % factor != 0 {
            invalid(
                path, value, custom: "should be a multiple of \(factor)",
                builtIn: "must be a multiple of \(factor)")
        }
        if !integer.allowed.isEmpty, !integer.allowed.contains(number) {
            add(.notSupported(path, value, integer.allowed.map { "\($0)" }))
        }
    }

    private mutating func check(_ value: JSON, _ number: NumberRules, path: String) {
        let found = value.numberValue ?? 0
        if let minimum = number.minimum,
            number.excludesMinimum ? found <= minimum : found < minimum
        {
            outside(
                path, value, GoText.shortNumber(minimum), isBelow: true,
                isStrict: number.excludesMinimum)
        }
        if let maximum = number.maximum,
            number.excludesMaximum ? found >= maximum : found > maximum
        {
            outside(
                path, value, GoText.shortNumber(maximum), isBelow: false,
                isStrict: number.excludesMaximum)
        }
        if let factor = number.multipleOf, factor > 0 {
            let quotient = found / factor
            if quotient != quotient.rounded() {
                let text = GoText.shortNumber(factor)
                invalid(
                    path, value, custom: "should be a multiple of \(text)",
                    builtIn: "must be a multiple of \(text)")
            }
        }
    }

    private mutating func check(_ items: [JSON], _ list: ListSchema, path: String) {
        if let countMax = list.countMax, items.count > countMax {
            add(.tooMany(path, count: items.count, countMax: countMax))
        }
        if let countMin = list.countMin, items.count < countMin {
            invalid(
                path, .integer(Int64(items.count)),
                custom: "should have at least \(countMin) items",
                builtIn: "must have at least \(countMin) items")
        }
        uniqueness(items, list.kind, path: path)
        for (index, value) in items.enumerated() {
            check(value, list.items, path: item(path, index))
        }
    }

    private mutating func uniqueness(_ items: [JSON], _ kind: ListSchema.Kind, path: String) {
        var seen: Set<[UInt8]> = []
        for (index, value) in items.enumerated() {
            switch kind {
            case .atomic: return
            case .set:
                if !seen.insert(value.encoded).inserted {
                    add(.duplicate(item(path, index), value))
                }
            case .map(let keys):
                // Kubernetes' own kinds judge keys of several fields by rules of their own.
                if !isCustom, keys.count > 1 { return }
                var key = JSONObject()
                for name in keys { key[name] = value[name] }
                let isNew = seen.insert(JSON.object(key).encoded).inserted
                if isNew || key.isEmpty { continue }
                if isCustom {
                    add(.duplicate(item(path, index), .object(key)))
                } else {
                    let name = keys[0]
                    add(.duplicate(child(item(path, index), name), key[name] ?? .null))
                }
            }
        }
    }

    private mutating func outside(
        _ path: String, _ value: JSON, _ bound: String, isBelow: Bool, isStrict: Bool
    ) {
        let relation =
            (isBelow ? "greater than" : "less than") + (isStrict ? " " : " or equal to ") + bound
        invalid(path, value, custom: "should be \(relation)", builtIn: "must be \(relation)")
    }

    private mutating func wrongType(_ value: JSON, _ schema: Schema, path: String) {
        let wanted = Self.typeName(rules.table.resolve(schema))
        let found = Self.typeName(of: value)
        add(
            .typeInvalid(
                path, .string(found),
                "\(path) in body must be of type \(wanted): \(GoText.quoted(found))"))
    }

    private mutating func invalid(
        _ path: String, _ value: JSON, custom: String, builtIn: String
    ) {
        add(.invalid(path, value, isCustom ? "\(path) in body \(custom)" : builtIn))
    }

    private mutating func add(_ error: FieldError) {
        if errors.count < KindRules.errorsMax { errors.append(error) }
    }

    /// What OpenAPI calls a schema.
    private static func typeName(_ schema: Schema) -> String {
        switch schema {
        case .string, .time, .bytes, .quantity: "string"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .integerOrString: "integer,string"
        case .array: "array"
        case .object, .map, .any, .reference: "object"
        }
    }

    /// What OpenAPI calls a value.
    private static func typeName(of value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
