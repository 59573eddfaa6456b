import ResourceModel

extension Describer {
    mutating func writeJob() {
        writeName()
        writeSelector()
        writeLabelsAndAnnotations()
        writeController()
        rows(0, [
            Row("Parallelism", "spec.parallelism", nil),
            Row("Completions", "spec.completions", "<unset>"),
            Row("Completion Mode", "spec.completionMode", nil),
            Row("Suspend", "spec.suspend", nil), Row("Backoff Limit", "spec.backoffLimit", nil),
            Row("TTL Seconds After Finished", "spec.ttlSecondsAfterFinished", nil),
            Row("Start Time", "status.startTime", nil, .time),
            Row("Completed At", "status.completionTime", nil, .time),
        ])
        if let start = object.seconds("status.startTime"),
            let end = object.seconds("status.completionTime")
        {
            pair(0, "Duration", HumanDuration.text(seconds: end - start))
        }
        rows(0, [
            Row("Active Deadline Seconds", "spec.activeDeadlineSeconds", nil, suffix: "s")
        ])
        let ready = object.value(at: "status.ready").map { " (" + $0.plain + " Ready)" } ?? ""
        let counts = [
            ("Active" + ready, "active"), ("Succeeded", "succeeded"), ("Failed", "failed"),
        ].map { "\(object.count("status." + $0.1)) \($0.0)" }
        pair(0, "Pods Statuses", counts.joined(separator: " / "))
        if object.text("spec.completionMode") == "Indexed" {
            pair(0, "Completed Indexes", Self.indexes(object.text("status.completedIndexes")))
        }
        writePodTemplate(object.value(at: "spec.template"))
    }

    /// As many as fit.
    private static func indexes(_ text: String) -> String {
        let whole = Array(text.utf8)
        guard whole.count > 50,
            let end = whole[50...].firstIndex(of: UInt8(ascii: ","))
        else { return text.or("<none>") }
        return String(decoding: whole[...end], as: UTF8.self) + "..."
    }

    mutating func writeCronJob() {
        writeName()
        writeLabelsAndAnnotations()
        rows(0, [
            Row("Schedule", "spec.schedule"), Row("Concurrency Policy", "spec.concurrencyPolicy"),
            Row("Suspend", "spec.suspend", "<unset>", .capital),
            Row("Time Zone", "spec.timeZone", "<unset>"),
            Row("Successful Job History Limit", "spec.successfulJobsHistoryLimit", "<unset>"),
            Row("Failed Job History Limit", "spec.failedJobsHistoryLimit", "<unset>"),
            Row(
                "Starting Deadline Seconds", "spec.startingDeadlineSeconds", "<unset>",
                suffix: "s"),
        ])
        let job = object.value(at: "spec.jobTemplate.spec") ?? .null
        pair(0, "Selector", job["selector"]?.selectorText ?? "<unset>")
        rows(0, [
            Row("Parallelism", "parallelism", "<unset>"),
            Row("Completions", "completions", "<unset>"),
            Row("Active Deadline Seconds", "activeDeadlineSeconds", nil, suffix: "s"),
        ], of: job)
        writePodTemplate(job["template"])
        rows(0, [Row("Last Schedule Time", "status.lastScheduleTime", "<unset>", .time)])
        let active = object.items("status.active").map { $0.text("name") }
        pair(0, "Active Jobs", active.joined(separator: ", ").or("<none>"))
    }
}

extension JSON {
    /// The time at a path in seconds since 1970.
    fileprivate func seconds(_ path: String) -> Int64? {
        value(at: path).stringValue.flatMap(Timestamp.seconds)
    }
}
