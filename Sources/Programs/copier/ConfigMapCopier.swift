import Planning
import ResourceModel

/// Keeps a copy of each ConfigMap in the namespaces that its annotation names.
struct ConfigMapCopier: Planner {
    static let name = "configmap-copier"
    static let reads = [configMap]

    static let configMap = GroupVersionKind(group: "", version: "v1", kind: "ConfigMap")
    static let copyTo = "example.org/copy-to"
    static let copyOf = "example.org/copy-of"

    /// What has changed is a copy, or may have some.
    func keys(affectedBy object: Resource, in observed: Observed) -> [ObjectReference] {
        guard let source = object.annotation(Self.copyOf)?.split(separator: "/"), source.count == 2
        else { return [object.reference] }
        return [ObjectReference(Self.configMap, String(source[0]), String(source[1]))]
    }

    /// Makes what is missing, changes what differs, deletes what is too much.
    func plan(_ reference: ObjectReference, in observed: Observed, at now: WallTime) -> Plan {
        var plan = Plan()
        let source = observed.object(reference)
        let data = source?.json["data"] ?? .emptyObject
        var wanted = Set((source?.annotation(Self.copyTo) ?? "").split(separator: " "))
        wanted.remove(Substring(reference.namespace))
        let copies = observed[Self.configMap].all.filter {
            $0.annotation(Self.copyOf) == "\(reference.key)" && !$0.isTerminating
        }
        for copy in copies {
            guard wanted.remove(Substring(copy.namespace)) != nil else {
                plan.append(.delete(copy.reference, uid: copy.uid, .background))
                continue
            }
            let present = copy.json["data"] ?? .emptyObject
            guard present != data else { continue }
            // A merge patch leaves alone what it does not name: what is to go is named with null.
            var change = data
            for member in present.objectValue?.members ?? [] where data[member.name] == nil {
                change[member.name] = .null
            }
            plan.append(
                .patch(
                    copy.reference,
                    [
                        "metadata": ["resourceVersion": .string(copy.resourceVersion)],
                        "data": change,
                    ]))
        }
        for namespace in wanted.sorted() {
            plan.append(.create(copy(of: reference, data: data, in: namespace)))
        }
        return plan
    }

    private func copy(of source: ObjectReference, data: JSON, in namespace: Substring) -> JSON {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string(source.name), "namespace": .string(String(namespace)),
                "annotations": [Self.copyOf: .string("\(source.key)")],
            ],
            "data": data,
        ]
    }
}
