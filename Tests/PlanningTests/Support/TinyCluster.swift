import Planning
import ResourceModel

/// What an API server and the nodes do, as far as planners notice: versions, conflicts, uids,
/// finalizers; pods that start, become ready, end and go.
struct TinyCluster {
    /// A change as watches tell it.
    struct Change {
        var object: JSON
        var isDeletion: Bool
    }

    private(set) var objects: [ObjectReference: JSON] = [:]
    private(set) var history: [Change] = []
    var now = WallTime(seconds: 1_800_000_000)
    /// Whether pods wait until they are bound to a node.
    var needsBinding = false
    /// Refuses what an API server would, and fills in what it would; nil takes everything.
    var realKinds: RealKinds?
    /// What was refused so.
    private(set) var refusals: [String] = []
    /// How many pods a quota allows.
    var podsMax = Int.max
    private var uidCount = 0

    var version: Int64 { Int64(history.count) }

    subscript(kind: GroupVersionKind, namespace: String, name: String) -> JSON? {
        objects[ObjectReference(kind, namespace, name)]
    }

    func all(_ kind: GroupVersionKind) -> [Resource] {
        objects.filter { $0.key.kind == kind }.sorted { $0.key < $1.key }.map { Resource($0.value) }
    }

    private mutating func put(_ object: JSON) {
        var object = object
        object["metadata"]["resourceVersion"] = .string("\(version + 1)")
        objects[Resource(object).reference] = object
        history.append(Change(object: object, isDeletion: false))
    }

    private mutating func drop(_ object: JSON) {
        var object = object
        object["metadata"]["resourceVersion"] = .string("\(version + 1)")
        objects[Resource(object).reference] = nil
        history.append(Change(object: object, isDeletion: true))
    }
}

/// The API.
extension TinyCluster {
    @discardableResult
    mutating func create(_ object: JSON) throws(APIFailure) -> JSON {
        let reference = Resource(object).reference
        if objects[reference] != nil {
            throw .alreadyExists(GroupName(reference.kind.kind, group: ""), reference.name)
        }
        if reference.kind == .pod, all(.pod).count >= podsMax {
            throw .forbidden(GroupName("pods", group: ""), reference.name, "exceeded quota")
        }
        uidCount += 1
        var object = object
        object["metadata"]["uid"] = .string("uid-\(uidCount)")
        object["metadata"]["creationTimestamp"] = now.json
        object["metadata"]["generation"] = 1
        put(try admitted(object, old: nil))
        return objects[reference] ?? .null
    }

    private mutating func admitted(_ object: JSON, old: JSON?) throws(APIFailure) -> JSON {
        guard let realKinds else { return object }
        do {
            return try realKinds.admitted(object, old: old)
        } catch {
            refusals.append(error.message)
            throw error
        }
    }

    /// Changes an object as a user would; nothing happens if the change is refused.
    mutating func edit(_ reference: ObjectReference, _ change: (inout JSON) -> Void) {
        guard let old = objects[reference] else { return }
        var new = old
        change(&new)
        // Refusals are kept, for tests to look at.
        guard let admitted = try? admitted(new, old: old) else { return }
        new = admitted
        if new["spec"] != old["spec"] {
            new["metadata"]["generation"] = .integer(Resource(old).generation + 1)
        }
        guard new != old else { return }
        let object = Resource(new)
        if object.isTerminating, object.finalizers.isEmpty, reference.kind != .pod {
            drop(new)
        } else {
            put(new)
        }
    }

    mutating func delete(_ reference: ObjectReference, _ propagation: Action.Propagation) {
        edit(reference) { [now] object in
            let finalizers = [
                Action.Propagation.foreground: "foregroundDeletion", .orphan: "orphan",
            ]
            if let finalizer = finalizers[propagation],
                !Resource(object).finalizers.contains(finalizer)
            {
                let present = object["metadata"]["finalizers"].arrayValue ?? []
                object["metadata"]["finalizers"] = .array(present + [.string(finalizer)])
            }
            if !Resource(object).isTerminating {
                object["metadata"]["deletionTimestamp"] = now.json
            }
        }
    }

