internal import ClusterAccess
internal import Describing
internal import Foundation
internal import ResourceModel

/// Gathers what a description needs.
struct ObjectDetails {
    let session: Session
    let showsEvents: Bool
    let chunkSize: Int

    func text(of object: JSON, _ kind: ResourceKind) throws -> String {
        let name = kind.group.isEmpty ? kind.kind : kind.kind + "." + kind.group
        let clock = ObjectDescription.Clock(nowSeconds: Standard.nowSeconds) { seconds in
            let date = Date(timeIntervalSince1970: TimeInterval(seconds))
            return Int64(TimeZone.current.secondsFromGMT(for: date))
        }
        var description = ObjectDescription(object, kind: name, clock: clock)
        for relation in ObjectDescription.relations(of: name) {
            switch relation {
            case .selectedPods: description.related[relation] = try selected("pods", object)
            case .replicaSets:
                // Whoever may not see them is shown the rest.
                description.related[relation] = try? selected("replicasets", object)
            case .endpointSlices:
                let label = "kubernetes.io/service-name=" + object.objectName
                // As there.
                description.related[relation] = try? list(
                    "endpointslices", object.objectNamespace, labels: label)
            case .podsOfNode: try findPods(ofNode: object.objectName, &description)
            case .leaseOfNode: try findLease(ofNode: object.objectName, &description)
            }
        }
        if showsEvents, ObjectDescription.showsEvents(of: name) {
            description.events = events(of: object, kind)
        }
        return description.text
    }

    private func list(
        _ resource: String, _ namespace: String, labels: String = "", fields: String = ""
    ) throws -> [JSON] {
        try session.list(
            try session.directory.kind(named: resource), namespace: namespace, labels: labels,
            fields: fields, chunk: chunkSize
        ).items
    }

    private func selected(_ resource: String, _ object: JSON) throws -> [JSON] {
        try list(
            resource, object.objectNamespace, labels: ObjectDescription.selector(of: object))
    }

    private func findPods(
        ofNode name: String, _ description: inout ObjectDescription
    ) throws {
        let fields = "spec.nodeName=\(name),status.phase!=Failed,status.phase!=Succeeded"
        do {
            description.related[.podsOfNode] = try list("pods", "", fields: fields)
        } catch let failure as APIFailure where failure.reason == .forbidden {
            description.failures[.podsOfNode] = failure.message
        }
    }

    private func findLease(
        ofNode name: String, _ description: inout ObjectDescription
    ) throws {
        let kind = try session.directory.kind(named: "leases.coordination.k8s.io")
        do {
            let place = ObjectPlace(kind, namespace: "kube-node-lease", name: name)
            description.related[.leaseOfNode] = [try session.get(place)]
        } catch let failure as APIFailure {
            description.failures[.leaseOfNode] = failure.message
        }
    }

    /// What has happened to an object; who may not see that is told of nothing.
    private func events(of object: JSON, _ kind: ResourceKind) -> [JSON] {
        var uid = object["metadata"]["uid"].stringValue ?? ""
        func found(_ uid: String) -> [JSON] {
            var fields = [
                "involvedObject.name=" + object.objectName,
                "involvedObject.namespace=" + object.objectNamespace,
            ]
            if kind.kind != "Pod" { fields.append("involvedObject.kind=" + kind.kind) }
            fields.append("involvedObject.uid=" + uid)
            let selector = fields.joined(separator: ",")
            // As kubectl has it.
            return (try? list("events", object.objectNamespace, fields: selector)) ?? []
        }
        let mirror = object["metadata"]["annotations"]["kubernetes.io/config.mirror"]
        if kind.kind == "Pod", let mirror = mirror.stringValue { uid = mirror }
        // Nodes are reported on under their names too.
        return found(uid) + (kind.kind == "Node" ? found(object.objectName) : [])
    }
}
