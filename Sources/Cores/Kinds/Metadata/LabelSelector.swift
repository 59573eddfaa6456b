import ResourceModel

extension ObjectSchema {
    static let labelSelector = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector",
        "Selects objects by their labels: all parts must hold.", isAtomic: true,
        [
            Field(
                1, "matchLabels", .map(of: .text), "Labels that must be there with these values."),
            Field(
                2, "matchExpressions", .list(.object(.labelSelectorRequirement)),
                "Requirements on single labels."),
        ])

    static let labelSelectorRequirement = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement", "What one label must be.",
        [
            Field(1, "key", .text, "The label's name.", isRequired: true),
            Field(
                2, "operator", .text,
                "How the label is compared: In, NotIn, Exists or DoesNotExist.", isRequired: true),
            Field(
                3, "values", .list(.text),
                "The values to compare with; none for Exists and DoesNotExist."),
        ])
}
