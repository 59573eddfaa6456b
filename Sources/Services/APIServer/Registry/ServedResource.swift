internal import Admission
internal import Patching
internal import ResourceModel

/// One resource in one version, as it is served.
struct ServedResource: Sendable {
    /// Its kind in this version.
    var kind: KindDefinition
    /// The version in which its objects are stored.
    var storageVersion: String
    /// All versions in which it is served.
    var versions: [String]
    /// Comes from a CustomResourceDefinition.
    let isCustom: Bool
    /// Nothing is stored: a question that is asked with `create` and answered at once.
    var isVirtual = false

    /// What its schema demands.
    let rules: KindRules
    /// How its objects are merged and owned.
    let shape: ObjectShape

    init(_ kind: KindDefinition, isCustom: Bool = false, table: SchemaTable = SchemaTable()) {
        self.kind = kind
        self.isCustom = isCustom
        shape = ObjectShape(kind.schema, table: table)
        rules = KindRules(
            kind.groupVersionKind, kind.schema, isCustom ? .custom : .builtIn, table: table)
        storageVersion = kind.version
        versions = [kind.version]
    }

    /// What may be done with it, sorted.
    var verbs: [String] {
        isVirtual
            ? ["create"]
            : [
                "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
            ]
    }

    /// Where its objects are in the store.
    var keys: RegistryKeys {
        RegistryKeys(
            group: kind.group, resource: kind.resource, isNamespaced: kind.isNamespaced)
    }

    /// As stored objects of it begin.
    var storedAPIVersion: String {
        kind.group.isEmpty ? storageVersion : "\(kind.group)/\(storageVersion)"
    }
}
