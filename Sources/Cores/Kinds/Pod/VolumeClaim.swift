import ResourceModel

extension ObjectSchema {
    static let ephemeralVolumeSource = ObjectSchema(
        "io.k8s.api.core.v1.EphemeralVolumeSource",
        "A claim that is made for the pod and goes with it.",
        [
            Field(1, "volumeClaimTemplate", .object(.persistentVolumeClaimTemplate), "The claim."),
        ])

    static let persistentVolumeClaimTemplate = ObjectSchema(
        "io.k8s.api.core.v1.PersistentVolumeClaimTemplate", "A claim to be made.",
        [
            Field(1, "metadata", .object(.objectMeta), "Its labels and annotations."),
            Field(
                2, "spec", .object(.persistentVolumeClaimSpec),
                "What it asks for.", isRequired: true),
        ])

    static let persistentVolumeClaimSpec = ObjectSchema(
        "io.k8s.api.core.v1.PersistentVolumeClaimSpec", "What a claim of storage asks for.",
        [
            Field(1, "accessModes", .list(.text), "How the storage may be mounted."),
            Field(4, "selector", .object(.labelSelector), "Selects volumes."),
            Field(2, "resources", .object(.volumeResourceRequirements), "How much is asked for."),
            Field(3, "volumeName", .text, "The volume that is bound to it."),
            Field(5, "storageClassName", .text, "The class of storage.").keepingZero,
            Field(
                6, "volumeMode", .oneOf("Block", "Filesystem"),
                "A file system or a raw device.").keepingZero,
            Field(7, "dataSource", .object(.typedLocalObjectReference), "What it is filled from."),
            Field(
                8, "dataSourceRef", .object(.typedObjectReference),
                "What it is filled from, in any namespace."),
            Field(
                9, "volumeAttributesClassName", .text,
                "The class of the volume's attributes.").keepingZero,
        ])

    static let volumeResourceRequirements = ObjectSchema(
        "io.k8s.api.core.v1.VolumeResourceRequirements", "How much storage is needed.",
        [
            Field(1, "limits", .map(of: .quantity), "The most that may be used."),
            Field(2, "requests", .map(of: .quantity), "What is needed."),
        ])

    static let persistentVolumeClaimStatus = ObjectSchema(
        "io.k8s.api.core.v1.PersistentVolumeClaimStatus", "A claim as last observed.",
        [
            Field(1, "phase", .text, "Pending, Bound or Lost."),
            Field(2, "accessModes", .list(.text), "How the storage may be mounted."),
            Field(3, "capacity", .map(of: .quantity), "How much there is."),
            Field(
                4, "conditions", .list(.object(.persistentVolumeClaimCondition), keys: ["type"],
                mergeKey: "type"),
                "Its state in single aspects."),
            Field(5, "allocatedResources", .map(of: .quantity), "What was allocated."),
            Field(7, "allocatedResourceStatuses", .map(of: .text), "How far resizing is."),
            Field(
                8, "currentVolumeAttributesClassName", .text,
                "The class of attributes in force.").keepingZero,
            Field(
                9, "modifyVolumeStatus", .object(.modifyVolumeStatus),
                "How far a change of attributes is."),
        ])

    static let persistentVolumeClaimCondition = ObjectSchema(
        "io.k8s.api.core.v1.PersistentVolumeClaimCondition", "One aspect of a claim.",
        [
            Field(1, "type", .text, "Which aspect it is.", isRequired: true),
            Field(2, "status", .text, "True, False or Unknown.", isRequired: true),
            Field(
                3, "lastProbeTime", .time(isMicro: false),
                "When it was last looked at.", isNullable: true),
            Field(
                4, "lastTransitionTime", .time(isMicro: false),
                "When the status last changed.", isNullable: true),
            Field(5, "reason", .text, "Why it changed, in one word."),
            Field(6, "message", .text, "Why it changed, for people."),
        ])

    static let modifyVolumeStatus = ObjectSchema(
        "io.k8s.api.core.v1.ModifyVolumeStatus", "How far a change of attributes is.",
        [
            Field(1, "targetVolumeAttributesClassName", .text, "The class that is wanted."),
            Field(2, "status", .text, "Pending, InProgress or Infeasible.", isRequired: true),
        ])
}