    /// Performs an action; answers with the object as it is then, as the server does.
    mutating func perform(_ action: Action) throws(APIFailure) -> JSON {
        switch action {
        case .create(let object): return try create(object)
        case .patch(let reference, let patch):
            try check(reference, patch.value(at: "metadata.resourceVersion").stringValue)
            edit(reference) { $0.merge(patch) }
            return answer(reference)
        case .updateStatus(let reference, let status, let version):
            try check(reference, version)
            edit(reference) { $0["status"] = status }
            return answer(reference)
        case .scale(let reference, _, let count, let version):
            try check(reference, version)
            edit(reference) { $0["spec"]["replicas"] = .integer(Int64(count)) }
            return answer(reference)
        case .bind(let reference, let uid, let node):
            let pod = try check(reference, nil)
            guard pod.uid == uid, pod.json.value(at: "spec.nodeName") == nil else {
                throw .modified(GroupName("pods", group: ""), reference.name)
            }
            edit(reference) { $0["spec"]["nodeName"] = .string(node) }
        case .delete(let reference, let uid, let propagation):
            try check(reference, uid: uid)
            delete(reference, propagation)
        case .remove(let reference, let uid):
            drop(try check(reference, uid: uid).json)
        case .emit, .requeue: break
        }
        return .null
    }

    /// The object, or what it was when it went.
    private func answer(_ reference: ObjectReference) -> JSON {
        objects[reference] ?? history.last?.object ?? .null
    }

    @discardableResult
    private func check(
        _ reference: ObjectReference, uid: String
    ) throws(APIFailure) -> Resource {
        let object = try check(reference, nil)
        guard object.uid == uid else {
            throw .notFound(GroupName(reference.kind.kind, group: ""), reference.name)
        }
        return object
    }

    @discardableResult
    private func check(
        _ reference: ObjectReference, _ version: String?
    ) throws(APIFailure) -> Resource {
        let name = GroupName(reference.kind.kind, group: reference.kind.group)
        guard let object = objects[reference].map(Resource.init) else {
            throw .notFound(name, reference.name)
        }
        if let version, version != object.resourceVersion { throw .modified(name, reference.name) }
        return object
    }
}

extension JSON {
    /// Applies a merge patch (RFC 7386).
    mutating func merge(_ patch: JSON) {
        for member in patch.objectValue?.members ?? [] {
            if member.value.isNull {
                self[member.name] = nil
            } else if member.value.objectValue != nil {
                var value = self[member.name] ?? .emptyObject
                value.merge(member.value)
                self[member.name] = value
            } else {
                self[member.name] = member.value
            }
        }
    }
}

/// The nodes.
extension TinyCluster {
    /// Lets every node do what it has to; whether there was anything. What becomes of a pod is
    /// in its annotation `behaviour`: `never-ready`, `succeed` or `fail`. Models whose address
    /// ends in `bad` are never ready.
    mutating func live() -> Bool {
        let before = version
        for pod in all(.pod).map({ Pod($0) }) {
            if pod.isTerminating {
                if pod.finalizers.isEmpty { drop(pod.json) }
            } else if !pod.isFinished, pod.nodeName != nil || !needsBinding {
                edit(pod.reference) { [now] in $0.step(at: now, address: pod.newAddress) }
            }
        }
        return version != before
    }

    /// Makes a pod ready or not.
    mutating func setReady(_ isReady: Bool, _ reference: ObjectReference) {
        edit(reference) { [now] in $0.setReady(isReady, at: now) }
    }
}

extension Pod {
    fileprivate var newAddress: String { "10.0.0." + uid.dropFirst("uid-".count) }
}

extension JSON {
    fileprivate mutating func step(at now: WallTime, address: String) {
        let annotations = value(at: "metadata.annotations")
        let isBad = annotations["models.keelson.dev/uri"].stringValue?.hasSuffix("bad") ?? false
        let behaviour = annotations["behaviour"].stringValue ?? (isBad ? "never-ready" : nil)
        if value(at: "status.phase") == "Running" {
            switch behaviour {
            case "succeed": self["status"]["phase"] = "Succeeded"
            case "fail": self["status"]["phase"] = "Failed"
            default: return
            }
            setReady(false, at: now)
        } else {
            self["status"]["phase"] = "Running"
            if value(at: "status.podIP") == nil { self["status"]["podIP"] = .string(address) }
            setReady(behaviour == nil, at: now)
        }
    }

    fileprivate mutating func setReady(_ isReady: Bool, at now: WallTime) {
        self["status"]["conditions"] = [
            [
                "type": "Ready", "status": isReady ? "True" : "False",
                "lastTransitionTime": now.json,
            ]
        ]
    }
}
