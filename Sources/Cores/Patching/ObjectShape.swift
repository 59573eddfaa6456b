package import ResourceModel

/// What the schema says about the ownership of fields: which values are owned as a whole, and how
/// items of lists are told apart.
package struct ObjectShape: Sendable {
    let schema: Schema
    let table: SchemaTable

    /// The shape of a kind's objects.
    package init(_ schema: ObjectSchema, table: SchemaTable = SchemaTable()) {
        self.schema = .object(schema)
        self.table = table
    }

    /// How a value is owned.
    enum Node {
        /// As a whole.
        case leaf
        /// Field by field; members that `schema` does not list belong to the map kind.
        case members(ObjectSchema?, values: Schema)
        /// Item by item.
        case items(ListSchema)
    }

    /// How a value of a schema is owned.
    func node(_ value: JSON, _ schema: Schema) -> Node {
        switch (table.resolve(schema), value) {
        case (.object(let object), .object):
            object.isAtomic
                ? .leaf : .members(object, values: .any(preservesUnknown: true))
        case (.map(let map), .object):
            map.isAtomic ? .leaf : .members(nil, values: map.values)
        case (.any(preservesUnknown: true), .object):
            // Of what the schema does not know Kubernetes takes objects apart and leaves lists
            // whole.
            .members(nil, values: .any(preservesUnknown: true))
        case (.array(let list), .array): list.kind == .atomic ? .leaf : .items(list)
        default: .leaf
        }
    }

    /// The schema of a member, and whether it is a named field rather than an entry of a map.
    func member(
        _ name: String, _ object: ObjectSchema?, values: Schema
    ) -> (schema: Schema, isNamed: Bool) {
        if let field = object?.field(name) { return (field.schema, true) }
        return (values, false)
    }

    /// What tells an item from the others; nil if it lacks all its keys. A key that is absent
    /// counts with its default.
    func element(of item: JSON, _ list: ListSchema) -> PathElement? {
        guard case .map(let keys) = list.kind else { return .value(item) }
        var members: [JSONObject.Member] = []
        for name in keys {
            if let value = item[name] {
                members.append(.init(name, value))
            } else if case .object(let schema) = table.resolve(list.items),
                let value = schema.field(name)?.defaultValue
            {
                members.append(.init(name, value))
            }
        }
        return members.isEmpty ? nil : .key(members)
    }

    /// The items by what tells them apart; of equal ones the first.
    func items(_ items: [JSON], _ list: ListSchema) -> [(element: PathElement, value: JSON)] {
        var seen: Set<PathElement> = []
        return items.compactMap { item in
            guard let element = element(of: item, list), seen.insert(element).inserted else {
                return nil
            }
            return (element, item)
        }
    }
}

extension ObjectShape {
    /// All fields of an object.
    package func fields(of object: JSON) -> FieldSet {
        var set = FieldSet()
        addFields(of: object, schema, to: &set)
        return set
    }

    private func addFields(of value: JSON, _ schema: Schema, to set: inout FieldSet) {
        switch node(value, schema) {
        case .leaf: break
        case .members(let object, let values):
            for member in value.objectValue?.members ?? [] {
                let (schema, isNamed) = self.member(member.name, object, values: values)
                let isWhole = isOwnedWhole(member.value, schema)
                add(
                    .field(member.name), member.value, schema, isMember: isWhole || !isNamed,
                    to: &set)
            }
        case .items(let list):
            for (element, item) in items(value.arrayValue ?? [], list) {
                add(element, item, list.items, isMember: true, to: &set)
            }
        }
    }

    private func add(
        _ element: PathElement, _ value: JSON, _ schema: Schema, isMember: Bool,
        to set: inout FieldSet
    ) {
        if isMember { set.members.insert(element) }
        var inner = FieldSet()
        addFields(of: value, schema, to: &inner)
        if !inner.isEmpty { set[element] = inner }
    }

    /// Whether a value is one field: a scalar, an atomic list or map, an empty one.
    private func isOwnedWhole(_ value: JSON, _ schema: Schema) -> Bool {
        switch node(value, schema) {
        case .leaf: true
        case .members: value.objectValue?.isEmpty ?? true
        case .items: value.arrayValue?.isEmpty ?? true
        }
    }

    /// The first item of the applied lists that stands twice, with the path of its list.
    package func duplicate(in object: JSON) -> (path: String, element: PathElement)? {
        duplicate(in: object, schema, path: "")
    }

    private func duplicate(
        in value: JSON, _ schema: Schema, path: String
    ) -> (path: String, element: PathElement)? {
        switch node(value, schema) {
        case .leaf: return nil
        case .members(let object, let values):
            for member in value.objectValue?.members ?? [] {
                let schema = self.member(member.name, object, values: values).schema
                let inner = "\(path).\(member.name)"
                if let found = duplicate(in: member.value, schema, path: inner) { return found }
            }
        case .items(let list):
            var seen: Set<PathElement> = []
            for item in value.arrayValue ?? [] {
                guard let element = element(of: item, list) else { continue }
                if !seen.insert(element).inserted { return (path, element) }
                let inner = "\(path)\(element)"
                if let found = duplicate(in: item, list.items, path: inner) { return found }
            }
        }
        return nil
    }
}
