import ResourceModel

extension ObjectSchema {
    static let condition = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.Condition",
        "One aspect of an object's state as last observed.",
        [
            Field(1, "type", .text, "Which aspect it is.", isRequired: true),
            Field(
                2, "status", .oneOf("False", "True", "Unknown"),
                "True, False or Unknown.", isRequired: true),
            Field(
                3, "observedGeneration", .int64,
                "The generation of the object that was looked at."),
            Field(
                4, "lastTransitionTime", .time(isMicro: false),
                "When the status last changed.", isRequired: true),
            Field(5, "reason", .text, "Why it changed, in one word.", isRequired: true),
            Field(6, "message", .text, "Why it changed, for people.", isRequired: true),
        ])
}
