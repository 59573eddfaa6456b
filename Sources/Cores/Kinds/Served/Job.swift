package import ResourceModel

extension KindDefinition {
    /// Pods that run until enough of them have succeeded.
    package static let job = KindDefinition(
        group: "batch", version: "v1", kind: "Job", resource: "jobs", categories: ["all"],
        hasStatus: true, schema: .job,
        columns: [
            .shown("Status", "How far it is.") { $0.jobState },
            .shown("Completions", "How many pods have succeeded, of those that must.") {
                $0.jobCompletions
            },
            Column("Duration", "How long it took, or has taken so far.") { object, now in
                .string(object.jobDuration(at: now))
            },
            .age,
        ] + Column.containers(at: "spec.template.spec") + [.selector(at: "spec.selector")],
        strategy: Strategy(
            setDefaults: { $0.setJobDefaults() },
            prepareForCreate: { object in
                object["status"] = [:]
                object.generateJobSelector()
            },
            validate: { object, old in
                Findings.collect { findings in
                    findings.jobSpec("spec", object["spec"], needsSelector: true)
                    if let old { findings.jobUpdate(object, old) }
                }
            },
            selectableFields: { object in
                let count = object.value(at: "status.succeeded").integerValue ?? 0
                return [("status.successful", "\(count)")]
            }))
}

extension ObjectSchema {
    static let job = resource(
        "io.k8s.api.batch.v1.Job", "Runs pods until enough of them have succeeded.",
        [
            Field(2, "spec", .object(.jobSpec), "What is to be done, how often and how long."),
            Field(3, "status", .object(.jobStatus), "Its state as last observed."),
        ])

    static let jobSpec = ObjectSchema(
        "io.k8s.api.batch.v1.JobSpec", "What is to be done, how often and how long.",
        [
            Field(1, "parallelism", .int32, "How many pods run at a time.").keepingZero,
            Field(2, "completions", .int32, "How many must succeed.").keepingZero,
            Field(
                3, "activeDeadlineSeconds", .int64,
                "How long it may be active before it is ended as failed.").keepingZero,
            Field(11, "podFailurePolicy", .object(.podFailurePolicy), "What failed pods lead to."),
            Field(16, "successPolicy", .object(.successPolicy), "When it counts as done."),
            Field(7, "backoffLimit", .int32, "How many pods may fail.", default: 6).keepingZero,
            Field(
                12, "backoffLimitPerIndex", .int32,
                "How many pods of one index may fail.").keepingZero,
            Field(13, "maxFailedIndexes", .int32, "How many indexes may fail.").keepingZero,
            Field(4, "selector", .object(.labelSelector), "Selects its pods; made by the server."),
            Field(
                5, "manualSelector", .boolean,
                "Whether the selector is given by hand.").keepingZero,
            Field(6, "template", .object(.podTemplateSpec), "What the pods run.", isRequired: true),
            Field(
                8, "ttlSecondsAfterFinished", .int32,
                "How long it is kept after it has ended.").keepingZero,
            Field(
                9, "completionMode", .oneOf("Indexed", "NonIndexed"),
                "Whether its pods are numbered.", default: "NonIndexed").keepingZero,
            Field(10, "suspend", .boolean, "Whether it is held.", default: false).keepingZero,
            Field(
                14, "podReplacementPolicy", .oneOf("Failed", "TerminatingOrFailed"),
                "When a new pod takes a failed one's place.").keepingZero,
            Field(
                15, "managedBy", .text,
                "The controller that runs it, if not this one.").keepingZero,
        ])

    static let jobStatus = ObjectSchema(
        "io.k8s.api.batch.v1.JobStatus", "A job as last observed.",
        [
            Field(
                1, "conditions", .list(.object(.jobCondition), mergeKey: "type"),
                "Its state in single aspects."),
            Field(2, "startTime", .time(isMicro: false), "When it was started."),
            Field(3, "completionTime", .time(isMicro: false), "When it was done."),
            Field(4, "active", .int32, "How many pods run."),
            Field(5, "succeeded", .int32, "How many have succeeded."),
            Field(6, "failed", .int32, "How many have failed."),
            Field(11, "terminating", .int32, "How many are on their way out.").keepingZero,
            Field(7, "completedIndexes", .text, "The numbers that have succeeded."),
            Field(10, "failedIndexes", .text, "The numbers that have failed.").keepingZero,
            Field(
                8, "uncountedTerminatedPods", .object(.uncountedTerminatedPods),
                "Ended pods that are not counted yet."),
            Field(9, "ready", .int32, "How many pods are ready.").keepingZero,
        ])

    static let jobCondition = ObjectSchema(
        "io.k8s.api.batch.v1.JobCondition", "One aspect of a job.",
        [
            Field(
                1, "type", .text,
                "Which aspect it is: Complete, Failed, Suspended and others.", isRequired: true),
            Field(2, "status", .text, "True, False or Unknown.", isRequired: true),
            Field(
                3, "lastProbeTime", .time(isMicro: false),
                "When it was last looked at.", isNullable: true),
            Field(
                4, "lastTransitionTime", .time(isMicro: false),
                "When the status last changed.", isNullable: true),
            Field(5, "reason", .text, "Why it changed, in one word."),
            Field(6, "message", .text, "Why it changed, for people."),
        ])

    static let uncountedTerminatedPods = ObjectSchema(
        "io.k8s.api.batch.v1.UncountedTerminatedPods", "Ended pods that are not counted yet.",
        [
            Field(1, "succeeded", .set(of: .text), "The uids of those that succeeded."),
            Field(2, "failed", .set(of: .text), "The uids of those that failed."),
        ])
}
