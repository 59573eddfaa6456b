package import ResourceModel

/// The kinds of objects that are served without being defined first. Each is one file: its
/// schema, its columns and its strategy.
package enum BuiltInKinds {
    /// All kinds that are stored.
    package static let all: [KindDefinition] = [
        .namespace, .node, .pod, .service, .configMap, .secret, .serviceAccount, .coreEvent,
        .replicaSet, .deployment, .statefulSet, .daemonSet, .job, .cronJob, .endpointSlice, .event,
        .leaseResource, .role, .clusterRole, .roleBinding, .clusterRoleBinding,
        .customResourceDefinition, .model, .servingRuntime, .modelDeployment,
    ]

    /// Kinds of requests and answers that are never stored, by their place in the API.
    package static let virtual: [VirtualKind] = [
        VirtualKind("authorization.k8s.io", "v1", .selfSubjectAccessReview),
        VirtualKind("authorization.k8s.io", "v1", .selfSubjectRulesReview),
        VirtualKind("authentication.k8s.io", "v1", .selfSubjectReview),
        VirtualKind("autoscaling", "v1", .scale),
        VirtualKind("", "v1", .deleteOptions),
        VirtualKind("", "v1", .status),
    ]

    /// Schemas that refer to themselves, by name: what `Schema.reference` means.
    package static let schemas: [String: ObjectSchema] = [
        ObjectSchema.jsonSchemaProps.name: .jsonSchemaProps
    ]

    /// The same, as what follows references wants them.
    package static let schemaTable = SchemaTable(schemas.mapValues { .object($0) })
}

/// A kind of request or answer that is never stored.
package struct VirtualKind: Sendable {
    /// The API group; empty for those of every group.
    package var group: String
    /// The version.
    package var version: String
    /// The whole object.
    package var schema: ObjectSchema

    init(_ group: String, _ version: String, _ schema: ObjectSchema) {
        self.group = group
        self.version = version
        self.schema = schema
    }

    /// The kind, as in `Scale`.
    package var kind: String { String(schema.name.split(separator: ".").last ?? "") }
}
