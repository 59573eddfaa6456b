package import ResourceModel

extension KindDefinition {
    /// Rooms for names.
    package static let namespace = KindDefinition(
        group: "", version: "v1", kind: "Namespace", resource: "namespaces", shortNames: ["ns"],
        isNamespaced: false, hasStatus: true, schema: .namespace,
        columns: [.text("Status", at: "status.phase", "Active or Terminating."), .age],
        strategy: Strategy(
            setDefaults: { object in
                // Selectors of namespaces rely on this label.
                guard let name = object.value(at: "metadata.name") else { return }
                object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name
            },
            prepareForCreate: { object in
                object["status"] = ["phase": "Active"]
                let finalizers = object.value(at: "spec.finalizers").arrayValue ?? []
                if !finalizers.contains("kubernetes") {
                    object.setValue(.array(finalizers + ["kubernetes"]), at: "spec.finalizers")
                }
            },
            // Only `/finalize` changes what holds a namespace.
            prepareForUpdate: { $0["spec"]["finalizers"] = $1["spec"]["finalizers"] },
            selectableFields: { object in
                [("status.phase", object.value(at: "status.phase").stringValue ?? "")]
            },
            nameIsLabel: true))
}

extension ObjectSchema {
    static let namespace = resource(
        "io.k8s.api.core.v1.Namespace", "A room for names, and what is cleared away with it.",
        [
            Field(2, "spec", .object(.namespaceSpec), "What must happen before it goes."),
            Field(3, "status", .object(.namespaceStatus), "Its state as last observed."),
        ])

    static let namespaceSpec = ObjectSchema(
        "io.k8s.api.core.v1.NamespaceSpec", "What must happen before a namespace goes.",
        [
            Field(1, "finalizers", .list(.text), "Who must let go of it before it goes."),
        ])

    static let namespaceStatus = ObjectSchema(
        "io.k8s.api.core.v1.NamespaceStatus", "A namespace as last observed.",
        [
            Field(1, "phase", .oneOf("Active", "Terminating"), "Active or Terminating."),
            Field(
                2, "conditions", .list(.object(.namespaceCondition), keys: ["type"],
                mergeKey: "type"),
                "Its state in single aspects."),
        ])

    static let namespaceCondition = ObjectSchema(
        "io.k8s.api.core.v1.NamespaceCondition", "One aspect of a namespace.",
        [
            Field(1, "type", .text, "Which aspect it is.", isRequired: true),
            Field(2, "status", .text, "True, False or Unknown.", isRequired: true),
            Field(
                4, "lastTransitionTime", .time(isMicro: false),
                "When the status last changed.", isNullable: true),
            Field(5, "reason", .text, "Why it changed, in one word."),
            Field(6, "message", .text, "Why it changed, for people."),
        ])
}
