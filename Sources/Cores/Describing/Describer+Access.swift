import ResourceModel

extension Describer {
    mutating func writeRole() {
        writeName(hasNamespace: false)
        writeLabelsAndAnnotations()
        line(0, "PolicyRule:")
        let headings = ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]
        table(1, headings, AccessRule.rules(of: object).sorted { $0.order < $1.order }.map(\.cells))
    }

    mutating func writeBinding() {
        writeName(hasNamespace: false)
        writeLabelsAndAnnotations()
        line(0, "Role:")
        rows(1, [Row("Kind", "roleRef.kind"), Row("Name", "roleRef.name")])
        line(0, "Subjects:")
        table(1, ["Kind", "Name", "Namespace"], object.items("subjects").map { subject in
            [subject.text("kind"), subject.text("name"), subject.text("namespace")]
        })
    }
}

/// One line of a role: what may be done with one resource, one object or one address.
private struct AccessRule {
    var group = ""
    var resource: String?
    var name: String?
    var address: String?
    var verbs: [String] = []

    /// Each resource, or object of it, once; each address once for each verb.
    static func rules(of role: JSON) -> [AccessRule] {
        var rules: [AccessRule] = []
        func add(_ rule: AccessRule, _ verb: String) {
            let place = rules.firstIndex {
                $0.group == rule.group && $0.resource == rule.resource && $0.name == rule.name
                    && $0.address == nil
            }
            guard rule.address == nil, let place else {
                rules.append(rule)
                rules[rules.count - 1].verbs = [verb]
                return
            }
            if !rules[place].verbs.contains(verb) { rules[place].verbs.append(verb) }
        }
        for rule in role.items("rules") {
            let names = rule.texts("resourceNames").map(Optional.some)
            let verbs = rule.texts("verbs")
            for group in rule.texts("apiGroups") {
                for resource in rule.texts("resources") {
                    for verb in verbs {
                        for name in names.isEmpty ? [nil] : names {
                            add(AccessRule(group: group, resource: resource, name: name), verb)
                        }
                    }
                }
            }
            for address in rule.texts("nonResourceURLs") {
                for verb in verbs { add(AccessRule(address: address), verb) }
            }
        }
        return rules
    }

    /// By verbs, then groups and so on, as kubectl orders them.
    var order: String {
        let parts = [
            ("Verbs", list(verbs)), ("APIGroups", list(resource == nil ? [] : [group])),
            ("Resources", list(resource)), ("ResourceNames", list(name)),
            ("NonResourceURLs", list(address)),
        ]
        return parts.map { $0.0 + ":" + $0.1 + "," }.joined()
    }

    private func list(_ texts: [String]) -> String { "[" + texts.joined(separator: " ") + "]" }
    private func list(_ text: String?) -> String { list(text.map { [$0] } ?? []) }

    var cells: [String] {
        var parts = (resource ?? "").split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false
        ).map(String.init)
        if resource != nil, !group.isEmpty { parts[0] += "." + group }
        return [parts.joined(separator: "/"), list(address), list(name), list(verbs)]
    }
}
