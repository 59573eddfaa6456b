internal import ResourceModel

/// What the server says in the status of a CustomResourceDefinition. Pure.
enum DefinitionStatus {
    /// A definition stops serving once it has this finalizer and a deletionTimestamp, and goes when
    /// its objects are gone.
    static let cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io"

    /// The definition as it is to be stored: names and conditions accepted, versions recorded.
    static func accepted(_ definition: JSON, nowSeconds: Int64) -> JSON {
        var definition = definition
        let spec = definition["spec"]
        var names = spec["names"] ?? .emptyObject
        let kind = names["kind"].stringValue ?? ""
        if names["singular"] == nil { names["singular"] = .string(kind.lowercased()) }
        if names["listKind"] == nil { names["listKind"] = .string(kind + "List") }
        definition["spec", default: .emptyObject]["names"] = names
        if definition["spec"]["conversion"] == nil {
            definition["spec", default: .emptyObject]["conversion"] = ["strategy": "None"]
        }
        let storage = (spec["versions"].arrayValue ?? []).first { $0["storage"] == .bool(true) }
        var stored = definition["status"]["storedVersions"].arrayValue ?? []
        if let name = storage?["name"], !stored.contains(name) { stored.append(name) }
        let conditions = definition["status"]["conditions"].arrayValue ?? []
        var status: JSON = ["acceptedNames": names, "storedVersions": .array(stored)]
        let time = Timestamp.text(seconds: nowSeconds)
        status["conditions"] = .array(
            set(
                "Established", "InitialNamesAccepted", "the initial names have been accepted",
                in: set("NamesAccepted", "NoConflicts", "no conflicts found", in: conditions, time),
                time))
        definition["status"] = status
        var finalizers = definition["metadata"]["finalizers"].arrayValue ?? []
        if definition["metadata"]["deletionTimestamp"] == nil,
            !finalizers.contains(.string(cleanupFinalizer))
        {
            finalizers.append(.string(cleanupFinalizer))
            definition["metadata", default: .emptyObject]["finalizers"] = .array(finalizers)
        }
        return definition
    }

    private static func set(
        _ type: String, _ reason: String, _ message: String, in conditions: [JSON], _ time: String
    ) -> [JSON] {
        if conditions.contains(where: { $0["type"] == .string(type) && $0["status"] == "True" }) {
            return conditions
        }
        return conditions.filter { $0["type"] != .string(type) } + [
            [
                "type": .string(type), "status": "True", "lastTransitionTime": .string(time),
                "reason": .string(reason), "message": .string(message),
            ]
        ]
    }
}
