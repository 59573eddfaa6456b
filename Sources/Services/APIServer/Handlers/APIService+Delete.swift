internal import Primitives
internal import ResourceModel

extension APIService {
    /// Deletes the object in the address, or marks it as to be deleted.
    func delete(_ call: ResourceCall) async throws(APIFailure) -> Answer {
        let options = try deleteOptions(call)
        let view = try view(call)
        switch try await remove(call.resource, call.key, call.name, options) {
        case .gone(let object):
            let name = call.kind.groupVersionResource.groupResource
            var details = APIFailure.Details(name, call.name)
            details.uid = view.parsed(object)["metadata"]["uid"].stringValue ?? ""
            return Answer(body: APIFailure.success(details).encoded + [UInt8(ascii: "\n")])
        case .marked(let object):
            return Answer(body: view.bytes(of: object) + [UInt8(ascii: "\n")])
        }
    }

    /// Deletes what the selectors choose; answers with a list of it.
    func deleteCollection(_ call: ResourceCall) async throws(APIFailure) -> Answer {
        var options = try deleteOptions(call)
        options.uid = nil
        options.resourceVersion = nil
        let listOptions = try ListOptions(call.request.query)
        let view = try view(call)
        let filter = try filter(call, listOptions)
        let page = try await page(call, listOptions, filter)
        for object in page.objects {
            let parsed = view.parsed(object)
            let name = parsed["metadata"]["name"].stringValue ?? ""
            let namespace = parsed["metadata"]["namespace"].stringValue
            let key = call.resource.keys.key(namespace: namespace, name: name)
            do throws(APIFailure) {
                _ = try await remove(call.resource, key, name, options)
            } catch where error.code == 404 {
                // Somebody else was faster.
            }
        }
        return Answer(body: view.bytes(of: page))
    }

    private func deleteOptions(_ call: ResourceCall) throws(APIFailure) -> DeleteOptions {
        guard !call.request.body.isEmpty else { return try DeleteOptions(nil, call.request.query) }
        let body = try body(of: call.request).json
        let kind = body["kind"].stringValue ?? "DeleteOptions"
        guard kind == "DeleteOptions" else {
            throw .badRequest("the body of a deletion must be DeleteOptions, not \(kind)")
        }
        return try DeleteOptions(body, call.request.query)
    }

    /// What has become of an object that is to be deleted.
    enum Removal: Sendable {
        /// It is gone; this was its last state.
        case gone(VersionedObject)
        /// It has a deletionTimestamp and waits for its finalizers or its grace period.
        case marked(VersionedObject)
    }

    /// Deletes an object, or marks it.
    func remove(
        _ resource: ServedResource, _ key: Bytes, _ name: String, _ options: DeleteOptions
    ) async throws(APIFailure) -> Removal {
        let kind = resource.kind
        try checkMayGo(resource, name)
        var known = try await store.object(key)
        for _ in 0..<Self.attemptsMax {
            guard let object = known else { throw .notFound(kind, name) }
            let present = try parse(object, kind)
            try check(options, present, kind, name)
            let deletion = Deletion(
                of: present, kind: kind, options: options, nowSeconds: surroundings.now())
            let outcome: ObjectStore.Outcome
            switch deletion.decision {
            case .nothing: return .marked(object)
            case .remove:
                if options.isDryRun { return .gone(object) }
                outcome = try await store.delete(key, expecting: object.revision)
                if case .done(let revision) = outcome {
                    await resourceChanged(resource, present, at: revision, isGone: true)
                    return .gone(object.at(revision))
                }
            case .mark(let marked):
                let next = VersionedObject(marked, revision: object.revision)
                if options.isDryRun { return .marked(next) }
                outcome = try await store.write(next, to: key, expecting: object.revision)
                if case .done(let revision) = outcome {
                    await resourceChanged(resource, marked, at: revision, isGone: false)
                    return .marked(next.at(revision))
                }
            }
            if case .changed(let now) = outcome { known = now }
        }
        throw .modified(kind, name)
    }

    /// Attempts at a write that others come in between of.
    static let attemptsMax = 32

    private func check(
        _ options: DeleteOptions, _ object: JSON, _ kind: KindDefinition, _ name: String
    ) throws(APIFailure) {
        let resource = kind.groupVersionResource.groupResource
        let uid = object["metadata"]["uid"].stringValue ?? ""
        if let wanted = options.uid, wanted != uid {
            throw .wrongUID(resource, name, wanted: wanted, found: uid)
        }
        let version = object["metadata"]["resourceVersion"].stringValue ?? ""
        if let wanted = options.resourceVersion, wanted != version {
            throw .wrongResourceVersion(resource, name, wanted: wanted, found: version)
        }
    }

    /// An object parsed, in the version in which it is served.
    func parse(
        _ object: VersionedObject, _ kind: KindDefinition
    ) throws(APIFailure) -> JSON {
        do throws(JSONError) {
            return try object.parsed(apiVersion: kind.apiVersion)
        } catch {
            throw .internalError("the store holds what is no JSON: \(error)")
        }
    }
}
