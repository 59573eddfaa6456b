package import ResourceModel

/// Where an object is: its kind, namespace and name.
package struct ObjectReference: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The kind.
    package var kind: GroupVersionKind
    /// The namespace; empty if it lives in none.
    package var namespace: String
    /// The name.
    package var name: String

    /// Names an object.
    package init(_ kind: GroupVersionKind, _ namespace: String, _ name: String) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// The place within the kind.
    package var key: ObjectKey { ObjectKey(namespace, name) }

    /// As in `Pod default/web-1`; for the clusters' own objects `Node n1`.
    package var description: String { "\(kind.kind) \(key)" }

    /// Orders by kind, namespace and name.
    package static func < (left: Self, right: Self) -> Bool {
        (left.kind.kind, left.kind.group, left.namespace, left.name)
            < (right.kind.kind, right.kind.group, right.namespace, right.name)
    }
}

/// Where an object is among those of its kind.
package struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The namespace; empty if it lives in none.
    package var namespace: String
    /// The name.
    package var name: String

    /// Names an object.
    package init(_ namespace: String, _ name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `NAMESPACE/NAME`, or the name alone.
    package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// Orders by namespace and name.
    package static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

extension GroupVersionKind {
    /// The kinds that planners know.
    package static let pod = GroupVersionKind(group: "", version: "v1", kind: "Pod")
    /// A machine that runs pods.
    package static let node = GroupVersionKind(group: "", version: "v1", kind: "Node")
    /// An address for pods.
    package static let service = GroupVersionKind(group: "", version: "v1", kind: "Service")
    /// What happened.
    package static let event = GroupVersionKind(group: "", version: "v1", kind: "Event")
    /// Keeps so many pods.
    package static let replicaSet = GroupVersionKind(
        group: "apps", version: "v1", kind: "ReplicaSet")
    /// Rolls out versions of a template.
    package static let deployment = GroupVersionKind(
        group: "apps", version: "v1", kind: "Deployment")
    /// Runs pods to their end.
    package static let job = GroupVersionKind(group: "batch", version: "v1", kind: "Job")
    /// Addresses behind a service.
    package static let endpointSlice = GroupVersionKind(
        group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice")
    /// A sign of life.
    package static let leaseResource = GroupVersionKind(
        group: "coordination.k8s.io", version: "v1", kind: "Lease")
    /// A trained model.
    package static let model = GroupVersionKind(
        group: "models.keelson.dev", version: "v1alpha1", kind: "Model")
    /// What serves models of some formats.
    package static let servingRuntime = GroupVersionKind(
        group: "models.keelson.dev", version: "v1alpha1", kind: "ServingRuntime")
    /// A model that is served.
    package static let modelDeployment = GroupVersionKind(
        group: "models.keelson.dev", version: "v1alpha1", kind: "ModelDeployment")
}
