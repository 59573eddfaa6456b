import ResourceModel

extension ObjectSchema {
    static let persistentVolumeClaim = resource(
        "io.k8s.api.core.v1.PersistentVolumeClaim", "A claim of storage.",
        [
            Field(2, "spec", .object(.persistentVolumeClaimSpec), "What it asks for."),
            Field(
                3, "status", .object(.persistentVolumeClaimStatus), "Its state as last observed."),
        ])
}
