import ResourceModel

extension ObjectSchema {
    static let podStatus = ObjectSchema(
        "io.k8s.api.core.v1.PodStatus", "A pod as last observed.",
        [
            Field(
                17, "observedGeneration", .int64, "The generation of the pod that was looked at."),
            Field(
                1, "phase", .oneOf("Failed", "Pending", "Running", "Succeeded", "Unknown"),
                "Where it is in its life."),
            Field(
                2, "conditions", .list(.object(.podCondition), keys: ["type"], mergeKey: "type"),
                "Its state in single aspects."),
            Field(3, "message", .text, "Why it is in this state, for people."),
            Field(4, "reason", .text, "Why it is in this state, in one word."),
            Field(11, "nominatedNodeName", .text, "A node on which room is being made for it."),
            Field(5, "hostIP", .text, "The address of its node."),
            Field(
                16, "hostIPs", .list(.object(.hostIP), mergeKey: "ip"),
                "The addresses of its node.", isNullable: true),
            Field(6, "podIP", .text, "Its address."),
            Field(
                12, "podIPs", .list(.object(.podIP), keys: ["ip"], mergeKey: "ip"),
                "Its addresses.", isNullable: true),
            Field(7, "startTime", .time(isMicro: false), "When its node took it on."),
            Field(
                10, "initContainerStatuses", .list(.object(.containerStatus)),
                "The state of its init containers."),
            Field(
                8, "containerStatuses", .list(.object(.containerStatus)),
                "The state of its containers."),
            Field(
                9, "qosClass", .oneOf("BestEffort", "Burstable", "Guaranteed"),
                "How it is treated when resources run short."),
            Field(
                13, "ephemeralContainerStatuses", .list(.object(.containerStatus)),
                "The state of its ephemeral containers."),
            Field(14, "resize", .text, "How far a change of its resources is."),
            Field(
                15, "resourceClaimStatuses", .list(.object(.podResourceClaimStatus),
                keys: ["name"], mergeKey: "name", retainsKeys: true),
                "The state of its claims.", isNullable: true),
        ])

    static let podCondition = ObjectSchema(
        "io.k8s.api.core.v1.PodCondition", "One aspect of a pod.",
        [
            Field(1, "type", .text, "Which aspect it is, as in Ready.", isRequired: true),
            Field(7, "observedGeneration", .int64, "The generation of the pod that was looked at."),
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

    static let hostIP = ObjectSchema(
        "io.k8s.api.core.v1.HostIP", "An address of a node.",
        [
            Field(1, "ip", .text, "The address.", isRequired: true),
        ])

    static let podIP = ObjectSchema(
        "io.k8s.api.core.v1.PodIP", "An address of a pod.",
        [
            Field(1, "ip", .text, "The address.", isRequired: true),
        ])

    static let podResourceClaimStatus = ObjectSchema(
        "io.k8s.api.core.v1.PodResourceClaimStatus", "The state of a claim of devices.",
        [
            Field(1, "name", .text, "The name by which containers refer to it.", isRequired: true),
            Field(2, "resourceClaimName", .text, "The claim that was made.").keepingZero,
        ])
}
