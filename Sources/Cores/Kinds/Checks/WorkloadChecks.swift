import ResourceModel

extension Findings {
    /// What holds for all kinds that keep equal pods running.
    mutating func replicatedPods(_ object: JSON, _ old: JSON?, kind: String) {
        let spec = object["spec"]
        notNegative("spec.replicas", spec["replicas"])
        notNegative("spec.minReadySeconds", spec["minReadySeconds"])
        selector(spec, kind: kind)
        podTemplate("spec.template", spec["template"], restartPolicies: ["Always"])
        if let deadline = spec["template"]["spec"]["activeDeadlineSeconds"], !deadline.isNull {
            forbidden(
                "spec.template.spec.activeDeadlineSeconds",
                "activeDeadlineSeconds in \(kind) is not Supported")
        }
        if let old { immutable("spec.selector", spec["selector"], was: old["spec"]["selector"]) }
    }

    private mutating func selector(_ spec: JSON?, kind: String) {
        guard let selector = spec["selector"] else { return required("spec.selector") }
        labelSelector("spec.selector", selector)
        let labels = spec["template"]["metadata"]["labels"]
        if JSON?(selector).isEmptySelector {
            invalid("spec.selector", selector, "empty selector is invalid for \(kind)")
        } else if !JSON?(selector).selects(labels) {
            invalid(
                "spec.template.metadata.labels", labels ?? [:],
                "`selector` does not match template `labels`")
        }
    }

    /// The template of a workload's pods.
    mutating func podTemplate(_ path: String, _ template: JSON?, restartPolicies: [String]) {
        guard let template else { return required(path) }
        labels(path + ".metadata.labels", template.value(at: "metadata.labels"))
        for member in template.value(at: "metadata.annotations").objectValue?.members ?? [] {
            for problem in NameRule.qualifiedName.problems(member.name.lowercased()) {
                invalid(path + ".metadata.annotations", .string(member.name), problem)
            }
        }
        podSpec(path + ".spec", template["spec"])
        let policy = template["spec"]["restartPolicy"]
        if !restartPolicies.contains(policy.stringValue ?? "") {
            unsupported(path + ".spec.restartPolicy", policy, restartPolicies)
        }
        if !(template["spec"]["ephemeralContainers"].arrayValue?.isEmpty ?? true) {
            forbidden(
                path + ".spec.ephemeralContainers",
                "ephemeral containers not allowed in pod template")
        }
    }
}
