package import ResourceModel

extension KindDefinition {
    /// Rights within a namespace.
    package static let role = KindDefinition(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "Role", resource: "roles",
        schema: .role, columns: [.createdAt],
        strategy: Strategy(
            validate: { object, _ in
                Findings.collect { $0.policyRules(object["rules"], isNamespaced: true) }
            },
            allowsCreateOnUpdate: true, nameIsPathSegment: true))
}

extension Findings {
    /// The rights of a role.
    mutating func policyRules(_ rules: JSON?, isNamespaced: Bool) {
        for (index, rule) in (rules.arrayValue ?? []).enumerated() {
            let path = "rules[\(index)]"
            func isEmpty(_ field: String) -> Bool { rule[field].arrayValue?.isEmpty ?? true }
            if isEmpty("verbs") {
                required(path + ".verbs", "verbs must contain at least one value")
            }
            if !isEmpty("nonResourceURLs") {
                if isNamespaced {
                    invalid(
                        path + ".nonResourceURLs", rule["nonResourceURLs"],
                        "namespaced rules cannot apply to non-resource URLs")
                }
                if !isEmpty("apiGroups") || !isEmpty("resources") || !isEmpty("resourceNames") {
                    invalid(
                        path + ".nonResourceURLs", rule["nonResourceURLs"],
                        "rules cannot apply to both regular resources and non-resource URLs")
                }
                continue
            }
            if isEmpty("apiGroups") {
                required(path + ".apiGroups", "resource rules must supply at least one api group")
            }
            if isEmpty("resources") {
                required(path + ".resources", "resource rules must supply at least one resource")
            }
        }
    }
}

extension ObjectSchema {
    static let role = resource(
        "io.k8s.api.rbac.v1.Role", "Rights within a namespace.",
        [
            Field(2, "rules", .list(.object(.policyRule)), "The rights.", isNullable: true),
        ])

    static let policyRule = ObjectSchema(
        "io.k8s.api.rbac.v1.PolicyRule", "What may be done with some resources.",
        [
            Field(1, "verbs", .list(.text), "What may be done; `*` is all.", isRequired: true),
            Field(2, "apiGroups", .list(.text), "The resources' groups; `*` is all."),
            Field(3, "resources", .list(.text), "The resources; `*` is all."),
            Field(4, "resourceNames", .list(.text), "Names of single objects; all if left out."),
            Field(5, "nonResourceURLs", .list(.text), "Addresses that are no resources."),
        ])
}
