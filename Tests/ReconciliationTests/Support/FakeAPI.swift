import APIClient
import Primitives
import ResourceModel
import Synchronization

/// An API server in a few lines: objects by path, versions, conflicts, watches. It judges nothing.
final class FakeAPI: Sendable {
    private struct State {
        var version: Int64 = 100
        var objects: [String: JSON] = [:]
        var watches: [(resource: String, pipe: Pipe)] = []
        var history: [(resource: String, version: Int64, line: Bytes)] = []
        /// Of these nothing is told that is newer.
        var held: (resource: String, version: Int64)?
        var writes: [String] = []
        var isRefusing: @Sendable (String) -> APIFailure? = { _ in nil }
        var waiters: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []

        func tell(_ pipe: Pipe, _ resource: String, after version: Int64) {
            let last = held.flatMap { $0.resource == resource ? $0.version : nil } ?? .max
            for event in history
            where event.resource == resource && event.version > version && event.version <= last {
                pipe.put(event.line)
            }
        }
    }

    private let state = Mutex(State())

    /// What was written: method and path, also what was refused.
    var writes: [String] { state.withLock { $0.writes } }

    /// The objects of a resource by `NAMESPACE/NAME`.
    func objects(_ resource: String) -> [String: JSON] {
        state.withLock { state in
            let found = state.objects.filter { $0.key.hasPrefix(resource + "/") }
            return Dictionary(
                uniqueKeysWithValues: found.map {
                    (String($0.key.dropFirst(resource.count + 1)), $0.value)
                })
        }
    }

    /// Refuses writes for which the rule has a failure.
    func refuse(_ rule: @escaping @Sendable (String) -> APIFailure?) {
        state.withLock { $0.isRefusing = rule }
    }

    /// Watches of a resource tell nothing until they are released.
    func holdEvents(of resource: String) {
        state.withLock { $0.held = (resource, $0.version) }
    }

    func releaseEvents() {
        state.withLock { state in
            guard let held = state.held else { return }
            state.held = nil
            for watch in state.watches where watch.resource == held.resource {
                state.tell(watch.pipe, held.resource, after: held.version)
            }
        }
    }

    /// Waits until there were so many writes.
    func writes(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.writes.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Puts an object there, as somebody else.
    func put(_ resource: String, _ object: JSON) {
        state.withLock { state in
            let name = object["metadata"]["name"].stringValue ?? ""
            let namespace = object["metadata"]["namespace"].stringValue ?? ""
            _ = Self.store(object, "\(resource)/\(namespace)/\(name)", resource, &state)
        }
    }

    /// Deletes an object, as somebody else.
    func delete(_ path: String) {
        state.withLock { state in
            Self.remove(path, String(path.split(separator: "/")[0]), &state)
        }
    }

    private static func store(
        _ object: JSON, _ path: String, _ resource: String, _ state: inout State
    ) -> JSON {
        state.version += 1
        var object = object
        let old = state.objects[path]
        object["metadata"]["uid"] = old?["metadata"]["uid"] ?? .string("uid-\(state.version)")
        object["metadata"]["resourceVersion"] = .string("\(state.version)")
        state.objects[path] = object
        tell(
            resource,
            ["type": old == nil ? "ADDED" : "MODIFIED", "object": object], &state)
        return object
    }

    private static func remove(_ path: String, _ resource: String, _ state: inout State) {
        guard var object = state.objects.removeValue(forKey: path) else { return }
        state.version += 1
        object["metadata"]["resourceVersion"] = .string("\(state.version)")
        tell(resource, ["type": "DELETED", "object": object], &state)
    }

    private static func tell(_ resource: String, _ event: JSON, _ state: inout State) {
        let line = event.encoded + [UInt8(ascii: "\n")]
        state.history.append((resource, state.version, line))
        guard state.held?.resource != resource else { return }
        for watch in state.watches where watch.resource == resource { watch.pipe.put(line) }
    }
}

extension FakeAPI: APITransport {
    func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        let target = request.target.split(separator: "?", maxSplits: 1)
        var segments = target[0].split(separator: "/").map(String.init)
        segments.removeFirst(segments[0] == "api" ? 2 : 3)
        var namespace = ""
        if segments.count > 2, segments[0] == "namespaces" {
            namespace = segments[1]
            segments.removeFirst(2)
        }
        let resource = segments[0]
        let query = target.count > 1 ? String(target[1]) : ""
        let name = segments.count > 1 ? segments[1] : nil
        let body = (try? JSON(parsing: request.body)) ?? .null  // Empty for reads.
        let place = Place(resource: resource, namespace: namespace, name: name)
        let (answer, woken) = state.withLock { state in
            let answer = Self.answer(request.method, place, query, body, &state)
            let woken = state.waiters.filter { $0.count <= state.writes.count }
            state.waiters.removeAll { $0.count <= state.writes.count }
            return (answer, woken.map(\.wake))
        }
        for wake in woken { wake.resume() }
        return answer
    }

    private struct Place {
        var resource: String
        var namespace: String
        var name: String?
        var path: String { "\(resource)/\(namespace)/\(name ?? "")" }
    }

    private static func answer(
        _ method: String, _ place: Place, _ query: String, _ body: JSON, _ state: inout State
    ) -> Pipe {
        if method == "GET", place.name == nil { return collection(place.resource, query, &state) }
        if method != "GET" {
            let name = place.name ?? body["metadata"]["name"].stringValue ?? ""
            let line = "\(method) \(place.namespace)/\(name)"
            state.writes.append(line)
            if let failure = state.isRefusing(line) { return refusal(failure) }
        }
        let group = GroupName(place.resource, group: "")
        if method == "POST" {
            let name = body["metadata"]["name"].stringValue ?? ""
            let path = place.path + name
            if state.objects[path] != nil { return refusal(.alreadyExists(group, name)) }
            return Pipe(201, store(body, path, place.resource, &state).encoded)
        }
        guard let old = state.objects[place.path] else {
            return refusal(.notFound(group, place.name ?? ""))
        }
        let expected = body["metadata"]["resourceVersion"]
        if let expected, expected != old["metadata"]["resourceVersion"] {
            return refusal(.modified(group, place.name ?? ""))
        }
        switch method {
        case "DELETE": remove(place.path, place.resource, &state)
        case "PUT": return Pipe(200, store(body, place.path, place.resource, &state).encoded)
        case "PATCH":
            let merged = merged(old, body)
            return Pipe(200, store(merged, place.path, place.resource, &state).encoded)
        default: break
        }
        return Pipe(200, old.encoded)
    }

    private static func collection(
        _ resource: String, _ query: String, _ state: inout State
    ) -> Pipe {
        if query.hasPrefix("watch=true") {
            let pipe = Pipe()
            let start = query.split(separator: "=").last.flatMap { Int64($0) }
            state.tell(pipe, resource, after: start ?? 0)
            state.watches.append((resource, pipe))
            return pipe
        }
        let items = state.objects.filter { $0.key.hasPrefix(resource + "/") }.values
        return Pipe(200, JSON.list(state.version, Array(items)).encoded)
    }

    private static func refusal(_ failure: APIFailure) -> Pipe {
        Pipe(failure.code, failure.status.encoded)
    }

    private static func merged(_ old: JSON, _ patch: JSON) -> JSON {
        guard let members = patch.objectValue?.members else { return patch }
        var merged = old.objectValue == nil ? JSON.emptyObject : old
        for member in members {
            merged[member.name] =
                member.value.isNull ? nil : Self.merged(merged[member.name] ?? .null, member.value)
        }
        return merged
    }
}
