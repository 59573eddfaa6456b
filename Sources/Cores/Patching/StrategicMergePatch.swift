package import ResourceModel

/// Strategic merge patch: like a merge patch, but lists that the schema gives a merge key are
/// merged item by item, and directives (`$patch`, `$retainKeys`, `$setElementOrder/…`,
/// `$deleteFromPrimitiveList/…`) say what cannot be said by values.
package struct StrategicMergePatch: Sendable {
    let schema: ObjectSchema
    let table: SchemaTable

    /// Patches objects of a schema.
    package init(_ schema: ObjectSchema, table: SchemaTable = SchemaTable()) {
        self.schema = schema
        self.table = table
    }

    /// The object after the patch.
    package func applied(_ patch: JSON, to object: JSON) throws(PatchFailure) -> JSON {
        guard case .object(let changes) = patch else {
            throw .malformed("a strategic merge patch must be an object")
        }
        guard case .object(let members) = object else {
            throw .inapplicable("only objects can be patched")
        }
        return .object(try merged(changes, into: members, .object(schema)))
    }

    private static let orderPrefix = "$setElementOrder/"
    private static let deletePrefix = "$deleteFromPrimitiveList/"

    /// The members of an object after a patch.
    func merged(
        _ patch: JSONObject, into original: JSONObject, _ schema: Schema
    ) throws(PatchFailure) -> JSONObject {
        var patch = patch
        if let directive = patch["$patch"] {
            patch["$patch"] = nil
            switch directive {
            case "replace": return Self.withoutDirectives(.object(patch)).objectValue ?? patch
            case "delete": return JSONObject()
            default:
                throw .malformed(
                    "unknown patch type: \(directive.stringValue ?? directive.encodedText) in map:"
                        + " \(JSON.object(patch).encodedText)")
            }
        }
        var result = original
        try retainKeys(&patch, &result)
        var removed: Set<String> = []
        for change in patch.members {
            let name = change.name
            if name.hasPrefix(Self.orderPrefix) {
                // Without items to merge only the order changes.
                let field = String(name.dropFirst(Self.orderPrefix.count))
                guard patch[field] == nil, case .array(let items) = result[field] else { continue }
                result[field] = .array(
                    try ordered(items, [], items, change.value, field, schema))
            } else if name.hasPrefix(Self.deletePrefix) {
                let field = String(name.dropFirst(Self.deletePrefix.count))
                let values = Set((change.value.arrayValue ?? []).map(\.encoded))
                result[field]?.withItems { items in
                    items.removeAll { values.contains($0.encoded) }
                }
            } else if change.value.isNull {
                removed.insert(name)
            } else {
                result[name] = try value(
                    change.value, into: result[name], name, schema,
                    order: patch[Self.orderPrefix + name])
            }
        }
        if !removed.isEmpty { result.removeAll { removed.contains($0.name) } }
        return result
    }

    private func retainKeys(
        _ patch: inout JSONObject, _ result: inout JSONObject
    ) throws(PatchFailure) {
        guard let retained = patch["$retainKeys"] else { return }
        patch["$retainKeys"] = nil
        guard case .array(let names) = retained else {
            throw .malformed("$retainKeys must be a list of names")
        }
        let kept = Set(names.compactMap(\.stringValue))
        for member in patch.members where !member.name.hasPrefix("$") && !member.value.isNull {
            guard kept.contains(member.name) else {
                throw .malformed(
                    "if $retainKeys is in the patch, then all its fields must be listed: "
                        + member.name)
            }
        }
        result.removeAll { !kept.contains($0.name) }
    }

    private func value(
        _ change: JSON, into original: JSON?, _ name: String, _ schema: Schema, order: JSON?
    ) throws(PatchFailure) -> JSON {
        let field = fieldSchema(name, of: schema)
        switch (original, change) {
        case (.object(let original), .object(let patch)):
            return .object(try merged(patch, into: original, field))
        case (.array(let original), .array(let patch)):
            return .array(
                try mergedList(patch, into: original, field, name, order: order, around: schema))
        default: return Self.withoutDirectives(change)
        }
    }

    /// The schema of a member; anything where the schema does not know it.
    func fieldSchema(_ name: String, of schema: Schema) -> Schema {
        switch table.resolve(schema) {
        case .object(let object):
            table.resolve(object.field(name)?.schema ?? .any(preservesUnknown: true))
        case .map(let map): table.resolve(map.values)
        default: .any(preservesUnknown: true)
        }
    }

    /// A new value as it is stored: nulls and directives say nothing there.
    static func withoutDirectives(_ value: JSON) -> JSON {
        switch value {
        case .object(let object):
            if object["$patch"] == "delete" { return .emptyObject }
            return .object(
                JSONObject(
                    uniqueMembers: object.members.compactMap { member in
                        if member.value.isNull || isDirective(member.name) { return nil }
                        return .init(member.name, withoutDirectives(member.value))
                    }))
        case .array(let items):
            return .array(
                items.filter { $0["$patch"] != "delete" }.filter {
                    !($0["$patch"] == "replace" && $0.objectValue?.count == 1)
                }.map(withoutDirectives))
        default: return value
        }
    }

    private static func isDirective(_ name: String) -> Bool {
        name == "$patch" || name == "$retainKeys" || name.hasPrefix(orderPrefix)
            || name.hasPrefix(deletePrefix)
    }
}
