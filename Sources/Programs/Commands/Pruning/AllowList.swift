internal import ClusterAccess
internal import ResourceModel

/// Objects of certain kinds that somebody has applied, as older `--prune` sees them: without any
/// record of what belongs together.
struct AllowList {
    private static let usual = [
        "core/v1/ConfigMap", "core/v1/Endpoints", "core/v1/Namespace",
        "core/v1/PersistentVolumeClaim", "core/v1/PersistentVolume", "core/v1/Pod",
        "core/v1/ReplicationController", "core/v1/Secret", "core/v1/Service", "batch/v1/Job",
        "batch/v1/CronJob", "networking.k8s.io/v1/Ingress", "apps/v1/DaemonSet",
        "apps/v1/Deployment", "apps/v1/ReplicaSet", "apps/v1/StatefulSet",
    ]

    private let kinds: [ResourceKind]
    private let labels: String
    private let session: Session

    /// - Parameter given: `GROUP/VERSION/KIND` each; kubectl's own list if there are none.
    init(_ given: [String], labels: String, _ session: Session) throws {
        kinds = try (given.isEmpty ? Self.usual : given).compactMap { text in
            let parts = text.split(separator: "/").map(String.init)
            guard parts.count == 3 else {
                throw CommandFailure(
                    "invalid GroupVersionKind format: \(text), please follow <group/version/kind>")
            }
            let version = parts[0] == "core" ? parts[1] : parts[0] + "/" + parts[1]
            let kind = try session.directory.kind(apiVersion: version, kind: parts[2])
            guard kind != nil || given.isEmpty else {
                throw CommandFailure(
                    "no matches for kind \"\(parts[2])\" in version \"\(version)\"")
            }
            // Who names a namespace does not mean what is outside of all.
            let isMeant = !given.isEmpty || !session.namespaceIsGiven
            return kind.flatMap { $0.isNamespaced || isMeant ? $0 : nil }
        }
        self.labels = labels
        self.session = session
    }

    /// What may go, in the namespaces of objects.
    func objects(beside objects: [ManifestObject]) throws -> [JSON] {
        let namespaces = Set(objects.map(\.place.namespace)).subtracting([""]).sorted()
        return try kinds.flatMap { kind in
            try (kind.isNamespaced ? namespaces : [""]).flatMap { namespace in
                try session.list(kind, namespace: namespace, labels: labels).items
                    .filter(Self.isApplied)
            }
        }
    }

    /// Whether kubectl or keelson has applied an object: what was made otherwise stays.
    private static func isApplied(_ object: JSON) -> Bool {
        let metadata = object["metadata"]
        return metadata["annotations"][ClientSideApply.annotation] != nil
            || (metadata["managedFields"].arrayValue ?? []).contains {
                $0["manager"].stringValue == Application.manager && $0["operation"] == "Apply"
            }
    }
}
