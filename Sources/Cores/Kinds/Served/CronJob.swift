package import ResourceModel

extension KindDefinition {
    /// Jobs that are started at set times.
    package static let cronJob = KindDefinition(
        group: "batch", version: "v1", kind: "CronJob", resource: "cronjobs", shortNames: ["cj"],
        categories: ["all"], hasStatus: true, schema: .cronJob,
        columns: [
            .text("Schedule", at: "spec.schedule", "When jobs are started."),
            .text("Timezone", at: "spec.timeZone", absent: "<none>", "The schedule's time zone."),
            Column("Suspend", type: "boolean", "Whether it is held.") { object, _ in
                .string(object.value(at: "spec.suspend") == true ? "True" : "False")
            },
            Column("Active", type: "integer", "How many of its jobs run.") { object, _ in
                .integer(Int64(object.value(at: "status.active").arrayValue?.count ?? 0))
            },
            Column("Last Schedule", "How long ago it last started a job.") { object, now in
                let time = object.value(at: "status.lastScheduleTime")
                return .string(time == nil ? "<none>" : time.age(at: now))
            },
            .age,
        ] + Column.containers(at: "spec.jobTemplate.spec.template.spec")
            + [.selector(at: "spec.jobTemplate.spec.selector")],
        strategy: Strategy(
            setDefaults: { $0["spec"]["jobTemplate"]?.setTemplateDefaults() },
            prepareForCreate: { $0["status"] = [:] },
            validate: { object, _ in
                Findings.collect { findings in
                    findings.schedule("spec.schedule", object.value(at: "spec.schedule"))
                    for name in [
                        "startingDeadlineSeconds", "successfulJobsHistoryLimit",
                        "failedJobsHistoryLimit",
                    ] {
                        findings.notNegative("spec.\(name)", object["spec"][name])
                    }
                    findings.jobSpec(
                        "spec.jobTemplate.spec", object.value(at: "spec.jobTemplate.spec"),
                        needsSelector: false)
                    // Jobs are called as the cron job with eleven characters added.
                    if (object.value(at: "metadata.name").stringValue ?? "").utf8.count > 52 {
                        findings.invalid(
                            "metadata.name", object.value(at: "metadata.name"),
                            "must be no more than 52 characters")
                    }
                }
            }))
}

extension Findings {
    fileprivate mutating func schedule(_ path: String, _ value: JSON?) {
        guard let text = value.stringValue, !text.isEmpty else { return required(path) }
        if text.contains("TZ") {
            invalid(path, value, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
        } else if let problem = CronSchedule.problem(in: text) {
            invalid(path, value, problem)
        }
    }
}

extension ObjectSchema {
    static let cronJob = resource(
        "io.k8s.api.batch.v1.CronJob", "Starts jobs at set times.",
        [
            Field(2, "spec", .object(.cronJobSpec), "Which jobs are started when."),
            Field(3, "status", .object(.cronJobStatus), "Its state as last observed."),
        ])

    static let cronJobSpec = ObjectSchema(
        "io.k8s.api.batch.v1.CronJobSpec", "Which jobs are started when.",
        [
            Field(1, "schedule", .text, "The times, in cron's five columns.", isRequired: true),
            Field(8, "timeZone", .text, "The time zone in which they are meant.").keepingZero,
            Field(
                2, "startingDeadlineSeconds", .int64, "How late a job may be started.").keepingZero,
            Field(
                3, "concurrencyPolicy", .oneOf("Allow", "Forbid", "Replace"),
                "What happens when the last job still runs.", default: "Allow"),
            Field(4, "suspend", .boolean, "Whether it is held.", default: false).keepingZero,
            Field(5, "jobTemplate", .object(.jobTemplateSpec), "The jobs.", isRequired: true),
            Field(
                6, "successfulJobsHistoryLimit", .int32,
                "How many jobs that succeeded are kept.", default: 3).keepingZero,
            Field(
                7, "failedJobsHistoryLimit", .int32,
                "How many jobs that failed are kept.", default: 1).keepingZero,
        ])

    static let jobTemplateSpec = ObjectSchema(
        "io.k8s.api.batch.v1.JobTemplateSpec", "The jobs that are started.",
        [
            Field(1, "metadata", .object(.objectMeta), "Labels and annotations of each job."),
            Field(2, "spec", .object(.jobSpec), "What each job does."),
        ])

    static let cronJobStatus = ObjectSchema(
        "io.k8s.api.batch.v1.CronJobStatus", "A cron job as last observed.",
        [
            Field(1, "active", .list(.object(.objectReference)), "Its jobs that run."),
            Field(4, "lastScheduleTime", .time(isMicro: false), "When it last started one."),
            Field(5, "lastSuccessfulTime", .time(isMicro: false), "When one last succeeded."),
        ])
}
