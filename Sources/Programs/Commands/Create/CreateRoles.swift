internal import ArgumentParser
internal import ClusterAccess
internal import Drafting
internal import ResourceModel

/// What a role is about.
struct RuleOptions: ParsableArguments {
    @Option(help: "What may be done, as in get,list.") var verb: [String] = []
    @Option(help: "With what, as in pods,deployments.apps,pods/log.") var resource: [String] = []
    @Option(help: "With which of them alone; may stand several times.")
    var resourceName: [String] = []

    var verbs: [String] { verb.contains("*") ? ["*"] : verb.apart }

    /// The resources under the names that the server gives them; each must be there.
    func resources(_ session: Session) throws -> [Draft.RuleResource] {
        guard !resource.isEmpty else { return [] }
        for verb in Draft.unusual(verbs) {
            Standard.complain("Warning: '\(verb)' is not a standard resource verb")
        }
        let words = resource.apart.contains("*") ? ["*"] : resource.apart
        return try words.map { word in
            let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, !name.isEmpty, !name.hasPrefix(".") else {
                throw CommandFailure(
                    "resource must be specified if apiGroup/subresource specified")
            }
            var found = try find(String(name), session)
            if parts.count > 1 { found.resource += "/" + parts[1] }
            return found
        }
    }

    private func find(_ name: String, _ session: Session) throws -> Draft.RuleResource {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        let given = Draft.RuleResource(
            group: parts.count > 1 ? parts[1] : "", resource: parts[0])
        guard given.resource != "*" else { return given }
        do {
            let kind = try session.directory.kind(named: name)
            let found = Draft.RuleResource(group: kind.group, resource: kind.resource)
            _ = try Draft.check(found, verbs: verbs)
            return found
        } catch let failure as UnknownResource {
            guard try Draft.check(given, verbs: verbs) else { throw failure }
            return given
        }
    }
}

/// `keelson create role`.
struct CreateRoleCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Create a role with one rule.")
    static let refusal = ""
    @OptionGroup var rule: RuleOptions
    @OptionGroup var draft: DraftOptions

    func object(_ name: String, _ session: Session) throws -> JSON {
        guard !rule.verbs.isEmpty else {
            throw CommandFailure("at least one verb must be specified")
        }
        guard !rule.resource.apart.isEmpty else {
            throw CommandFailure("at least one resource must be specified")
        }
        return Draft.role(
            name, isForCluster: false, verbs: rule.verbs,
            resources: try rule.resources(session), names: rule.resourceName)
    }
}

/// `keelson create clusterrole`.
struct CreateClusterRoleCommand: DraftCommand {
    static let configuration = CommandConfiguration(
        commandName: "clusterrole", abstract: "Create a role for the whole cluster.")
    static let refusal = ""
    @OptionGroup var rule: RuleOptions
    @Option(help: "A path that may be asked for; may stand several times.")
    var nonResourceUrl: [String] = []
    @Option(help: "NAME=VALUE: all roles with this label together; may stand several times.")
    var aggregationRule: [String] = []
    @OptionGroup var draft: DraftOptions

    func object(_ name: String, _ session: Session) throws -> JSON {
        let urls = nonResourceUrl.apart
        guard aggregationRule.isEmpty else {
            guard (urls + rule.verb + rule.resource + rule.resourceName).isEmpty else {
                throw CommandFailure(
                    "aggregation rule must be specified without nonResourceURLs, verbs, resources"
                        + " or resourceNames")
            }
            return Draft.clusterRole(name, of: try aggregationRule.apart.map(Self.pair))
        }
        guard !rule.verbs.isEmpty else {
            throw CommandFailure("at least one verb must be specified")
        }
        guard !rule.resource.apart.isEmpty || !urls.isEmpty else {
            throw CommandFailure("one of resource or nonResourceURL must be specified")
        }
        let resources = try rule.resources(session)
        try Draft.check(urls: urls, verbs: rule.verbs)
        return Draft.role(
            name, isForCluster: true, verbs: rule.verbs, resources: resources,
            names: rule.resourceName, urls: urls)
    }

    private static func pair(_ text: String) throws -> (name: String, value: String) {
        guard let equals = text.firstIndex(of: "=") else {
            throw CommandFailure(
                "invalid argument \(GoText.quoted(text)) for \"--aggregation-rule\" flag:"
                    + " malformed pair, expect string=string")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}

/// A command that gives a role to somebody. Its `--user` gets the role, and is not who asks.
protocol BindingCommand: DraftCommand {
    var people: SubjectOptions { get }
    var isForCluster: Bool { get }
    func role() throws -> (kind: String, name: String)
}

extension BindingCommand {
    var cluster: ClusterOptions {
        var cluster = draft.cluster
        cluster.user = []
        return cluster
    }

    func object(_ name: String, _ session: Session) throws -> JSON {
        try Draft.roleBinding(
            name, isForCluster: isForCluster, role: try role(),
            Draft.Subjects(
                users: draft.cluster.user, groups: people.group,
                serviceAccounts: people.serviceaccount))
    }
}

/// Who gets a role, beside users.
struct SubjectOptions: ParsableArguments {
    @Option(help: "A group; may stand several times.") var group: [String] = []
    @Option(help: "NAMESPACE:NAME of a service account; may stand several times.")
    var serviceaccount: [String] = []
}

/// `keelson create rolebinding`.
struct CreateRoleBindingCommand: BindingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rolebinding", abstract: "Give a role to somebody.",
        discussion: "keelson create rolebinding readers --role=reader --user=jane")
    @Option(name: .customLong("role"), help: "The role.") var ownRole = ""
    @Option(help: "The role for the whole cluster, which counts in the namespace alone.")
    var clusterrole = ""
    @OptionGroup var people: SubjectOptions
    @OptionGroup var draft: DraftOptions

    var isForCluster: Bool { false }

    func role() throws -> (kind: String, name: String) {
        guard ownRole.isEmpty != clusterrole.isEmpty else {
            throw CommandFailure("exactly one of clusterrole or role must be specified")
        }
        return ownRole.isEmpty ? ("ClusterRole", clusterrole) : ("Role", ownRole)
    }
}

/// `keelson create clusterrolebinding`.
struct CreateClusterRoleBindingCommand: BindingCommand {
    static let configuration = CommandConfiguration(
        commandName: "clusterrolebinding", abstract: "Give a role to somebody everywhere.",
        discussion: "keelson create clusterrolebinding readers --clusterrole=reader --user=jane")
    @Option(help: "The role.") var clusterrole: String?
    @OptionGroup var people: SubjectOptions
    @OptionGroup var draft: DraftOptions

    var missing: [String] { clusterrole == nil ? ["clusterrole"] : [] }
    var isForCluster: Bool { true }

    func role() -> (kind: String, name: String) { ("ClusterRole", clusterrole ?? "") }
}
