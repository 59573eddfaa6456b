internal import ResourceModel

/// What the server sees to in the metadata of every object. Pure: what comes from the world is an
/// argument.
enum ObjectMetadata {
    /// Fields that only the server sets; kept from the stored object on each update.
    private static let kept = [
        "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "generation", "generateName",
    ]

    /// What an object is given when it is created.
    struct Birth {
        /// The namespace of the address; nil for objects of the cluster.
        var namespace: String?
        /// The new object's identity.
        var uid: String
        /// Seconds since 1970.
        var nowSeconds: Int64
    }

    /// Completes the metadata of an object to be created.
    /// - Throws: where it claims what is not so.
    static func prepareForCreate(
        _ object: inout JSON, _ kind: KindDefinition, _ birth: Birth
    ) throws(APIFailure) {
        var metadata = object["metadata"] ?? .emptyObject
        if let version = metadata["resourceVersion"].stringValue, !version.isEmpty {
            throw .badRequest("resourceVersion should not be set on objects to be created")
        }
        try settleNamespace(of: &metadata, birth.namespace, kind)
        for name in ["resourceVersion", "selfLink"] + kept where name != "generateName" {
            metadata[name] = nil
        }
        metadata["uid"] = .string(birth.uid)
        metadata["creationTimestamp"] = .string(Timestamp.text(seconds: birth.nowSeconds))
        if kind.countsGenerations { metadata["generation"] = 1 }
        object["metadata"] = metadata
    }

    /// The object is in the namespace of the address, or in none.
    private static func settleNamespace(
        of metadata: inout JSON, _ namespace: String?, _ kind: KindDefinition
    ) throws(APIFailure) {
        let given = metadata["namespace"].stringValue ?? ""
        guard kind.isNamespaced else {
            metadata["namespace"] = nil
            return
        }
        guard let namespace else {
            throw .badRequest(
                "an empty namespace may not be set when a resource name is provided")
        }
        guard given.isEmpty || given == namespace else {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the "
                    + "request")
        }
        metadata["namespace"] = .string(namespace)
    }

    /// Completes the metadata of an object that replaces another.
    /// - Throws: where it is another object, or at another version.
    static func prepareForUpdate(
        _ object: inout JSON, old: JSON, _ kind: KindDefinition, _ name: String
    ) throws(APIFailure) {
        var metadata = object["metadata"] ?? .emptyObject
        let before = old["metadata"]
        if let given = metadata["name"].stringValue, given != name {
            throw .badRequest(
                "the name of the object (\(given)) does not match the name on the URL (\(name))")
        }
        if let given = metadata["namespace"].stringValue, !given.isEmpty,
            given != before["namespace"].stringValue ?? ""
        {
            throw .badRequest(
                "the namespace of the object (\(given)) does not match the namespace on the URL "
                    + "(\(before["namespace"].stringValue ?? ""))")
        }
        if let given = metadata["uid"].stringValue, !given.isEmpty,
            given != before["uid"].stringValue
        {
            throw .wrongUID(
                kind.groupVersionResource.groupResource, name, wanted: given,
                found: before["uid"].stringValue ?? "")
        }
        if let given = metadata["resourceVersion"].stringValue, !given.isEmpty,
            given != before["resourceVersion"].stringValue
        {
            throw .modified(kind, name)
        }
        for field in kept + ["name", "namespace", "resourceVersion"] {
            metadata[field] = before[field]
        }
        metadata["selfLink"] = nil
        object["metadata"] = metadata
    }

    /// Bumps the generation where more than metadata and status have changed.
    static func countGeneration(_ object: inout JSON, old: JSON, _ kind: KindDefinition) {
        guard kind.countsGenerations, content(of: object) != content(of: old) else { return }
        let generation = old["metadata"]["generation"].integerValue ?? 0
        object["metadata", default: .emptyObject]["generation"] = .integer(generation + 1)
    }

    private static func content(of object: JSON) -> JSON {
        var content = object
        for name in ["metadata", "status", "apiVersion", "kind"] { content[name] = nil }
        return content
    }

    /// What is wrong with a change of finalizers.
    static func errors(of object: JSON, old: JSON?) -> [FieldError] {
        guard let old, old["metadata"]["deletionTimestamp"].stringValue != nil else { return [] }
        let present = old["metadata"]["finalizers"].arrayValue ?? []
        let added = (object["metadata"]["finalizers"].arrayValue ?? [])
            .filter { !present.contains($0) }.compactMap(\.stringValue)
        guard !added.isEmpty else { return [] }
        let list = added.map { GoText.quoted($0) }.joined(separator: ", ")
        return [
            .forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new "
                    + "finalizers []string{\(list)}")
        ]
    }
}

extension KindDefinition {
    /// Whether `metadata.generation` counts the changes of what is desired.
    var countsGenerations: Bool {
        hasStatus && schema.field("spec") != nil && !(group.isEmpty && kind == "Namespace")
    }
}
