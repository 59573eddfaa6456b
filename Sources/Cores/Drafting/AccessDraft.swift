package import ResourceModel

/// Roles and who has them.
extension Draft {
    private static let group = "rbac.authorization.k8s.io"

    /// What a rule is about.
    package struct RuleResource: Sendable, Equatable {
        /// Empty for the core group.
        package var group: String
        /// In the plural, perhaps with a subresource, as in `pods/log`.
        package var resource: String

        /// Describes a resource.
        package init(group: String, resource: String) {
            self.group = group
            self.resource = resource
        }
    }

    /// A role, or one for the whole cluster. There is a rule for each group of resources.
    package static func role(
        _ name: String, isForCluster: Bool, verbs: [String], resources: [RuleResource],
        names: [String], urls: [String] = []
    ) -> JSON {
        let verbs = verbs.contains("*") ? ["*"] : verbs.withoutRepetitions
        var rules = Set(resources.map(\.group)).sorted().map { group -> JSON in
            let members = resources.filter { $0.group == group }.map(\.resource)
            var rule: JSON = [
                "apiGroups": [.string(group)], "verbs": .strings(verbs),
                "resources": .strings(members.withoutRepetitions),
            ]
            if !names.isEmpty { rule["resourceNames"] = .strings(names.withoutRepetitions) }
            return rule
        }
        if !urls.isEmpty {
            rules.append([
                "nonResourceURLs": .strings(urls.withoutRepetitions), "verbs": .strings(verbs),
            ])
        }
        return object("\(group)/v1", isForCluster ? "ClusterRole" : "Role", name)
            .with(["rules": .array(rules)])
    }

    /// A role that is made of all with some labels.
    package static func clusterRole(
        _ name: String, of labels: [(name: String, value: String)]
    ) -> JSON {
        var selector = JSON.emptyObject
        for label in labels { selector[label.name] = .string(label.value) }
        return object("\(group)/v1", "ClusterRole", name).with([
            "aggregationRule": ["clusterRoleSelectors": [["matchLabels": selector]]],
            "rules": .null,
        ])
    }

    /// Whether paths can stand in a rule with some verbs.
    package static func check(urls: [String], verbs: [String]) throws(DraftFailure) {
        let known = ["*", "get", "post", "put", "delete", "patch", "head", "options"]
        guard !urls.isEmpty else { return }
        if let verb = verbs.first(where: { !known.contains($0) }) {
            throw DraftFailure("invalid verb: '\(verb)' for nonResourceURL")
        }
        for url in urls where url != "*" {
            guard url.hasPrefix("/") else {
                throw DraftFailure("nonResourceURL should start with /")
            }
            guard !url.dropLast().contains("*") else {
                throw DraftFailure(
                    "nonResourceURL only supports wildcard matches when '*' is at the end")
            }
        }
    }

    /// Verbs that nothing but certain resources know, and no other verbs.
    /// - Returns: whether one of the verbs is so and knows the resource.
    package static func check(
        _ resource: RuleResource, verbs: [String]
    ) throws(DraftFailure) -> Bool {
        let roles = ["roles", "clusterroles"].map { RuleResource(group: group, resource: $0) }
        let people = ["users", "serviceaccounts", "groups"].map {
            RuleResource(group: "", resource: $0)
        } + [RuleResource(group: "authentication.k8s.io", resource: "userextras")]
        let policies = [RuleResource(group: "extensions", resource: "podsecuritypolicies")]
        let special = ["use": policies, "bind": roles, "escalate": roles, "impersonate": people]
        var isKnown = false
        for verb in verbs {
            guard let resources = special[verb] else { continue }
            guard resources.contains(resource) else {
                throw DraftFailure(
                    "can not perform '\(verb)' on '\(resource.resource)' in group"
                        + " '\(resource.group)'")
            }
            isKnown = true
        }
        return isKnown
    }

    /// Verbs that no resource is known to have.
    package static func unusual(_ verbs: [String]) -> [String] {
        let usual = [
            "*", "get", "delete", "list", "create", "update", "patch", "watch", "proxy",
            "deletecollection", "use", "bind", "escalate", "impersonate",
        ]
        return verbs.filter { !usual.contains($0) }
    }

    /// Who gets a role.
    package struct Subjects: Sendable {
        /// Names of users.
        package var users: [String]
        /// Names of groups.
        package var groups: [String]
        /// Each `NAMESPACE:NAME`.
        package var serviceAccounts: [String]

        /// Describes some people.
        package init(users: [String], groups: [String], serviceAccounts: [String]) {
            self.users = users
            self.groups = groups
            self.serviceAccounts = serviceAccounts
        }
    }

    /// The binding of a role, or of one for the whole cluster.
    package static func roleBinding(
        _ name: String, isForCluster: Bool, role: (kind: String, name: String),
        _ subjects: Subjects
    ) throws(DraftFailure) -> JSON {
        var items: [JSON] = []
        for (kind, names) in [("User", subjects.users), ("Group", subjects.groups)] {
            items += names.map {
                ["apiGroup": .string(group), "kind": .string(kind), "name": .string($0)]
            }
        }
        for account in subjects.serviceAccounts {
            let parts = account.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw DraftFailure("serviceaccount must be <namespace>:<name>")
            }
            items.append([
                "kind": "ServiceAccount", "name": .string(String(parts[1])),
                "namespace": .string(String(parts[0])),
            ])
        }
        let kind = isForCluster ? "ClusterRoleBinding" : "RoleBinding"
        var binding = object("\(group)/v1", kind, name).with([
            "roleRef": [
                "apiGroup": .string(group), "kind": .string(role.kind), "name": .string(role.name),
            ]
        ])
        if !items.isEmpty { binding["subjects"] = .array(items) }
        return binding
    }
}
