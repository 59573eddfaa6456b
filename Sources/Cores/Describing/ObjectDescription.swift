package import ResourceModel

/// What `kubectl describe` says of an object, byte for byte. Everything that the text needs is
/// handed in; the kinds that kubectl has words of its own for say with `relations` what else that
/// is, all others are written out field by field.
package struct ObjectDescription: Sendable {
    /// What of a cluster is shown with an object of some kind.
    package enum Relation: Sendable {
        /// Pods that the object's selector finds.
        case selectedPods
        /// Pods on a node that have not ended.
        case podsOfNode
        /// The lease of a node.
        case leaseOfNode
        /// Replica sets that the object's selector finds.
        case replicaSets
        /// The endpoint slices of a service.
        case endpointSlices
    }

    /// When and where it is read.
    package struct Clock: Sendable {
        /// Seconds since 1970.
        package var nowSeconds: Int64
        /// How many seconds the reader's clocks are ahead of UTC, at seconds since 1970.
        package var offset: @Sendable (Int64) -> Int64

        /// Makes a clock; without more it goes by UTC.
        package init(
            nowSeconds: Int64, offset: @escaping @Sendable (Int64) -> Int64 = { _ in 0 }
        ) {
            self.nowSeconds = nowSeconds
            self.offset = offset
        }
    }

    /// The whole object.
    package var object: JSON
    /// `Kind`, or `Kind.group` outside of the core group.
    package var kind: String
    /// When and where it is read.
    package var clock: Clock
    /// What has happened to it; nil if that is not to be shown.
    package var events: [JSON]?
    /// What the relations have found.
    package var related: [Relation: [JSON]] = [:]
    /// Why a relation has found nothing.
    package var failures: [Relation: String] = [:]

    /// Describes an object by itself.
    package init(_ object: JSON, kind: String, clock: Clock) {
        self.object = object
        self.kind = kind
        self.clock = clock
    }

    /// The labels of what the object selects, as lists ask for them.
    package static func selector(of object: JSON) -> String {
        object.value(at: "spec.selector")?.selectorText ?? ""
    }

    /// What else the description of a kind shows.
    package static func relations(of kind: String) -> [Relation] {
        forms[kind]?.relations ?? []
    }

    /// Whether the description of a kind ends with what has happened.
    package static func showsEvents(of kind: String) -> Bool { forms[kind]?.hasEvents ?? true }

    /// The description; its last line ends too.
    package var text: String {
        var describer = Describer(self)
        if let form = Self.forms[kind] {
            form.write(&describer)
        } else {
            describer.writeUnknownKind()
        }
        if let events, Self.showsEvents(of: kind) { describer.writeEvents(events) }
        return AlignedText.aligned(describer.plainText)
    }

    /// What pods are made of, with tabs between labels and values, as `rollout history` shows it.
    package static func text(ofPodTemplate template: JSON) -> String {
        var describer = Describer(
            ObjectDescription(template, kind: "", clock: Clock(nowSeconds: 0)))
        describer.writePodTemplate(template)
        return describer.plainText
    }

    /// How the objects of a kind are described.
    struct Form: Sendable {
        var relations: [Relation] = []
        var hasEvents = true
        var write: @Sendable (inout Describer) -> Void
    }

    private static let forms: [String: Form] = [
        "Pod": Form { $0.writePod() },
        "Deployment.apps": Form(relations: [.replicaSets]) { $0.writeDeployment() },
        "ReplicaSet.apps": Form(relations: [.selectedPods]) { $0.writeReplicaSet() },
        "StatefulSet.apps": Form(relations: [.selectedPods]) { $0.writeStatefulSet() },
        "DaemonSet.apps": Form(relations: [.selectedPods]) { $0.writeDaemonSet() },
        "Job.batch": Form { $0.writeJob() },
        "CronJob.batch": Form { $0.writeCronJob() },
        "Service": Form(relations: [.endpointSlices]) { $0.writeService() },
        "EndpointSlice.discovery.k8s.io": Form { $0.writeEndpointSlice() },
        "Node": Form(relations: [.leaseOfNode, .podsOfNode]) { $0.writeNode() },
        "Namespace": Form(hasEvents: false) { $0.writeNamespace() },
        "ConfigMap": Form { $0.writeConfigMap() },
        "Secret": Form(hasEvents: false) { $0.writeSecret() },
        "ServiceAccount": Form { $0.writeServiceAccount() },
        "Role.rbac.authorization.k8s.io": Form(hasEvents: false) { $0.writeRole() },
        "ClusterRole.rbac.authorization.k8s.io": Form(hasEvents: false) { $0.writeRole() },
        "RoleBinding.rbac.authorization.k8s.io": Form(hasEvents: false) { $0.writeBinding() },
        "ClusterRoleBinding.rbac.authorization.k8s.io":
            Form(hasEvents: false) { $0.writeBinding() },
    ]
}
