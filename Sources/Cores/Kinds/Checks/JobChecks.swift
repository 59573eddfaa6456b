import ResourceModel

extension Findings {
    /// The specification of a job, or of a cron job's template.
    mutating func jobSpec(_ path: String, _ spec: JSON?, needsSelector: Bool) {
        for name in [
            "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
            "backoffLimitPerIndex", "maxFailedIndexes", "ttlSecondsAfterFinished",
        ] {
            notNegative("\(path).\(name)", spec[name])
        }
        podTemplate(path + ".template", spec["template"], restartPolicies: ["OnFailure", "Never"])
        jobSelector(path, spec, needsSelector: needsSelector)
        let isIndexed = spec["completionMode"] == "Indexed"
        if isIndexed, spec["completions"] == nil {
            required(path + ".completions", "when completion mode is Indexed")
        }
        if !isIndexed {
            for name in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"]
            where spec[name] != nil {
                invalid("\(path).\(name)", spec[name], "requires indexed completion mode")
            }
        }
        if spec["podFailurePolicy"] != nil, spec["template"]["spec"]["restartPolicy"] != "Never" {
            invalid(
                path + ".template.spec.restartPolicy", spec["template"]["spec"]["restartPolicy"],
                "only \"Never\" is supported when podFailurePolicy is specified")
        }
        failureRules(path + ".podFailurePolicy.rules", spec["podFailurePolicy"]["rules"])
    }

    private mutating func jobSelector(_ path: String, _ spec: JSON?, needsSelector: Bool) {
        if needsSelector {
            guard let selector = spec["selector"] else { return required(path + ".selector") }
            labelSelector(path + ".selector", selector)
            let labels = spec["template"]["metadata"]["labels"]
            if !JSON?(selector).selects(labels) {
                invalid(
                    path + ".template.metadata.labels", labels ?? [:],
                    "`selector` does not match template `labels`")
            }
        } else if spec["selector"] != nil {
            invalid(path + ".selector", spec["selector"], "`selector` will be auto-generated")
        }
    }

    private mutating func failureRules(_ path: String, _ rules: JSON?) {
        for (index, rule) in (rules.arrayValue ?? []).enumerated() {
            let place = "\(path)[\(index)]"
            let hasConditions = !(rule["onPodConditions"].arrayValue ?? []).isEmpty
            switch (rule["onExitCodes"] != nil, hasConditions) {
            case (false, false):
                invalid(
                    place, rule, "specifying one of OnExitCodes and OnPodConditions is required")
            case (true, true):
                invalid(
                    place, rule,
                    "specifying both OnExitCodes and OnPodConditions is not supported")
            default: break
            }
        }
    }

    /// An update of a job: what its pods run stays, unless it is held and has not begun.
    mutating func jobUpdate(_ object: JSON, _ old: JSON) {
        for name in [
            "completionMode", "selector", "podFailurePolicy", "successPolicy", "managedBy",
        ] {
            immutable("spec.\(name)", object["spec"][name], was: old["spec"][name])
        }
        // An indexed job may grow and shrink: its pods follow.
        let (new, before) = (object["spec"]["completions"], old["spec"]["completions"])
        let isIndexed = old["spec"]["completionMode"] == "Indexed"
        if new != before, !isIndexed || new != object["spec"]["parallelism"] {
            immutable("spec.completions", new, was: before)
        }
        var template = object["spec"]["template"]
        let hasNotBegun =
            old["spec"]["suspend"] == true && old.value(at: "status.startTime") == nil
        if hasNotBegun {
            // Where and with which labels a held job will run may still be decided.
            for path in [
                "metadata.labels", "metadata.annotations", "spec.nodeSelector",
                "spec.tolerations", "spec.affinity", "spec.schedulingGates",
            ] {
                template?.setValue(old.value(at: "spec.template.\(path)"), at: path)
            }
        }
        if template != old["spec"]["template"] {
            immutable("spec.template", object["spec"]["template"], was: old["spec"]["template"])
        }
    }
}
