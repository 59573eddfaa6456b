import Admission
import Kinds
import ResourceModel

/// What the API server demands of the built-in kinds, and what it fills in.
struct RealKinds: Sendable {
    private let kinds: [GroupVersionKind: (definition: KindDefinition, rules: KindRules)]

    init() {
        kinds = Dictionary(
            uniqueKeysWithValues: BuiltInKinds.all.map { kind in
                let rules = KindRules(
                    kind.groupVersionKind, kind.schema, .builtIn, table: BuiltInKinds.schemaTable)
                return (kind.groupVersionKind, (kind, rules))
            })
    }

    /// An object as it is stored.
    /// - Throws: what is wrong with it, unknown fields among it.
    func admitted(_ given: JSON, old: JSON?) throws(APIFailure) -> JSON {
        let version = GroupVersion(apiVersion: given["apiVersion"].stringValue ?? "")
        let name = GroupVersionKind(
            group: version?.group ?? "", version: version?.version ?? "",
            kind: given["kind"].stringValue ?? "")
        guard let (kind, rules) = kinds[name] else { throw .badRequest("no kind \(name)") }
        var object = try rules.decode(given, .strict).object
        if old == nil, kind.hasStatus { object["status"] = nil }
        rules.setDefaults(&object)
        kind.strategy.setDefaults(&object)
        if old == nil { kind.strategy.prepareForCreate(&object) }
        let errors =
            MetadataRules(kind).validate(object["metadata"] ?? [:]) + rules.validate(object)
            + kind.strategy.validate(object, old)
        guard errors.isEmpty else {
            let object = object["metadata"]["name"].stringValue ?? ""
            throw .invalid(GroupName(kind.kind, group: kind.group), object, errors)
        }
        return object
    }
}
