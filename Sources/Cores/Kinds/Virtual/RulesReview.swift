import ResourceModel

extension ObjectSchema {
    static let selfSubjectRulesReview = resource(
        "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
        "Asks for everything that one may do oneself.",
        [
            Field(
                2, "spec", .object(.selfSubjectRulesReviewSpec), "What is asked.",
                isRequired: true),
            Field(3, "status", .object(.subjectRulesReviewStatus), "The answer."),
        ])

    static let selfSubjectRulesReviewSpec = ObjectSchema(
        "io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec", "Where something is to be done.",
        [
            Field(1, "namespace", .text, "In which namespace.")
        ])

    static let subjectRulesReviewStatus = ObjectSchema(
        "io.k8s.api.authorization.v1.SubjectRulesReviewStatus", "What one may do.",
        [
            Field(
                1, "resourceRules", .list(.object(.resourceRule)), "With resources.",
                isRequired: true),
            Field(
                2, "nonResourceRules", .list(.object(.nonResourceRule)), "With other addresses.",
                isRequired: true),
            Field(3, "incomplete", .boolean, "Whether there may be more.", isRequired: true),
            Field(4, "evaluationError", .text, "What went wrong while it was found out."),
        ])

    static let resourceRule = ObjectSchema(
        "io.k8s.api.authorization.v1.ResourceRule", "What one may do with resources.",
        [
            Field(1, "verbs", .list(.text), "What.", isRequired: true),
            Field(2, "apiGroups", .list(.text), "In which groups."),
            Field(3, "resources", .list(.text), "With which resources."),
            Field(4, "resourceNames", .list(.text), "With which objects."),
        ])

    static let nonResourceRule = ObjectSchema(
        "io.k8s.api.authorization.v1.NonResourceRule", "What one may do with other addresses.",
        [
            Field(1, "verbs", .list(.text), "What.", isRequired: true),
            Field(2, "nonResourceURLs", .list(.text), "With which addresses."),
        ])
}
