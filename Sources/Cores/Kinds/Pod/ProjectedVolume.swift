import ResourceModel

extension ObjectSchema {
    static let projectedVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.ProjectedVolumeSource", "Several sources in one folder.",
        [
            Field(
                1, "sources", .list(.object(.volumeProjection)), "The sources.", isNullable: true),
            Field(2, "defaultMode", .int32, "The mode of the files.", default: 420).keepingZero,
        ])

    static let volumeProjection = ObjectSchema(
        "io.k8s.api.core.v1.VolumeProjection", "One source of a projected volume.",
        [
            Field(1, "secret", .object(.secretProjection), "The entries of a secret."),
            Field(2, "downwardAPI", .object(.downwardAPIProjection), "Fields of the pod."),
            Field(3, "configMap", .object(.configMapProjection), "The entries of a config map."),
            Field(
                4, "serviceAccountToken", .object(.serviceAccountTokenProjection),
                "A token of the pod's service account."),
            Field(
                5, "clusterTrustBundle", .object(.clusterTrustBundleProjection),
                "Certificates that the cluster trusts."),
        ])

    static let secretProjection = ObjectSchema(
        "io.k8s.api.core.v1.SecretProjection", "The entries of a secret.",
        [
            Field(1, "name", .text, "The secret's name.", default: "").nested(in: 1),
            Field(
                2, "items", .list(.object(.keyToPath)),
                "Which entries appear, and where; all if left out."),
            Field(
                4, "optional", .boolean,
                "Whether the secret or its entries may be absent.").keepingZero,
        ])

    static let configMapProjection = ObjectSchema(
        "io.k8s.api.core.v1.ConfigMapProjection", "The entries of a config map.",
        [
            Field(1, "name", .text, "The config map's name.", default: "").nested(in: 1),
            Field(
                2, "items", .list(.object(.keyToPath)),
                "Which entries appear, and where; all if left out."),
            Field(
                4, "optional", .boolean,
                "Whether the config map or its entries may be absent.").keepingZero,
        ])

    static let downwardAPIProjection = ObjectSchema(
        "io.k8s.api.core.v1.DownwardAPIProjection", "Fields of the pod.",
        [
            Field(1, "items", .list(.object(.downwardAPIVolumeFile)), "The files."),
        ])

    static let serviceAccountTokenProjection = ObjectSchema(
        "io.k8s.api.core.v1.ServiceAccountTokenProjection", "A token of the pod's service account.",
        [
            Field(1, "audience", .text, "For whom the token is."),
            Field(
                2, "expirationSeconds", .int64,
                "How long it is good for.", default: 3600).keepingZero,
            Field(3, "path", .text, "The file's path, relative to the mount.", isRequired: true),
        ])

    static let clusterTrustBundleProjection = ObjectSchema(
        "io.k8s.api.core.v1.ClusterTrustBundleProjection", "Certificates that the cluster trusts.",
        [
            Field(1, "name", .text, "One bundle.").keepingZero,
            Field(2, "signerName", .text, "All bundles of a signer.").keepingZero,
            Field(
                3, "labelSelector", .object(.labelSelector), "Selects among the signer's bundles."),
            Field(5, "optional", .boolean, "Whether they may be absent.").keepingZero,
            Field(4, "path", .text, "The file's path, relative to the mount.", isRequired: true),
        ])
}
