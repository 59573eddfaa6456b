internal import Primitives
internal import ResourceModel
internal import StoreModel

/// What is special about namespaces, events and CustomResourceDefinitions.
extension APIService {
    /// Seconds that an event is kept (Kubernetes' --event-ttl).
    static let eventSeconds: Int64 = 3_600

    /// An object may only be made in a namespace that is there and stays.
    func checkNamespace(
        _ call: ResourceCall, of objectName: String
    ) async throws(APIFailure) {
        guard call.kind.isNamespaced, let namespace = call.address.namespace else { return }
        let name = GroupName("namespaces", group: "")
        guard let resource = registry.contents.stored(name) else { return }
        let key = resource.keys.key(namespace: nil, name: namespace)
        guard let object = try await store.object(key) else {
            throw .notFound(resource.kind, namespace)
        }
        let parsed = try parse(object, resource.kind)
        guard parsed["metadata"]["deletionTimestamp"] != nil else { return }
        var failure = APIFailure.forbidden(
            call.kind.groupVersionResource.groupResource, objectName,
            "unable to create new content in namespace \(namespace) because it is being "
                + "terminated")
        failure.details?.causes = [
            APIFailure.Cause(
                reason: "NamespaceTerminating",
                message: "namespace \(namespace) is being terminated",
                field: "metadata.namespace")
        ]
        throw failure
    }

    /// Namespaces that the server makes for itself stay.
    func checkMayGo(_ resource: ServedResource, _ name: String) throws(APIFailure) {
        guard Self.isNamespace(resource), Self.initialNamespaces.contains(name) else { return }
        throw .forbidden(
            resource.kind.groupVersionResource.groupResource, name,
            "this namespace may not be deleted")
    }

    /// The lease under which an object is kept; zero for ever.
    func lease(for resource: ServedResource) async throws(APIFailure) -> LeaseID {
        guard resource.kind.resource == "events" else { return .zero }
        return try await eventLeases.lease()
    }

    /// Whether a resource is that of the namespaces.
    static func isNamespace(_ resource: ServedResource) -> Bool {
        resource.kind.group.isEmpty && resource.kind.resource == "namespaces"
    }

    /// Whether a resource is that of the definitions.
    static func isDefinition(_ resource: ServedResource) -> Bool {
        resource.kind.group == "apiextensions.k8s.io"
            && resource.kind.resource == "customresourcedefinitions"
    }

    /// Completes what only this server can know of an object, and checks it.
    func completed(
        _ object: JSON, _ resource: ServedResource
    ) throws(APIFailure) -> JSON {
        guard Self.isDefinition(resource) else { return object }
        let name = object["metadata"]["name"].stringValue ?? ""
        let read = CustomDefinition(object, metadata: registry.metadataSchema)
        var errors = read.errors
        if registry.isBuiltIn(read.name) {
            errors.append(
                .invalid(
                    "spec.names.plural", .string(read.name.name), "is served by the server itself"))
        }
        guard errors.isEmpty else { throw .invalid(resource.kind, name, errors) }
        return DefinitionStatus.accepted(object, nowSeconds: surroundings.now())
    }

    /// An object has been written or deleted.
    func resourceChanged(
        _ resource: ServedResource, _ object: JSON, at revision: Revision, isGone: Bool
    ) async {
        if Self.isDefinition(resource) {
            if isGone || object["metadata"]["deletionTimestamp"] != nil {
                await unserve(object["metadata"]["name"].stringValue ?? "", at: revision)
            } else {
                serve(object, at: revision)
            }
        }
        if Self.isNamespace(resource) || Self.isDefinition(resource) { wakeHousekeeper() }
    }

    /// Serves the resources of a definition, as it was at a revision.
    func serve(_ definition: JSON, at revision: Revision) {
        let name = definition["metadata"]["name"].stringValue ?? ""
        let read = CustomDefinition(definition, metadata: registry.metadataSchema)
        registry.setCustom(
            read.resources, of: name, definition: definition["spec"] ?? .null, at: revision)
    }

    /// Ends the resources of a definition with all their watches, as it ended at a revision.
    func unserve(_ name: String, at revision: Revision) async {
        let keys = registry.customKeys(of: name)
        guard registry.setCustom([], of: name, definition: .null, at: revision) else { return }
        // Where the server stops there is nothing to close.
        try? await loop.submit { [caches] in
            for keys in keys { caches.value.close(keys) }
        }.get()
    }
}
