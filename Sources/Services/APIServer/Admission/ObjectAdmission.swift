internal import Admission
internal import ResourceModel

/// Takes an object on its way into the store through what its kind demands. Pure.
enum ObjectAdmission {
    /// Which part of an object a request writes.
    enum Part {
        /// All but the status, where there is a status subresource.
        case main
        /// The status alone.
        case status
    }

    /// The object with defaults, adapted and found valid.
    /// - Parameter old: the stored object; nil for one that is new.
    /// - Throws: 422 with all that is wrong.
    static func admitted(
        _ given: JSON, old: JSON?, _ resource: ServedResource, _ part: Part
    ) throws(APIFailure) -> JSON {
        var object = given
        let kind = resource.kind
        if old == nil, kind.hasStatus { object["status"] = nil }
        resource.rules.setDefaults(&object)
        kind.strategy.setDefaults(&object)
        if let old {
            if part == .main { kind.strategy.prepareForUpdate(&object, old) }
        } else {
            kind.strategy.prepareForCreate(&object)
        }
        let errors =
            metadataErrors(of: object, resource) + ObjectMetadata.errors(of: object, old: old)
            + resource.rules.validate(object) + kind.strategy.validate(object, old)
        guard errors.isEmpty else {
            throw .invalid(kind, object["metadata"]["name"].stringValue ?? "", errors)
        }
        return object
    }

    private static func metadataErrors(
        of object: JSON, _ resource: ServedResource
    ) -> [FieldError] {
        let metadata = object["metadata"] ?? .emptyObject
        let errors = MetadataRules(resource.kind).validate(metadata)
        guard resource.kind.group == "rbac.authorization.k8s.io",
            let name = metadata["name"].stringValue, !name.isEmpty
        else { return errors }
        // Names of RBAC's objects need only fit into an address.
        return errors.filter { !["metadata.name", "metadata.generateName"].contains($0.path) }
            + ["/", "%"].filter(name.contains).map {
                .invalid("metadata.name", .string(name), "may not contain '\($0)'")
            }
    }
}
