public import ResourceModel

/// Where an object is: its kind, namespace and name.
public struct ObjectReference: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The kind.
    public var kind: GroupVersionKind
    /// The namespace; empty if it lives in none.
    public var namespace: String
    /// The name.
    public var name: String

    /// Names an object.
    public init(_ kind: GroupVersionKind, _ namespace: String, _ name: String) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// The place within the kind.
    public var key: ObjectKey { ObjectKey(namespace, name) }

    /// As in `Pod default/web-1`; for the clusters' own objects `Node n1`.
    public var description: String { "\(kind.kind) \(key)" }

    /// Orders by kind, namespace and name.
    public static func < (left: Self, right: Self) -> Bool {
        (left.kind.kind, left.kind.group, left.namespace, left.name)
            < (right.kind.kind, right.kind.group, right.namespace, right.name)
    }
}

/// Where an object is among those of its kind.
public struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The namespace; empty if it lives in none.
    public var namespace: String
    /// The name.
    public var name: String

    /// Names an object.
    public init(_ namespace: String, _ name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `NAMESPACE/NAME`, or the name alone.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// Orders by namespace and name.
    public static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

extension GroupVersionKind {
    /// The kinds that planners know.
    public static let pod = GroupVersionKind(group: "", version: "v1", kind: "Pod")
    /// A machine that runs pods.
    public static let node = GroupVersionKind(group: "", version: "v1", kind: "Node")
    /// An address for pods.
    public static let service = GroupVersionKind(group: "", version: "v1", kind: "Service")
    /// What happened.
    public static let event = GroupVersionKind(group: "", version: "v1", kind: "Event")
    /// Keeps so many pods.
    public static let replicaSet = GroupVersionKind(
        group: "apps", version: "v1", kind: "ReplicaSet")
    /// Rolls out versions of a template.
    public static let deployment = GroupVersionKind(
        group: "apps", version: "v1", kind: "Deployment")
    /// Runs pods to their end.
    public static let job = GroupVersionKind(group: "batch", version: "v1", kind: "Job")
    /// Addresses behind a service.
    public static let endpointSlice = GroupVersionKind(
        group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice")
    /// A sign of life.
    public static let leaseResource = GroupVersionKind(
        group: "coordination.k8s.io", version: "v1", kind: "Lease")
    /// A trained model.
    public static let model = GroupVersionKind(
        group: "models.keelson.dev", version: "v1alpha1", kind: "Model")
    /// What serves models of some formats.
    public static let servingRuntime = GroupVersionKind(
        group: "models.keelson.dev", version: "v1alpha1", kind: "ServingRuntime")
    /// A model that is served.
    public static let modelDeployment = GroupVersionKind(
        group: "models.keelson.dev", version: "v1alpha1", kind: "ModelDeployment")
}
