package import ResourceModel

extension KindDefinition {
    /// Who has the rights of a role in the whole cluster.
    package static let clusterRoleBinding = KindDefinition(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRoleBinding",
        resource: "clusterrolebindings", isNamespaced: false, schema: .clusterRoleBinding,
        columns: Column.binding,
        strategy: Strategy(
            setDefaults: { $0.setSubjectGroups() },
            validate: { object, old in
                Findings.collect { $0.binding(object, old, roleKinds: ["ClusterRole"]) }
            },
            allowsCreateOnUpdate: true, nameIsPathSegment: true))
}

extension ObjectSchema {
    static let clusterRoleBinding = resource(
        "io.k8s.api.rbac.v1.ClusterRoleBinding",
        "Gives somebody the rights of a role in the whole cluster.",
        [
            Field(2, "subjects", .list(.object(.subject)), "Who gets them."),
            Field(3, "roleRef", .object(.roleRef), "The role.", isRequired: true),
        ])
}
