internal import Logging
internal import NIOCore
internal import Primitives
internal import ResourceModel
internal import StoreModel

/// What the server does without being asked: it serves the resources of the
/// CustomResourceDefinitions that are there, empties namespaces and definitions that are to be
/// deleted, and lets them go. Each step may be repeated, and by several servers at once.
struct Housekeeper: Sendable {
    /// What passes before work that could not be finished is tried again.
    static let pause = Duration.milliseconds(500)

    let service: APIService
    /// Wakes the work, beside the watch of the store.
    let wakes: AsyncStream<Void>

    /// Serves what is there, then looks again whenever woken. Runs until its task is cancelled.
    func run() async {
        for await _ in wakes {
            while !Task.isCancelled, await !step() {
                // Cancelled while asleep: the loop ends.
                try? await service.surroundings.clock.sleep(for: Self.pause)
            }
        }
    }

    /// One look at everything; answers whether nothing is left to do for now.
    private func step() async -> Bool {
        do throws(APIFailure) {
            let areDefinitionsDone = try await tendDefinitions()
            let areNamespacesDone = try await tendNamespaces()
            return areDefinitionsDone && areNamespacesDone
        } catch {
            service.log.warning(
                "housekeeping will be tried again", metadata: ["reason": "\(error.message)"])
            return false
        }
    }

    /// Serves exactly the definitions that are there.
    func tendDefinitions() async throws(APIFailure) -> Bool {
        guard let resource = service.registry.definitions else { return true }
        var isDone = true
        var present: Set<String> = []
        let (objects, revision) = try await all(resource)
        for object in objects {
            let definition = try service.parse(object, resource.kind)
            let name = definition["metadata"]["name"].stringValue ?? ""
            if definition["metadata"]["deletionTimestamp"] == nil {
                present.insert(name)
                service.serve(definition, at: object.revision)
            } else {
                await service.unserve(name, at: object.revision)
                isDone = try await clean(definition, name, object, resource) && isDone
            }
        }
        for name in service.registry.customDefinitions.subtracting(present) {
            // Of one that was made since, more is known than this list says.
            await service.unserve(name, at: revision)
        }
        return isDone
    }

    /// Deletes the objects of a definition, then takes its finalizer away.
    private func clean(
        _ definition: JSON, _ name: String, _ object: VersionedObject, _ resource: ServedResource
    ) async throws(APIFailure) -> Bool {
        let finalizers = definition["metadata"]["finalizers"].arrayValue ?? []
        guard finalizers.contains(.string(DefinitionStatus.cleanupFinalizer)) else { return true }
        let read = CustomDefinition(definition, metadata: service.registry.metadataSchema)
        if let first = read.resources.first {
            guard try await empty(first, namespace: nil) else { return false }
        }
        var next = definition
        let rest = finalizers.filter { $0 != .string(DefinitionStatus.cleanupFinalizer) }
        next["metadata", default: .emptyObject]["finalizers"] = rest.isEmpty ? nil : .array(rest)
        return try await replace(next, object, resource, name)
    }

    /// Empties namespaces that are to be deleted, and lets them go.
    func tendNamespaces() async throws(APIFailure) -> Bool {
        let name = GroupName("namespaces", group: "")
        guard let resource = service.registry.contents.stored(name) else { return true }
        var isDone = true
        for object in try await all(resource).objects {
            let namespace = try service.parse(object, resource.kind)
            guard namespace["metadata"]["deletionTimestamp"] != nil else { continue }
            isDone = try await remove(namespace, object, resource) && isDone
        }
        return isDone
    }

    private func remove(
        _ namespace: JSON, _ object: VersionedObject, _ resource: ServedResource
    ) async throws(APIFailure) -> Bool {
        let name = namespace["metadata"]["name"].stringValue ?? ""
        let finalizers = namespace["spec"]["finalizers"].arrayValue ?? []
        guard finalizers.contains("kubernetes") else { return true }
        var isEmpty = true
        let contents = service.registry.contents
        for kept in contents.resources
        where kept.kind.isNamespaced && !kept.isVirtual
            && kept.kind.version == kept.storageVersion
        {
            isEmpty = try await empty(kept, namespace: name) && isEmpty
        }
        guard isEmpty else { return false }
        var next = namespace
        let rest = finalizers.filter { $0 != "kubernetes" }
        next["spec", default: .emptyObject]["finalizers"] = rest.isEmpty ? nil : .array(rest)
        return try await replace(next, object, resource, name)
    }

    /// Deletes all objects of a resource; answers whether none is left.
    private func empty(
        _ resource: ServedResource, namespace: String?
    ) async throws(APIFailure) -> Bool {
        var isEmpty = true
        for object in try await all(resource, namespace: namespace).objects {
            let metadata = try service.parse(object, resource.kind)["metadata"]
            let name = metadata["name"].stringValue ?? ""
            let key = resource.keys.key(
                namespace: metadata["namespace"].stringValue, name: name)
            do throws(APIFailure) {
                let removal = try await service.remove(resource, key, name, DeleteOptions())
                if case .marked = removal { isEmpty = false }
            } catch where error.code == 404 {
                // Somebody else was faster.
            }
        }
        return isEmpty
    }

    /// Writes an object that has lost a finalizer, or deletes it with its last one.
    private func replace(
        _ next: JSON, _ object: VersionedObject, _ resource: ServedResource, _ name: String
    ) async throws(APIFailure) -> Bool {
        let key = resource.keys.key(namespace: nil, name: name)
        let outcome: ObjectStore.Outcome
        if Deletion.isDue(next) {
            outcome = try await service.store.delete(key, expecting: object.revision)
        } else {
            outcome = try await service.store.write(
                VersionedObject(next), to: key, expecting: object.revision)
        }
        if case .done = outcome { return true }
        return false
    }

    private func all(
        _ resource: ServedResource, namespace: String? = nil
    ) async throws(APIFailure) -> (objects: [VersionedObject], revision: Revision) {
        var found: [VersionedObject] = []
        var revision: Revision?
        var start: Bytes?
        while true {
            let page = try await service.store.range(
                RangeRequest(
                    resource.keys.range(namespace: namespace, from: start),
                    limit: CacheFeed.pageKeys))
            found += page.answer.keyValues.map(ObjectStore.object)
            let first = revision ?? page.revision
            guard page.answer.hasMore, let last = page.answer.keyValues.last else {
                return (found, first)
            }
            revision = first
            start = last.key + [0]
        }
    }
}
