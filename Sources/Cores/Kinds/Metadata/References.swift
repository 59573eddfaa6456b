import ResourceModel

extension ObjectSchema {
    static let localObjectReference = ObjectSchema(
        "io.k8s.api.core.v1.LocalObjectReference",
        "An object in the same namespace.", isAtomic: true,
        [
            Field(1, "name", .text, "Its name.", default: ""),
        ])

    static let objectReference = ObjectSchema(
        "io.k8s.api.core.v1.ObjectReference", "Any object, or a part of one.", isAtomic: true,
        [
            Field(1, "kind", .text, "Its kind."),
            Field(2, "namespace", .text, "Its namespace."),
            Field(3, "name", .text, "Its name."),
            Field(4, "uid", .text, "Its uid."),
            Field(5, "apiVersion", .text, "Its group and version."),
            Field(6, "resourceVersion", .text, "The revision of it that is meant."),
            Field(7, "fieldPath", .text, "The part that is meant, as in `spec.containers{web}`."),
        ])

    static let typedLocalObjectReference = ObjectSchema(
        "io.k8s.api.core.v1.TypedLocalObjectReference",
        "An object of some kind in the same namespace.", isAtomic: true,
        [
            Field(
                1, "apiGroup", .text,
                "Its API group; the core group if it is left out.").keepingZero,
            Field(2, "kind", .text, "Its kind.", isRequired: true),
            Field(3, "name", .text, "Its name.", isRequired: true),
        ])

    static let typedObjectReference = ObjectSchema(
        "io.k8s.api.core.v1.TypedObjectReference", "An object of some kind in some namespace.",
        [
            Field(
                1, "apiGroup", .text,
                "Its API group; the core group if it is left out.").keepingZero,
            Field(2, "kind", .text, "Its kind.", isRequired: true),
            Field(3, "name", .text, "Its name.", isRequired: true),
            Field(
                4, "namespace", .text,
                "Its namespace; the same one if it is left out.").keepingZero,
        ])
}
