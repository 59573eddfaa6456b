import ResourceModel

extension ObjectSchema {
    static let status = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.Status", "How a request ended.",
        [
            Field(1, "metadata", .object(.listMeta), "What every list carries.", default: [:]),
            Field(2, "status", .text, "Success or Failure."),
            Field(3, "message", .text, "What happened, for people."),
            Field(4, "reason", .text, "What happened, in one word."),
            Field(
                5, "details", .object(.statusDetails),
                "Which object it was about, and what was wrong."),
            Field(6, "code", .int32, "The HTTP status."),
        ])

    static let statusDetails = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails",
        "Which object a status is about, and what was wrong.",
        [
            Field(1, "name", .text, "The object's name."),
            Field(2, "group", .text, "Its API group."),
            Field(3, "kind", .text, "Its kind."),
            Field(6, "uid", .text, "Its uid."),
            Field(4, "causes", .list(.object(.statusCause)), "What was wrong."),
            Field(5, "retryAfterSeconds", .int32, "When to try again."),
        ])

    static let statusCause = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause", "One thing that was wrong.",
        [
            Field(1, "reason", .text, "What, in one word."),
            Field(2, "message", .text, "What, for people."),
            Field(3, "field", .text, "The field."),
        ])
}
