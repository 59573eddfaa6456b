internal import ClusterAccess
internal import Printing
internal import ResourceModel

/// What is left of `kubectl apply` without `--server-side`.
enum ClientSideApply {
    private static let manager = "kubectl-client-side-apply"
    static let annotation = "kubectl.kubernetes.io/last-applied-configuration"

    /// Gives the fields that client-side apply owns to who applies now, as kubectl does: else what
    /// a file says no more would stay for ever. Does nothing if it owns none.
    static func takeOver(
        _ object: JSON, _ place: ObjectPlace, _ session: Session
    ) throws {
        var entries = object["metadata"]["managedFields"].arrayValue ?? []
        guard let old = entries.firstIndex(where: { isClientSide($0) }) else { return }
        var taken = entries.remove(at: old)
        taken["manager"] = .string(Application.manager)
        taken["operation"] = "Apply"
        let applied = entries.firstIndex {
            $0["manager"].stringValue == Application.manager && $0["operation"] == "Apply"
                && $0["subresource"] == nil
        }
        if let applied {
            let fields = union(entries[applied]["fieldsV1"], taken["fieldsV1"])
            entries[applied]["fieldsV1"] = fields
        } else {
            entries.append(taken)
        }
        let patch: JSON = [
            [
                "op": "replace", "path": "/metadata/managedFields", "value": .array(entries),
            ],
            [
                "op": "replace", "path": "/metadata/resourceVersion",
                "value": object["metadata"]["resourceVersion"] ?? .null,
            ],
        ]
        _ = try session.patch(place, patch, type: .json, manager: Application.manager)
    }

    /// Writes down what a file says where client-side apply looks for it, if it was there before,
    /// so that one can go back to it.
    static func keepUp(_ before: JSON, _ object: ManifestObject, _ session: Session) throws {
        guard before["metadata"]["annotations"][annotation] != nil else { return }
        let text = object.value.sorted.encodedText + "\n"
        var note: JSON = [
            "apiVersion": .string(object.place.kind.apiVersion),
            "kind": .string(object.place.kind.kind),
            "metadata": ["name": .string(object.place.name)],
        ]
        note["metadata"]["annotations"] = .object(
            JSONObject(uniqueMembers: [JSONObject.Member(annotation, .string(text))]))
        _ = try session.patch(
            object.place, note, type: .apply, manager: "kubectl-last-applied",
            query: [("force", "true")])
    }

    /// Writes down in a new object what it is asked to be.
    static func noteDown(_ object: inout JSON) {
        let text = object.sorted.encodedText + "\n"
        var annotations = object["metadata"]["annotations"] ?? .emptyObject
        annotations[annotation] = .string(text)
        object["metadata"]["annotations"] = annotations
    }

    private static func isClientSide(_ entry: JSON) -> Bool {
        entry["manager"].stringValue == manager && entry["operation"] == "Update"
            && entry["subresource"] == nil
    }

    /// Two sets of fields as one.
    private static func union(_ left: JSON?, _ right: JSON?) -> JSON {
        var all = left ?? .emptyObject
        for member in right.objectValue?.members ?? [] {
            all[member.name] = union(all[member.name], member.value)
        }
        return all
    }
}
