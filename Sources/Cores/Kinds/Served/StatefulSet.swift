package import ResourceModel

extension KindDefinition {
    /// Numbered pods, each with a name and storage of its own.
    package static let statefulSet = KindDefinition(
        group: "apps", version: "v1", kind: "StatefulSet", resource: "statefulsets",
        shortNames: ["sts"], categories: ["all"], hasStatus: true, scale: .bySelector,
        schema: .statefulSet,
        columns: [
            .shown("Ready", "How many pods are ready, of those wanted.") { object in
                let ready = object.value(at: "status.readyReplicas").integerValue ?? 0
                let wanted = object.value(at: "spec.replicas").integerValue ?? 0
                return "\(ready)/\(wanted)"
            },
            .age,
        ] + Column.containers(at: "spec.template.spec"),
        strategy: Strategy(
            setDefaults: { object in
                object.setTemplateDefaults()
                let path = "spec.updateStrategy.rollingUpdate"
                if object.value(at: "spec.updateStrategy.type") == "RollingUpdate",
                    object.value(at: path) == nil
                {
                    object.setValue(["partition": 0], at: path)
                }
            },
            prepareForCreate: { $0["status"] = ["replicas": 0, "availableReplicas": 0] },
            validate: { object, old in
                Findings.collect { findings in
                    findings.replicatedPods(object, old, kind: "statefulset")
                    findings.notNegative(
                        "spec.updateStrategy.rollingUpdate.partition",
                        object.value(at: "spec.updateStrategy.rollingUpdate.partition"))
                    findings.notNegative(
                        "spec.ordinals.start", object.value(at: "spec.ordinals.start"))
                    findings.fixedFields(of: object, old)
                }
            }))
}

/// What may change in a stateful set once it exists.
private let changeable = [
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
]

extension Findings {
    fileprivate mutating func fixedFields(of object: JSON, _ old: JSON?) {
        guard let old else { return }
        var new = object["spec"]
        for name in changeable { new[name] = old["spec"][name] }
        if new != old["spec"] {
            forbidden(
                "spec",
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', "
                    + "'template', 'updateStrategy', 'revisionHistoryLimit', "
                    + "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")
        }
    }
}

extension ObjectSchema {
    static let statefulSet = resource(
        "io.k8s.api.apps.v1.StatefulSet",
        "Keeps numbered pods running, each with a name and storage of its own.",
        [
            Field(
                2, "spec", .object(.statefulSetSpec),
                "How many pods there are to be, and what they run."),
            Field(3, "status", .object(.statefulSetStatus), "Its state as last observed."),
        ])

    static let statefulSetSpec = ObjectSchema(
        "io.k8s.api.apps.v1.StatefulSetSpec",
        "How many numbered pods there are to be, and what they run.",
        [
            Field(1, "replicas", .int32, "How many there are to be.", default: 1).keepingZero,
            Field(
                2, "selector", .object(.labelSelector),
                "Selects the pods; must match the template's labels.", isRequired: true),
            Field(3, "template", .object(.podTemplateSpec), "What the pods run.", isRequired: true),
            Field(
                4, "volumeClaimTemplates", .list(.object(.persistentVolumeClaim)),
                "Claims made for each pod."),
            Field(5, "serviceName", .text, "The service under whose name the pods are found."),
            Field(
                6, "podManagementPolicy", .oneOf("OrderedReady", "Parallel"),
                "One after the other, or all at once.", default: "OrderedReady"),
            Field(
                7, "updateStrategy", .object(.statefulSetUpdateStrategy),
                "How pods are replaced by new ones.", default: [:]),
            Field(
                8, "revisionHistoryLimit", .int32,
                "How many old revisions are kept.", default: 10).keepingZero,
            Field(
                9, "minReadySeconds", .int32,
                "How long a pod must be ready to count as available."),
            Field(
                10, "persistentVolumeClaimRetentionPolicy",
                .object(.statefulSetClaimRetentionPolicy),
                "What becomes of the claims.", default: [:]),
            Field(11, "ordinals", .object(.statefulSetOrdinals), "How the pods are numbered."),
        ])

    static let statefulSetUpdateStrategy = ObjectSchema(
        "io.k8s.api.apps.v1.StatefulSetUpdateStrategy",
        "How numbered pods are replaced by new ones.",
        [
            Field(
                1, "type", .oneOf("OnDelete", "RollingUpdate"),
                "By itself, or when somebody deletes them.", default: "RollingUpdate"),
            Field(2, "rollingUpdate", .object(.rollingUpdateStatefulSetStrategy), "The steps."),
        ])

    static let rollingUpdateStatefulSetStrategy = ObjectSchema(
        "io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy",
        "The steps of a roll-out of numbered pods.",
        [
            Field(
                1, "partition", .int32,
                "The first number that is replaced.", default: 0).keepingZero,
            Field(2, "maxUnavailable", .integerOrString, "How many pods may be missing meanwhile."),
        ])

    static let statefulSetClaimRetentionPolicy = ObjectSchema(
        "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy",
        "What becomes of the claims of numbered pods.",
        [
            Field(
                1, "whenDeleted", .oneOf("Delete", "Retain"),
                "When the whole set is deleted.", default: "Retain"),
            Field(
                2, "whenScaled", .oneOf("Delete", "Retain"),
                "When there are to be fewer pods.", default: "Retain"),
        ])

    static let statefulSetOrdinals = ObjectSchema(
        "io.k8s.api.apps.v1.StatefulSetOrdinals", "How pods are numbered.",
        [
            Field(1, "start", .int32, "The first number."),
        ])

    static let statefulSetStatus = ObjectSchema(
        "io.k8s.api.apps.v1.StatefulSetStatus", "A stateful set as last observed.",
        [
            Field(1, "observedGeneration", .int64, "The generation that was looked at."),
            Field(2, "replicas", .int32, "How many pods there are.", isRequired: true),
            Field(3, "readyReplicas", .int32, "How many are ready."),
            Field(4, "currentReplicas", .int32, "How many are of the revision before."),
            Field(5, "updatedReplicas", .int32, "How many are of the newest revision."),
            Field(6, "currentRevision", .text, "The revision before."),
            Field(7, "updateRevision", .text, "The newest revision."),
            Field(
                9, "collisionCount", .int32,
                "How often the name of a revision was taken.").keepingZero,
            Field(
                10, "conditions", .list(.object(.statefulSetCondition), keys: ["type"],
                mergeKey: "type"),
                "Its state in single aspects."),
            Field(11, "availableReplicas", .int32, "How many are available.", default: 0),
        ])

    static let statefulSetCondition = ObjectSchema(
        "io.k8s.api.apps.v1.StatefulSetCondition", "One aspect of a stateful set.",
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
