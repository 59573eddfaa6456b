internal import APIClient
internal import Kinds
internal import ResourceModel

/// A kind of objects as a server offers it.
package struct ResourceKind: Sendable, Hashable {
    /// The group; empty for the core group.
    package var group: String
    /// The version, as in `v1`.
    package var version: String
    /// The kind, as in `Deployment`.
    package var kind: String
    /// The resource in addresses, as in `deployments`.
    package var resource: String
    /// The resource in the singular.
    package var singular: String
    /// Short names, as in `deploy`.
    package var shortNames: [String]
    /// Categories, as in `all`.
    package var categories: [String]
    /// Whether objects live in a namespace.
    package var isNamespaced: Bool
    /// What can be done, as in `list`; nothing where that is not known.
    package var verbs: [String] = []

    /// A kind that needs no question.
    init(_ kind: KindDefinition) {
        group = kind.group
        version = kind.version
        self.kind = kind.kind
        resource = kind.resource
        singular = kind.singular
        shortNames = kind.shortNames
        categories = kind.categories
        isNamespaced = kind.isNamespaced
    }

    /// A resource of aggregated discovery.
    init?(discovered json: JSON, group: String, version: String) {
        guard let resource = json["resource"].stringValue,
            let kind = json["responseKind"]["kind"].stringValue
        else { return nil }
        self.group = group
        self.version = version
        self.kind = kind
        self.resource = resource
        singular = json["singularResource"].stringValue ?? ""
        shortNames = (json["shortNames"].arrayValue ?? []).compactMap(\.stringValue)
        categories = (json["categories"].arrayValue ?? []).compactMap(\.stringValue)
        isNamespaced = json["scope"] == "Namespaced"
        verbs = (json["verbs"].arrayValue ?? []).compactMap(\.stringValue)
    }

    /// `GROUP/VERSION`, or the version alone in the core group.
    package var apiVersion: String { group.isEmpty ? version : group + "/" + version }

    /// Without a version: `Deployment.apps`.
    package var groupKind: String { kind + (group.isEmpty ? "" : "." + group) }

    /// As messages name a kind: `deployment.apps`.
    package var printedKind: String {
        kind.lowercased() + (group.isEmpty ? "" : "." + group)
    }

    /// As messages name a resource: `deployments.apps`.
    package var printedResource: String { resource + (group.isEmpty ? "" : "." + group) }

    /// The address of an object, or of all of them without a name.
    /// - Parameter namespace: of no account for kinds without; empty for all.
    package func path(namespace: String, name: String = "", subresource: String = "") -> String {
        var path = group.isEmpty ? "/api/" + version : "/apis/" + group + "/" + version
        if isNamespaced, !namespace.isEmpty {
            path += "/namespaces/" + ObjectClient.escaped(namespace)
        }
        path += "/" + resource
        if !name.isEmpty { path += "/" + ObjectClient.escaped(name) }
        if !subresource.isEmpty { path += "/" + subresource }
        return path
    }
}
