import ResourceModel

extension ObjectSchema {
    static let scale = resource(
        "io.k8s.api.autoscaling.v1.Scale", "How many replicas something is to have.",
        [
            Field(2, "spec", .object(.scaleSpec), "How many are wanted."),
            Field(3, "status", .object(.scaleStatus), "How many there are."),
        ])

    static let scaleSpec = ObjectSchema(
        "io.k8s.api.autoscaling.v1.ScaleSpec", "How many replicas are wanted.",
        [
            Field(1, "replicas", .int32, "How many."),
        ])

    static let scaleStatus = ObjectSchema(
        "io.k8s.api.autoscaling.v1.ScaleStatus", "How many replicas there are.",
        [
            Field(1, "replicas", .int32, "How many.", isRequired: true),
            Field(2, "selector", .text, "Selects them, as in a query."),
        ])
}
