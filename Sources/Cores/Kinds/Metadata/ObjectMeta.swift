import ResourceModel

extension ObjectSchema {
    static let objectMeta = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
        "What every object carries besides what it is for.",
        [
            Field(
                1, "name", .text, "Tells the object apart from others of its kind and namespace."),
            Field(
                2, "generateName", .text,
                "A prefix from which the server makes a name when none is given."),
            Field(
                3, "namespace", .text,
                "The namespace it lives in; empty for objects of the whole cluster."),
            Field(4, "selfLink", .text, "No longer used."),
            Field(5, "uid", .text, "Tells it apart from every other object that ever existed."),
            Field(
                6, "resourceVersion", .text,
                "The store's revision at which it last changed; opaque to clients."),
            Field(7, "generation", .int64, "Counts the changes of what is desired of it."),
            Field(
                8, "creationTimestamp", .time(isMicro: false),
                "When the server created it.", isNullable: true),
            Field(
                9, "deletionTimestamp", .time(isMicro: false),
                "When it is to be gone; set once its deletion was asked for."),
            Field(
                10, "deletionGracePeriodSeconds", .int64,
                "How long its deletion may take.").keepingZero,
            Field(
                11, "labels", .map(of: .text),
                "Short names and values by which objects are selected."),
            Field(12, "annotations", .map(of: .text), "Free-form notes, not used for selection."),
            Field(
                13, "ownerReferences", .list(.object(.ownerReference), keys: ["uid"],
                mergeKey: "uid"),
                "The objects that it depends on; it is deleted once all of them are."),
            Field(
                14, "finalizers", .mergedSet(of: .text),
                "Who must let go of it before its deletion completes."),
            Field(
                17, "managedFields", .list(.object(.managedFieldsEntry)),
                "Which manager owns which fields."),
        ])

    static let ownerReference = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference",
        "An object that owns this one, in its namespace or of the cluster.", isAtomic: true,
        [
            Field(5, "apiVersion", .text, "The owner's group and version.", isRequired: true),
            Field(1, "kind", .text, "The owner's kind.", isRequired: true),
            Field(3, "name", .text, "The owner's name.", isRequired: true),
            Field(4, "uid", .text, "The owner's uid.", isRequired: true),
            Field(
                6, "controller", .boolean,
                "Whether this owner manages the object; at most one does.").keepingZero,
            Field(
                7, "blockOwnerDeletion", .boolean,
                "Whether a foreground deletion of the owner waits for this object.").keepingZero,
        ])

    static let managedFieldsEntry = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry",
        "Fields owned by one manager through one operation.",
        [
            Field(1, "manager", .text, "Who owns them."),
            Field(2, "operation", .text, "How they were set: Apply or Update."),
            Field(3, "apiVersion", .text, "The version in which they are named."),
            Field(4, "time", .time(isMicro: false), "When they were last changed in ownership."),
            Field(6, "fieldsType", .text, "The format of the list: FieldsV1."),
            Field(7, "fieldsV1", .any(preservesUnknown: true), "The fields, as nested objects."),
            Field(8, "subresource", .text, "The subresource through which they were set."),
        ])

    static let listMeta = ObjectSchema(
        "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta",
        "What every list carries besides its items.",
        [
            Field(1, "selfLink", .text, "No longer used."),
            Field(2, "resourceVersion", .text, "The store's revision at which the list was read."),
            Field(3, "continue", .text, "Where the next page begins; empty at the end."),
            Field(
                4, "remainingItemCount", .int64,
                "How many items follow this page, where that is known.").keepingZero,
        ])
}
