package import ResourceModel

extension KindDefinition {
    /// Identities for processes in pods.
    package static let serviceAccount = KindDefinition(
        group: "", version: "v1", kind: "ServiceAccount", resource: "serviceaccounts",
        shortNames: ["sa"], schema: .serviceAccount,
        columns: [
            Column("Secrets", type: "string", "How many secrets it refers to.") { object, _ in
                .integer(Int64(object["secrets"].arrayValue?.count ?? 0))
            },
            .age,
        ])
}

extension ObjectSchema {
    static let serviceAccount = resource(
        "io.k8s.api.core.v1.ServiceAccount", "An identity for processes in pods.",
        [
            Field(
                2, "secrets", .list(.object(.objectReference), keys: ["name"], mergeKey: "name"),
                "Secrets that its pods may use."),
            Field(
                3, "imagePullSecrets", .list(.object(.localObjectReference)),
                "Secrets with which its pods' images are fetched."),
            Field(
                4, "automountServiceAccountToken", .boolean,
                "Whether its pods get a token.").keepingZero,
        ])
}
