import ResourceModel

extension ObjectSchema {
    static let podFailurePolicy = ObjectSchema(
        "io.k8s.api.batch.v1.PodFailurePolicy",
        "What failed pods lead to; the first rule that fits decides.",
        [
            Field(
                1, "rules", .list(.object(.podFailurePolicyRule)), "The rules.", isRequired: true),
        ])

    static let podFailurePolicyRule = ObjectSchema(
        "io.k8s.api.batch.v1.PodFailurePolicyRule", "What some failed pods lead to.",
        [
            Field(
                1, "action", .oneOf("Count", "FailIndex", "FailJob", "Ignore"),
                "What they lead to.", isRequired: true),
            Field(
                2, "onExitCodes", .object(.podFailureExitCodes),
                "The exit statuses that it is about."),
            Field(
                3, "onPodConditions", .list(.object(.podFailureCondition)),
                "The conditions that it is about."),
        ])

    static let podFailureExitCodes = ObjectSchema(
        "io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement",
        "Exit statuses of containers.",
        [
            Field(1, "containerName", .text, "The container; all if left out.").keepingZero,
            Field(2, "operator", .oneOf("In", "NotIn"), "How they are compared.", isRequired: true),
            Field(3, "values", .set(of: .int32), "The statuses.", isRequired: true),
        ])

    static let podFailureCondition = ObjectSchema(
        "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern", "A condition of a pod.",
        [
            Field(1, "type", .text, "Its type.", isRequired: true),
            Field(2, "status", .text, "Its status.", default: "True"),
        ])

    static let successPolicy = ObjectSchema(
        "io.k8s.api.batch.v1.SuccessPolicy", "When a job counts as done.",
        [
            Field(
                1, "rules", .list(.object(.successPolicyRule)),
                "The rules; one is enough.", isRequired: true),
        ])

    static let successPolicyRule = ObjectSchema(
        "io.k8s.api.batch.v1.SuccessPolicyRule", "Numbers that must succeed.",
        [
            Field(1, "succeededIndexes", .text, "Which numbers.").keepingZero,
            Field(2, "succeededCount", .int32, "How many of them.").keepingZero,
        ])
}
