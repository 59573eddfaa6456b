internal import ResourceModel

/// What is served, as clients discover it.
struct DiscoveryDocuments {
    let contents: RegistryContents

    /// The media type of aggregated discovery.
    static let aggregatedType =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

    /// `/api` or `/apis`, with everything in it (APIGroupDiscoveryList, v2).
    func aggregated(isCore: Bool) -> JSON {
        let groups = contents.groups.filter { $0.name.isEmpty == isCore }
        return [
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": .emptyObject, "items": .array(groups.map(aggregated)),
        ]
    }

    private func aggregated(_ group: RegistryContents.Group) -> JSON {
        let versions = group.versions.map { version -> JSON in
            let resources = contents.resources(group: group.name, version: version)
            return [
                "version": .string(version), "freshness": "Current",
                "resources": .array(resources.map(aggregated)),
            ]
        }
        return [
            "metadata": ["name": .string(group.name), "creationTimestamp": .null],
            "versions": .array(versions),
        ]
    }

    private func aggregated(_ resource: ServedResource) -> JSON {
        let kind = resource.kind
        var document: JSON = [
            "resource": .string(kind.resource),
            "responseKind": Self.responseKind(kind.group, kind.version, kind.kind),
            "scope": kind.isNamespaced ? "Namespaced" : "Cluster",
            "singularResource": .string(kind.singular), "verbs": Self.list(resource.verbs),
        ]
        if !kind.shortNames.isEmpty { document["shortNames"] = Self.list(kind.shortNames) }
        if !kind.categories.isEmpty { document["categories"] = Self.list(kind.categories) }
        let parts = Self.subresources(of: kind).map { part -> JSON in
            [
                "subresource": .string(part.name),
                "responseKind": Self.responseKind(part.group, part.version, part.kind),
                "verbs": ["get", "patch", "update"],
            ]
        }
        if !parts.isEmpty { document["subresources"] = .array(parts) }
        return document
    }

    private static func responseKind(_ group: String, _ version: String, _ kind: String) -> JSON {
        ["group": .string(group), "version": .string(version), "kind": .string(kind)]
    }

    private static func list(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }

    private struct Part {
        var name: String
        var group: String
        var version: String
        var kind: String
    }

    private static func subresources(of kind: KindDefinition) -> [Part] {
        var parts: [Part] = []
        if kind.scale != nil {
            parts.append(Part(name: "scale", group: "autoscaling", version: "v1", kind: "Scale"))
        }
        if kind.hasStatus {
            parts.append(
                Part(name: "status", group: kind.group, version: kind.version, kind: kind.kind))
        }
        if kind.kind == "Pod", kind.group.isEmpty {
            parts.append(Part(name: "log", group: "", version: "v1", kind: "Pod"))
        }
        return parts
    }
}

/// The older, plain documents.
extension DiscoveryDocuments {
    /// `/api`.
    func coreVersions(address: String) -> JSON {
        let versions = contents.groups.first { $0.name.isEmpty }?.versions ?? []
        return [
            "kind": "APIVersions", "versions": Self.list(versions),
            "serverAddressByClientCIDRs": [
                ["clientCIDR": "0.0.0.0/0", "serverAddress": .string(address)]
            ],
        ]
    }

    /// `/apis`.
    var groupList: JSON {
        let groups = contents.groups.filter { !$0.name.isEmpty }
        return [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(groups.map { Self.group($0) }),
        ]
    }

    /// `/apis/GROUP`; nil if there is no such group.
    func group(_ name: String) -> JSON? {
        guard let group = contents.groups.first(where: { $0.name == name }), !name.isEmpty else {
            return nil
        }
        var document = Self.group(group)
        document["kind"] = "APIGroup"
        document["apiVersion"] = "v1"
        return document
    }

    private static func group(_ group: RegistryContents.Group) -> JSON {
        let versions = group.versions.map { version -> JSON in
            ["groupVersion": .string("\(group.name)/\(version)"), "version": .string(version)]
        }
        return [
            "name": .string(group.name), "versions": .array(versions),
            "preferredVersion": versions.first ?? .null,
        ]
    }

    /// `/api/v1` or `/apis/GROUP/VERSION`; nil if nothing is served there.
    func resourceList(group: String, version: String) -> JSON? {
        let resources = contents.resources(group: group, version: version)
        guard let first = resources.first else { return nil }
        return [
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(first.kind.apiVersion),
            "resources": .array(resources.flatMap(plain)),
        ]
    }

    private func plain(_ resource: ServedResource) -> [JSON] {
        let kind = resource.kind
        var document: JSON = [
            "name": .string(kind.resource), "singularName": .string(kind.singular),
            "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.kind),
            "verbs": Self.list(resource.verbs),
        ]
        if !kind.shortNames.isEmpty { document["shortNames"] = Self.list(kind.shortNames) }
        if !kind.categories.isEmpty { document["categories"] = Self.list(kind.categories) }
        let parts = Self.subresources(of: kind).map { part -> JSON in
            [
                "name": .string("\(kind.resource)/\(part.name)"), "singularName": "",
                "namespaced": .bool(kind.isNamespaced), "group": .string(part.group),
                "version": .string(part.version), "kind": .string(part.kind),
                "verbs": ["get", "patch", "update"],
            ]
        }
        return [document] + parts
    }
}
