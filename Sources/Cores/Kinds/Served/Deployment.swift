package import ResourceModel

extension KindDefinition {
    /// Pods that are kept running and replaced step by step.
    package static let deployment = KindDefinition(
        group: "apps", version: "v1", kind: "Deployment", resource: "deployments",
        shortNames: ["deploy"], categories: ["all"], hasStatus: true, scale: .bySelector,
        schema: .deployment,
        columns: [
            .shown("Ready", "How many pods are ready, of those wanted.") { object in
                let ready = object.value(at: "status.readyReplicas").integerValue ?? 0
                let wanted = object.value(at: "spec.replicas").integerValue ?? 0
                return "\(ready)/\(wanted)"
            },
            .number(
                "Up-to-date", type: "string", at: "status.updatedReplicas",
                "How many pods are of the newest template."),
            .number(
                "Available", type: "string", at: "status.availableReplicas",
                "How many pods are available."),
            .age,
        ] + Column.containers(at: "spec.template.spec") + [.selector(at: "spec.selector")],
        strategy: Strategy(
            setDefaults: { object in
                object.setTemplateDefaults()
                setRollingUpdate(in: &object)
            },
            prepareForCreate: { $0["status"] = [:] },
            validate: { object, old in
                Findings.collect { findings in
                    findings.replicatedPods(object, old, kind: "deployment")
                    findings.notNegative(
                        "spec.revisionHistoryLimit",
                        object.value(at: "spec.revisionHistoryLimit"))
                    findings.rollingUpdate(of: object)
                    findings.progressDeadline(of: object)
                }
            }))
}

extension ScalePaths {
    /// Those of kinds with a label selector.
    static let bySelector = ScalePaths(
        specReplicas: "spec.replicas", statusReplicas: "status.replicas", selector: "spec.selector")
}

private func setRollingUpdate(in object: inout JSON) {
    guard object.value(at: "spec.strategy.type") == "RollingUpdate" else { return }
    for name in ["maxUnavailable", "maxSurge"] {
        let path = "spec.strategy.rollingUpdate.\(name)"
        if object.value(at: path) == nil { object.setValue("25%", at: path) }
    }
}

extension Findings {
    fileprivate mutating func rollingUpdate(of object: JSON) {
        let strategy = object.value(at: "spec.strategy")
        let path = "spec.strategy.rollingUpdate"
        let steps = strategy["rollingUpdate"]
        guard strategy["type"] == "RollingUpdate" else {
            if steps != nil {
                forbidden(path, "may not be specified when strategy `type` is 'Recreate'")
            }
            return
        }
        share(path + ".maxUnavailable", steps["maxUnavailable"], percentMax: 100)
        share(path + ".maxSurge", steps["maxSurge"], percentMax: nil)
        if steps["maxUnavailable"].isZeroShare, steps["maxSurge"].isZeroShare {
            invalid(
                path + ".maxUnavailable", steps["maxUnavailable"],
                "may not be 0 when `maxSurge` is 0")
        }
    }

    fileprivate mutating func progressDeadline(of object: JSON) {
        guard let deadline = object.value(at: "spec.progressDeadlineSeconds").integerValue else {
            return
        }
        let path = "spec.progressDeadlineSeconds"
        notNegative(path, .integer(deadline))
        if deadline <= object.value(at: "spec.minReadySeconds").integerValue ?? 0 {
            invalid(path, .integer(deadline), "must be greater than minReadySeconds")
        }
    }
}

extension ObjectSchema {
    static let deployment = resource(
        "io.k8s.api.apps.v1.Deployment",
        "Keeps pods running and replaces them step by step when they change.",
        [
            Field(
                2, "spec", .object(.deploymentSpec),
                "How many pods there are to be, what they run and how they are replaced."),
            Field(3, "status", .object(.deploymentStatus), "Its state as last observed."),
        ])

    static let deploymentSpec = ObjectSchema(
        "io.k8s.api.apps.v1.DeploymentSpec",
        "How many pods there are to be, what they run and how they are replaced.",
        [
            Field(1, "replicas", .int32, "How many there are to be.", default: 1).keepingZero,
            Field(
                2, "selector", .object(.labelSelector),
                "Selects the pods; must match the template's labels.", isRequired: true),
            Field(3, "template", .object(.podTemplateSpec), "What the pods run.", isRequired: true),
            Field(
                4, "strategy", .object(.deploymentStrategy),
                "How pods are replaced by new ones.", default: [:]).retainingKeys,
            Field(
                5, "minReadySeconds", .int32,
                "How long a pod must be ready to count as available."),
            Field(
                6, "revisionHistoryLimit", .int32,
                "How many old replica sets are kept.", default: 10).keepingZero,
            Field(7, "paused", .boolean, "Whether changes of the template are held back."),
            Field(
                9, "progressDeadlineSeconds", .int32,
                "How long a roll-out may stand still before it counts as failed.",
                default: 600).keepingZero,
        ])

    static let deploymentStrategy = ObjectSchema(
        "io.k8s.api.apps.v1.DeploymentStrategy", "How pods are replaced by new ones.",
        [
            Field(
                1, "type", .oneOf("Recreate", "RollingUpdate"),
                "Step by step, or all at once.", default: "RollingUpdate"),
            Field(2, "rollingUpdate", .object(.rollingUpdateDeployment), "The steps."),
        ])

    static let rollingUpdateDeployment = ObjectSchema(
        "io.k8s.api.apps.v1.RollingUpdateDeployment", "The steps of a roll-out.",
        [
            Field(
                1, "maxUnavailable", .integerOrString,
                "How many pods may be missing meanwhile, as a number or a share."),
            Field(
                2, "maxSurge", .integerOrString,
                "How many pods there may be too many meanwhile, as a number or a share."),
        ])

    static let deploymentStatus = ObjectSchema(
        "io.k8s.api.apps.v1.DeploymentStatus", "A deployment as last observed.",
        [
            Field(1, "observedGeneration", .int64, "The generation that was looked at."),
            Field(2, "replicas", .int32, "How many pods there are."),
            Field(3, "updatedReplicas", .int32, "How many are of the newest template."),
            Field(7, "readyReplicas", .int32, "How many are ready."),
            Field(4, "availableReplicas", .int32, "How many are available."),
            Field(5, "unavailableReplicas", .int32, "How many are missing."),
            Field(9, "terminatingReplicas", .int32, "How many are on their way out.").keepingZero,
            Field(
                6, "conditions", .list(.object(.deploymentCondition), keys: ["type"],
                mergeKey: "type"),
                "Its state in single aspects."),
            Field(
                8, "collisionCount", .int32,
                "How often the name of a replica set was taken.").keepingZero,
        ])

    static let deploymentCondition = ObjectSchema(
        "io.k8s.api.apps.v1.DeploymentCondition", "One aspect of a deployment.",
        [
            Field(
                1, "type", .text,
                "Which aspect it is: Available, Progressing or ReplicaFailure.", isRequired: true),
            Field(2, "status", .text, "True, False or Unknown.", isRequired: true),
            Field(
                6, "lastUpdateTime", .time(isMicro: false),
                "When it was last written.", isNullable: true),
            Field(
                7, "lastTransitionTime", .time(isMicro: false),
                "When the status last changed.", isNullable: true),
            Field(4, "reason", .text, "Why it changed, in one word."),
            Field(5, "message", .text, "Why it changed, for people."),
        ])
}
