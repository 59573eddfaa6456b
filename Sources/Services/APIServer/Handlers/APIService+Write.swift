internal import Primitives
internal import ResourceModel
internal import StoreModel

extension APIService {
    /// Creates an object.
    func create(_ call: ResourceCall) async throws(APIFailure) -> Answer {
        guard call.address.name == nil else { throw .methodNotAllowed(call.kind, "create") }
        let options = try WriteOptions(call.request, type: "CreateOptions")
        let view = try view(call)
        let body = try object(of: call, options)
        let object = try await createObject(call, body.object, options) {
            (created: JSON) throws(APIFailure) in
            recorded(call, created, old: nil, options, .main)
        }
        return Answer(
            status: 201, headers: body.warningHeaders,
            body: view.bytes(of: object) + [UInt8(ascii: "\n")])
    }

    /// Replaces an object.
    func update(_ call: ResourceCall) async throws(APIFailure) -> Answer {
        let body = try updateBody(call)
        let given = body.object
        return try await modified(call, body.options, .main, body.warnings) {
            (_: JSON?) throws(APIFailure) in given
        }
    }

    /// The body of a PUT and its options.
    func updateBody(_ call: ResourceCall) throws(APIFailure) -> UpdateBody {
        let options = try WriteOptions(call.request, type: "UpdateOptions")
        let body = try object(of: call, options)
        let metadata = body.object["metadata"]
        if metadata["name"].stringValue == nil {
            throw .badRequest(
                "name must be provided; the name of the object does not match the name on the URL "
                    + "(\(call.name))")
        }
        let version = metadata["resourceVersion"].stringValue ?? ""
        if version.isEmpty, !call.kind.strategy.allowsUnconditionalUpdate {
            throw .invalid(
                call.kind, call.name,
                [
                    .invalid(
                        "metadata.resourceVersion", 0, "must be specified for an update")
                ])
        }
        return UpdateBody(object: body.object, options: options, warnings: body.warningHeaders)
    }

    /// What a PUT brings.
    struct UpdateBody {
        var object: JSON
        var options: WriteOptions
        var warnings: [(name: String, value: String)]
    }

    /// Makes a new object out of what there is, and answers with it.
    func modified(
        _ call: ResourceCall, _ options: WriteOptions, _ part: ObjectAdmission.Part,
        _ headers: [(name: String, value: String)] = [],
        _ change: (JSON?) throws(APIFailure) -> JSON
    ) async throws(APIFailure) -> Answer {
        let view = try view(call)
        let (object, isNew) = try await modify(call, options, part, isApply: false, change)
        return Answer(
            status: isNew ? 201 : 200, headers: headers,
            body: view.bytes(of: object) + [UInt8(ascii: "\n")])
    }

    /// Creates an object; `record` sets its managed fields.
    func createObject(
        _ call: ResourceCall, _ given: JSON, _ options: WriteOptions,
        record: (JSON) throws(APIFailure) -> JSON
    ) async throws(APIFailure) -> VersionedObject {
        let namespace = call.address.namespace
        let kind = call.kind
        let prefix = given["metadata"]["generateName"].stringValue ?? ""
        let isGenerated =
            (given["metadata"]["name"].stringValue ?? "").isEmpty && !prefix.isEmpty
        for _ in 0..<Self.generationsMax {
            var object = given
            if isGenerated {
                object["metadata", default: .emptyObject]["name"] = .string(
                    GeneratedName.name(prefix, random: surroundings.random()))
            }
            let birth = ObjectMetadata.Birth(
                namespace: namespace,
                uid: GeneratedName.uid(surroundings.random(), surroundings.random()),
                nowSeconds: surroundings.now())
            try ObjectMetadata.prepareForCreate(&object, kind, birth)
            object = try ObjectAdmission.admitted(object, old: nil, call.resource, .main)
            try await checkNamespace(
                call, of: object["metadata"]["name"].stringValue ?? "")
            object = try completed(object, call.resource)
            object = try record(object)
            let name = object["metadata"]["name"].stringValue ?? ""
            let key = call.resource.keys.key(namespace: namespace, name: name)
            let stored = VersionedObject(stored(object, call.resource))
            if options.isDryRun {
                if try await store.object(key) == nil { return stored }
            } else {
                let lease = try await lease(for: call.resource)
                let outcome = try await store.write(
                    stored, to: key, expecting: .zero, lease: lease)
                if case .done(let revision) = outcome {
                    await resourceChanged(call.resource, object, at: revision, isGone: false)
                    return stored.at(revision)
                }
            }
            guard isGenerated else { throw .alreadyExists(kind, name) }
        }
        throw .alreadyExists(kind, prefix)
    }

