package import ResourceModel

extension KindDefinition {
    /// Rights in the whole cluster.
    package static let clusterRole = KindDefinition(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole",
        resource: "clusterroles", isNamespaced: false, schema: .clusterRole,
        columns: [.createdAt],
        strategy: Strategy(
            validate: { object, _ in
                Findings.collect { findings in
                    findings.policyRules(object["rules"], isNamespaced: false)
                    let path = "aggregationRule.clusterRoleSelectors"
                    let selectors = object.value(at: path).arrayValue ?? []
                    if object["aggregationRule"] != nil, selectors.isEmpty {
                        findings.required(
                            path, "at least one clusterRoleSelector required if aggregationRule "
                                + "is non-nil")
                    }
                    for (index, selector) in selectors.enumerated() {
                        findings.labelSelector("\(path)[\(index)]", selector)
                    }
                }
            },
            allowsCreateOnUpdate: true, nameIsPathSegment: true))
}

extension ObjectSchema {
    static let clusterRole = resource(
        "io.k8s.api.rbac.v1.ClusterRole", "Rights in the whole cluster.",
        [
            Field(2, "rules", .list(.object(.policyRule)), "The rights.", isNullable: true),
            Field(
                3, "aggregationRule", .object(.aggregationRule),
                "Other roles whose rights are put together here."),
        ])

    static let aggregationRule = ObjectSchema(
        "io.k8s.api.rbac.v1.AggregationRule", "Roles whose rights are put together.",
        [
            Field(1, "clusterRoleSelectors", .list(.object(.labelSelector)), "Select the roles."),
        ])
}
