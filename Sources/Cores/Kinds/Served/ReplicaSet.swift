package import ResourceModel

extension KindDefinition {
    /// A number of equal pods.
    package static let replicaSet = KindDefinition(
        group: "apps", version: "v1", kind: "ReplicaSet", resource: "replicasets",
        shortNames: ["rs"], categories: ["all"], hasStatus: true, scale: .bySelector,
        schema: .replicaSet,
        columns: [
            .number("Desired", at: "spec.replicas", "How many pods are wanted."),
            .number("Current", at: "status.replicas", "How many pods there are."),
            .number("Ready", at: "status.readyReplicas", "How many pods are ready."),
            .age,
        ] + Column.containers(at: "spec.template.spec") + [.selector(at: "spec.selector")],
        strategy: Strategy(
            setDefaults: { $0.setTemplateDefaults() },
            prepareForCreate: { $0["status"] = ["replicas": 0] },
            validate: { object, old in
                Findings.collect { $0.replicatedPods(object, old, kind: "replica set") }
            },
            selectableFields: { object in
                [("status.replicas", "\(object.value(at: "status.replicas").integerValue ?? 0)")]
            }))
}

extension ObjectSchema {
    static let replicaSet = resource(
        "io.k8s.api.apps.v1.ReplicaSet", "Keeps a number of equal pods running.",
        [
            Field(
                2, "spec", .object(.replicaSetSpec),
                "How many pods there are to be, and what they run."),
            Field(3, "status", .object(.replicaSetStatus), "Its state as last observed."),
        ])

    static let replicaSetSpec = ObjectSchema(
        "io.k8s.api.apps.v1.ReplicaSetSpec", "How many pods there are to be, and what they run.",
        [
            Field(1, "replicas", .int32, "How many there are to be.", default: 1).keepingZero,
            Field(
                4, "minReadySeconds", .int32,
                "How long a pod must be ready to count as available."),
            Field(
                2, "selector", .object(.labelSelector),
                "Selects the pods; must match the template's labels.", isRequired: true),
            Field(3, "template", .object(.podTemplateSpec), "What the pods run."),
        ])

    static let replicaSetStatus = ObjectSchema(
        "io.k8s.api.apps.v1.ReplicaSetStatus", "A replica set as last observed.",
        [
            Field(1, "replicas", .int32, "How many pods there are.", isRequired: true),
            Field(2, "fullyLabeledReplicas", .int32, "How many have all labels of the template."),
            Field(4, "readyReplicas", .int32, "How many are ready."),
            Field(5, "availableReplicas", .int32, "How many are available."),
            Field(7, "terminatingReplicas", .int32, "How many are on their way out.").keepingZero,
            Field(3, "observedGeneration", .int64, "The generation that was looked at."),
            Field(
                6, "conditions", .list(.object(.replicaSetCondition), keys: ["type"],
                mergeKey: "type"),
                "Its state in single aspects."),
        ])

    static let replicaSetCondition = ObjectSchema(
        "io.k8s.api.apps.v1.ReplicaSetCondition", "One aspect of a replica set.",
        [
            Field(1, "type", .text, "Which aspect it is.", isRequired: true),
            Field(2, "status", .text, "True, False or Unknown.", isRequired: true),
            Field(
                3, "lastTransitionTime", .time(isMicro: false),
                "When the status last changed.", isNullable: true),
            Field(4, "reason", .text, "Why it changed, in one word."),
            Field(5, "message", .text, "Why it changed, for people."),
        ])
}
