/// An API group and a version of it.
public struct GroupVersion: Hashable, Sendable, CustomStringConvertible {
    /// The group; empty for the core group.
    public var group: String
    /// The version, as in `v1`.
    public var version: String

    /// Names a version of a group.
    public init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads `VERSION` or `GROUP/VERSION`; nil for more than one slash.
    public init?(apiVersion: String) {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return nil }
        group = parts.count == 2 ? String(parts[0]) : ""
        version = String(parts[parts.count - 1])
    }

    /// `GROUP/VERSION`, or the version alone in the core group.
    public var description: String { group.isEmpty ? version : "\(group)/\(version)" }
}

/// A kind of object in one version of a group.
public struct GroupVersionKind: Hashable, Sendable, CustomStringConvertible {
    /// The group; empty for the core group.
    public var group: String
    /// The version, as in `v1`.
    public var version: String
    /// The kind, as in `Deployment`.
    public var kind: String

    /// Names a kind.
    public init(group: String, version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    /// Its group and version.
    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    /// Its group and kind, as errors name them.
    public var groupKind: GroupName { GroupName(kind, group: group) }
    /// As Kubernetes prints it.
    public var description: String { "\(groupVersion), Kind=\(kind)" }
}

/// A resource in one version of a group, as addresses name it.
public struct GroupVersionResource: Hashable, Sendable, CustomStringConvertible {
    /// The group; empty for the core group.
    public var group: String
    /// The version, as in `v1`.
    public var version: String
    /// The resource, as in `deployments`.
    public var resource: String

    /// Names a resource.
    public init(group: String, version: String, resource: String) {
        self.group = group
        self.version = version
        self.resource = resource
    }

    /// Its group and version.
    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    /// Its group and resource, as errors name them.
    public var groupResource: GroupName { GroupName(resource, group: group) }
    /// As Kubernetes prints it.
    public var description: String { "\(groupVersion), Resource=\(resource)" }
}

/// A kind or a resource within its group, without a version.
public struct GroupName: Hashable, Sendable, CustomStringConvertible {
    /// The kind or the resource.
    public var name: String
    /// The group; empty for the core group.
    public var group: String

    /// Names a kind or a resource.
    public init(_ name: String, group: String) {
        self.name = name
        self.group = group
    }

    /// `deployments.apps`; the name alone in the core group.
    public var description: String { group.isEmpty ? name : "\(name).\(group)" }
}

extension KindDefinition {
    /// Its group, version and kind.
    public var groupVersionKind: GroupVersionKind {
        GroupVersionKind(group: group, version: version, kind: kind)
    }

    /// Its group, version and resource.
    public var groupVersionResource: GroupVersionResource {
        GroupVersionResource(group: group, version: version, resource: resource)
    }
}
