import ResourceModel

extension ObjectSchema {
    static let selfSubjectAccessReview = resource(
        "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
        "Asks whether one may do something oneself.",
        [
            Field(
                2, "spec", .object(.selfSubjectAccessReviewSpec),
                "What is asked.", isRequired: true),
            Field(3, "status", .object(.subjectAccessReviewStatus), "The answer."),
        ])

    static let selfSubjectAccessReviewSpec = ObjectSchema(
        "io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec", "What is asked; one of these.",
        [
            Field(1, "resourceAttributes", .object(.resourceAttributes), "A use of a resource."),
            Field(
                2, "nonResourceAttributes", .object(.nonResourceAttributes),
                "A use of another address."),
        ])

    static let resourceAttributes = ObjectSchema(
        "io.k8s.api.authorization.v1.ResourceAttributes", "A use of a resource.",
        [
            Field(1, "namespace", .text, "In which namespace."),
            Field(2, "verb", .text, "What is to be done."),
            Field(3, "group", .text, "The API group."),
            Field(4, "version", .text, "The version."),
            Field(5, "resource", .text, "The resource."),
            Field(6, "subresource", .text, "The subresource."),
            Field(7, "name", .text, "The object's name."),
            Field(
                8, "fieldSelector", .object(.fieldSelectorAttributes),
                "Which objects, by their fields."),
            Field(
                9, "labelSelector", .object(.labelSelectorAttributes),
                "Which objects, by their labels."),
        ])

    static let fieldSelectorAttributes = ObjectSchema(
        "io.k8s.api.authorization.v1.FieldSelectorAttributes", "Which objects, by their fields.",
        [
            Field(1, "rawSelector", .text, "As in a query."),
            Field(2, "requirements", .list(.object(.fieldSelectorRequirement)), "As requirements."),
        ])

    static let fieldSelectorRequirement = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement", "What one field must be.",
        [
            Field(1, "key", .text, "The field.", isRequired: true),
            Field(2, "operator", .text, "How it is compared.", isRequired: true),
            Field(3, "values", .list(.text), "What it is compared with."),
        ])

    static let labelSelectorAttributes = ObjectSchema(
        "io.k8s.api.authorization.v1.LabelSelectorAttributes", "Which objects, by their labels.",
        [
            Field(1, "rawSelector", .text, "As in a query."),
            Field(2, "requirements", .list(.object(.labelSelectorRequirement)), "As requirements."),
        ])

    static let nonResourceAttributes = ObjectSchema(
        "io.k8s.api.authorization.v1.NonResourceAttributes", "A use of another address.",
        [
            Field(1, "path", .text, "The address."),
            Field(2, "verb", .text, "What is to be done."),
        ])

    static let subjectAccessReviewStatus = ObjectSchema(
        "io.k8s.api.authorization.v1.SubjectAccessReviewStatus", "Whether it is allowed.",
        [
            Field(1, "allowed", .boolean, "Whether it is allowed.", isRequired: true),
            Field(4, "denied", .boolean, "Whether it is forbidden whatever others say."),
            Field(2, "reason", .text, "Why."),
            Field(3, "evaluationError", .text, "What went wrong while it was decided."),
        ])
}
