import ResourceModel

extension ObjectSchema {
    static let deleteOptions = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions", "How something is deleted.",
        [
            Field(1, "gracePeriodSeconds", .int64, "How long its end may take.").keepingZero,
            Field(
                2, "preconditions", .object(.preconditions),
                "What must hold for it to be deleted."),
            Field(
                3, "orphanDependents", .boolean, "Older form of `propagationPolicy`.").keepingZero,
            Field(
                4, "propagationPolicy", .oneOf("Background", "Foreground", "Orphan"),
                "What becomes of what it owns.").keepingZero,
            Field(5, "dryRun", .list(.text), "Whether it is only tried."),
            Field(
                6, "ignoreStoreReadErrorWithClusterBreakingPotential", .boolean,
                "Whether an object that cannot be read is deleted.").keepingZero,
        ])

    static let preconditions = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions", "What must hold of an object.",
        [
            Field(1, "uid", .text, "Its uid.").keepingZero,
            Field(2, "resourceVersion", .text, "Its resourceVersion.").keepingZero,
        ])
}
