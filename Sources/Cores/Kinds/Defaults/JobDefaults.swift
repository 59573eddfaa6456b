import ResourceModel

extension JSON {
    /// Defaults of a job, or of a cron job's template.
    mutating func setJobDefaults() {
        setTemplateDefaults()
        // A job that says neither runs one pod; a work queue says `parallelism` alone.
        if value(at: "spec.completions") == nil, value(at: "spec.parallelism") == nil {
            setValue(1, at: "spec.completions")
        }
        setDefault(1, at: "spec.parallelism")
        let policy: JSON =
            value(at: "spec.podFailurePolicy") == nil ? "TerminatingOrFailed" : "Failed"
        setDefault(policy, at: "spec.podReplacementPolicy")
        setLabelsFromTemplate()
    }

    /// A job without labels has those of its pods.
    private mutating func setLabelsFromTemplate() {
        if value(at: "metadata.labels").objectValue?.isEmpty ?? true,
            let labels = value(at: "spec.template.metadata.labels")
        {
            self["metadata"]["labels"] = labels
        }
    }

    /// Labels the pods of a job with its uid and name, and selects them by the uid, unless the
    /// selector is given by hand.
    mutating func generateJobSelector() {
        guard value(at: "spec.manualSelector") != true, let uid = value(at: "metadata.uid"),
            let name = value(at: "metadata.name")
        else { return }
        let labels: [(String, JSON)] = [
            ("controller-uid", uid), ("batch.kubernetes.io/controller-uid", uid),
            ("job-name", name), ("batch.kubernetes.io/job-name", name),
        ]
        for (label, value) in labels
        where self["spec"]["template"]["metadata"]["labels"][label] == nil {
            self["spec"]["template"]["metadata"]["labels"][label] = value
        }
        self["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"] = uid
        setLabelsFromTemplate()
    }

    private func hasCondition(_ type: String) -> Bool {
        (value(at: "status.conditions").arrayValue ?? []).contains {
            $0["type"].stringValue == type && $0["status"] == "True"
        }
    }

    /// How far a job is, as `kubectl get jobs` shows it.
    var jobState: String {
        if hasCondition("Complete") { return "Complete" }
        if hasCondition("Failed") { return "Failed" }
        if value(at: "metadata.deletionTimestamp") != nil { return "Terminating" }
        for type in ["Suspended", "FailureTarget", "SuccessCriteriaMet"] where hasCondition(type) {
            return type
        }
        return "Running"
    }

    /// How many pods of a job have succeeded, of those that must.
    var jobCompletions: String {
        let done = value(at: "status.succeeded").integerValue ?? 0
        if let wanted = value(at: "spec.completions").integerValue { return "\(done)/\(wanted)" }
        let parallelism = value(at: "spec.parallelism").integerValue ?? 0
        return parallelism > 1 ? "\(done)/1 of \(parallelism)" : "\(done)/1"
    }

    /// How long a job took, or has taken so far; empty before it starts.
    func jobDuration(at nowSeconds: Int64) -> String {
        guard let start = value(at: "status.startTime").timeSeconds else { return "" }
        let failure = (value(at: "status.conditions").arrayValue ?? [])
            .first { $0["type"] == "Failed" && $0["status"] == "True" }
        let end =
            value(at: "status.completionTime").timeSeconds
            ?? failure["lastTransitionTime"].timeSeconds
        return Age.text(seconds: (end ?? nowSeconds) - start)
    }
}
