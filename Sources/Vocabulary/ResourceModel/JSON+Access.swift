extension JSON {
    /// The text, if this is a string.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The whole number, if this is one.
    public var integerValue: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The number, whole or not.
    public var numberValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The truth value, if this is one.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The items, if this is an array.
    public var arrayValue: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, if this is an object.
    public var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// Whether this is null.
    public var isNull: Bool { self == .null }

    /// An empty object.
    public static var emptyObject: JSON { .object(JSONObject()) }

    /// The member of this name; nil if there is none or this is no object. Setting a member in
    /// what is no object makes it one; changes in place copy nothing but what is shared.
    public subscript(name: String) -> JSON? {
        get {
            if case .object(let object) = self { object[name] } else { nil }
        }
        _modify {
            var object = takeObject()
            let isObject = object != nil
            var members = object ?? JSONObject()
            object = nil
            let before = isObject ? nil : self
            defer { self = isObject || !members.isEmpty ? .object(members) : before ?? .null }
            yield &members[name]
        }
    }

    /// The item at a place; nil if there is none or this is no array.
    public subscript(index: Int) -> JSON? {
        guard case .array(let items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    /// Takes the members out, so that changing them does not copy them; null stays behind.
    private mutating func takeObject() -> JSONObject? {
        guard case .object(let object) = self else { return nil }
        self = .null
        return object
    }

    /// Changes the items in place; does nothing if this is no array.
    public mutating func withItems<Failure: Error>(
        _ change: (inout [JSON]) throws(Failure) -> Void
    ) throws(Failure) {
        guard case .array(var items) = self else { return }
        self = .null
        defer { self = .array(items) }
        try change(&items)
    }

    /// Changes the members in place; does nothing if this is no object.
    public mutating func withMembers<Failure: Error>(
        _ change: (inout JSONObject) throws(Failure) -> Void
    ) throws(Failure) {
        guard var object = takeObject() else { return }
        defer { self = .object(object) }
        try change(&object)
    }

    /// The value at names joined by dots, as in `spec.replicas`; for names without dots.
    public func value(at path: String) -> JSON? {
        var found: JSON? = self
        for name in path.split(separator: ".") { found = found?[String(name)] }
        return found
    }

    /// Sets the value at names joined by dots, making the objects on the way; nil removes it and
    /// makes nothing.
    public mutating func setValue(_ value: JSON?, at path: String) {
        setValue(value, at: path.split(separator: ".").map(String.init)[...])
    }

    private mutating func setValue(_ value: JSON?, at names: ArraySlice<String>) {
        guard let name = names.first else { return }
        if names.count == 1 {
            self[name] = value
        } else if value != nil || self[name] != nil {
            self[name, default: .emptyObject].setValue(value, at: names.dropFirst())
        }
    }

    /// The member of this name, made if there is none.
    public subscript(name: String, default value: @autoclosure () -> JSON) -> JSON {
        get { self[name] ?? value() }
        _modify {
            var member = self[name] ?? value()
            self[name] = JSON.null
            defer { self[name] = member }
            yield &member
        }
    }
}

extension Optional where Wrapped == JSON {
    /// The text, if this is a string.
    public var stringValue: String? { self?.stringValue }
    /// The whole number, if this is one.
    public var integerValue: Int64? { self?.integerValue }
    /// The number, whole or not.
    public var numberValue: Double? { self?.numberValue }
    /// The truth value, if this is one.
    public var boolValue: Bool? { self?.boolValue }
    /// The items, if this is an array.
    public var arrayValue: [JSON]? { self?.arrayValue }
    /// The members, if this is an object.
    public var objectValue: JSONObject? { self?.objectValue }

    /// The member of this name; setting one makes the object around it.
    public subscript(name: String) -> JSON? {
        get { self?[name] }
        _modify {
            let wasThere = self != nil
            var value = self ?? .null
            self = nil
            defer { self = wasThere || !value.isNull ? value : nil }
            yield &value[name]
        }
    }

    /// The item at a place; nil if there is none.
    public subscript(index: Int) -> JSON? { self?[index] }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// An array.
    public init(arrayLiteral items: JSON...) { self = .array(items) }

    /// An object; of two members with one name the last one counts.
    public init(dictionaryLiteral members: (String, JSON)...) {
        var object = JSONObject()
        for (name, value) in members { object[name] = value }
        self = .object(object)
    }
}
