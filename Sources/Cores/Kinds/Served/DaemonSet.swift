package import ResourceModel

extension KindDefinition {
    /// One pod on every selected node.
    package static let daemonSet = KindDefinition(
        group: "apps", version: "v1", kind: "DaemonSet", resource: "daemonsets",
        shortNames: ["ds"], categories: ["all"], hasStatus: true, schema: .daemonSet,
        columns: [
            .number("Desired", at: "status.desiredNumberScheduled", "How many pods are wanted."),
            .number("Current", at: "status.currentNumberScheduled", "How many pods there are."),
            .number("Ready", at: "status.numberReady", "How many pods are ready."),
            .number(
                "Up-to-date", at: "status.updatedNumberScheduled",
                "How many pods are of the newest template."),
            .number("Available", at: "status.numberAvailable", "How many pods are available."),
            .shown("Node Selector", "Which nodes have a pod.") {
                $0.value(at: "spec.template.spec.nodeSelector").labelText
            },
            .age,
        ] + Column.containers(at: "spec.template.spec") + [.selector(at: "spec.selector")],
        strategy: Strategy(
            setDefaults: { object in
                object.setTemplateDefaults()
                let path = "spec.updateStrategy.rollingUpdate"
                guard object.value(at: "spec.updateStrategy.type") == "RollingUpdate" else {
                    return
                }
                for (name, value) in [("maxUnavailable", 1), ("maxSurge", 0)] as [(String, JSON)]
                where object.value(at: "\(path).\(name)") == nil {
                    object.setValue(value, at: "\(path).\(name)")
                }
            },
            prepareForCreate: {
                $0["status"] = [
                    "currentNumberScheduled": 0, "numberMisscheduled": 0,
                    "desiredNumberScheduled": 0, "numberReady": 0,
                ]
            },
            validate: { object, old in
                Findings.collect { findings in
                    findings.replicatedPods(object, old, kind: "daemonset")
                    let path = "spec.updateStrategy.rollingUpdate"
                    let steps = object.value(at: path)
                    for name in ["maxUnavailable", "maxSurge"] {
                        findings.share("\(path).\(name)", steps[name], percentMax: 100)
                    }
                }
            }))
}

extension ObjectSchema {
    static let daemonSet = resource(
        "io.k8s.api.apps.v1.DaemonSet", "Runs one pod on every node that is selected.",
        [
            Field(2, "spec", .object(.daemonSetSpec), "What runs on which nodes."),
            Field(3, "status", .object(.daemonSetStatus), "Its state as last observed."),
        ])

    static let daemonSetSpec = ObjectSchema(
        "io.k8s.api.apps.v1.DaemonSetSpec", "What runs on which nodes.",
        [
            Field(
                1, "selector", .object(.labelSelector),
                "Selects the pods; must match the template's labels.", isRequired: true),
            Field(2, "template", .object(.podTemplateSpec), "What the pods run.", isRequired: true),
            Field(
                3, "updateStrategy", .object(.daemonSetUpdateStrategy),
                "How pods are replaced by new ones.", default: [:]),
            Field(
                4, "minReadySeconds", .int32,
                "How long a pod must be ready to count as available."),
            Field(
                6, "revisionHistoryLimit", .int32,
                "How many old revisions are kept.", default: 10).keepingZero,
        ])

    static let daemonSetUpdateStrategy = ObjectSchema(
        "io.k8s.api.apps.v1.DaemonSetUpdateStrategy", "How pods on nodes are replaced by new ones.",
        [
            Field(
                1, "type", .oneOf("OnDelete", "RollingUpdate"),
                "By itself, or when somebody deletes them.", default: "RollingUpdate"),
            Field(2, "rollingUpdate", .object(.rollingUpdateDaemonSet), "The steps."),
        ])

    static let rollingUpdateDaemonSet = ObjectSchema(
        "io.k8s.api.apps.v1.RollingUpdateDaemonSet", "The steps of a roll-out over nodes.",
        [
            Field(
                1, "maxUnavailable", .integerOrString,
                "On how many nodes the pod may be missing meanwhile.", default: 1),
            Field(
                2, "maxSurge", .integerOrString,
                "On how many nodes there may be two meanwhile.", default: 0),
        ])

    static let daemonSetStatus = ObjectSchema(
        "io.k8s.api.apps.v1.DaemonSetStatus", "A daemon set as last observed.",
        [
            Field(
                1, "currentNumberScheduled", .int32,
                "How many nodes that should have a pod have one.", isRequired: true),
            Field(
                2, "numberMisscheduled", .int32,
                "How many nodes have a pod that should not.", isRequired: true),
            Field(
                3, "desiredNumberScheduled", .int32,
                "How many nodes should have a pod.", isRequired: true),
            Field(4, "numberReady", .int32, "How many of them have a ready one.", isRequired: true),
            Field(5, "observedGeneration", .int64, "The generation that was looked at."),
            Field(
                6, "updatedNumberScheduled", .int32,
                "How many of them have one of the newest template."),
            Field(7, "numberAvailable", .int32, "How many of them have an available one."),
            Field(8, "numberUnavailable", .int32, "How many of them have none that is available."),
            Field(
                9, "collisionCount", .int32,
                "How often the name of a revision was taken.").keepingZero,
            Field(
                10, "conditions", .list(.object(.daemonSetCondition), keys: ["type"],
                mergeKey: "type"),
                "Its state in single aspects."),
        ])

    static let daemonSetCondition = ObjectSchema(
        "io.k8s.api.apps.v1.DaemonSetCondition", "One aspect of a daemon set.",
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
