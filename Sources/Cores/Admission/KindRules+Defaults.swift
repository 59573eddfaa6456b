package import ResourceModel

extension KindRules {
    /// Sets the schema's defaults where fields are absent. Objects that are absent are not made.
    package func setDefaults(_ object: inout JSON) {
        setDefaults(&object, .object(schema))
    }

    private func setDefaults(_ value: inout JSON, _ schema: Schema) {
        switch table.resolve(schema) {
        case .object(let object):
            guard case .object = value else { return }
            value.withMembers { members in
                for field in object.fields {
                    if let defaultValue = field.defaultValue, !members.contains(field.name) {
                        members[field.name] = defaultValue
                    }
                }
                members.transformValues { name, member in
                    if let field = object.field(name) { setDefaults(&member, field.schema) }
                }
            }
        case .array(let list):
            value.withItems { items in
                for index in items.indices { setDefaults(&items[index], list.items) }
            }
        case .map(let map):
            value.withMembers { members in
                members.transformValues { _, member in setDefaults(&member, map.values) }
            }
        default: break
        }
    }
}