    /// Attempts at a generated name that is not taken.
    private static let generationsMax = 8

    /// Changes an object, again for as long as others come in between. Without a change nothing
    /// is written.
    func modify(
        _ call: ResourceCall, _ options: WriteOptions, _ part: ObjectAdmission.Part, isApply: Bool,
        _ change: (JSON?) throws(APIFailure) -> JSON
    ) async throws(APIFailure) -> (VersionedObject, isNew: Bool) {
        let kind = call.kind
        var known = try await store.object(call.key)
        for _ in 0..<Self.attemptsMax {
            guard let present = known else {
                guard isApply || kind.strategy.allowsCreateOnUpdate, part == .main else {
                    throw .notFound(kind, call.name)
                }
                let object = try change(nil)
                return (
                    try await createObject(call, object, options) { created throws(APIFailure) in
                        isApply
                            ? created
                            : recorded(call, created, old: nil, options, part)
                    }, true
                )
            }
            let old = try parse(present, kind)
            var object = try change(old)
            object = try prepared(object, old: old, call, part)
            object = try completed(object, call.resource)
            if !isApply { object = recorded(call, object, old: old, options, part) }
            guard Self.differs(object, from: old) else { return (present, false) }
            let next = VersionedObject(stored(object, call.resource), revision: present.revision)
            if options.isDryRun { return (next, false) }
            let outcome: ObjectStore.Outcome
            if Deletion.isDue(object) {
                outcome = try await store.delete(call.key, expecting: present.revision)
            } else {
                let lease = try await lease(for: call.resource)
                outcome = try await store.write(
                    next, to: call.key, expecting: present.revision, lease: lease)
            }
            switch outcome {
            case .done(let revision):
                await resourceChanged(
                    call.resource, object, at: revision, isGone: Deletion.isDue(object))
                return (next.at(revision), false)
            case .changed(let now): known = now
            }
        }
        throw .modified(kind, call.name)
    }

    /// Joins what a request may write with what it may not.
    private func prepared(
        _ given: JSON, old: JSON, _ call: ResourceCall, _ part: ObjectAdmission.Part
    ) throws(APIFailure) -> JSON {
        let kind = call.kind
        var object = given
        try ObjectMetadata.prepareForUpdate(&object, old: old, kind, call.name)
        switch part {
        case .main: if kind.hasStatus { object["status"] = old["status"] }
        case .status:
            var whole = old
            whole["status"] = object["status"]
            whole["metadata", default: .emptyObject]["managedFields"] =
                object["metadata"]["managedFields"]
            object = whole
        }
        object = try ObjectAdmission.admitted(object, old: old, call.resource, part)
        if part == .main { ObjectMetadata.countGeneration(&object, old: old, kind) }
        return object
    }

    /// Whether there is more than new times in the managed fields.
    private static func differs(_ object: JSON, from old: JSON) -> Bool {
        func plain(_ object: JSON) -> JSON {
            var object = object
            object["metadata"]["managedFields"] = .array(
                (object["metadata"]["managedFields"].arrayValue ?? []).map { entry in
                    var entry = entry
                    entry["time"] = nil
                    return entry
                })
            return object
        }
        return plain(object) != plain(old)
    }

    /// The object in the version in which it is stored.
    private func stored(_ object: JSON, _ resource: ServedResource) -> JSON {
        var object = object
        object["apiVersion"] = .string(resource.storedAPIVersion)
        return object
    }
}
