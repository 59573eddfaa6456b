internal import Kinds
internal import Primitives
public import ResourceModel

/// Reads and writes objects through an API server, built-in kinds only.
public struct ObjectClient: Sendable {
    private let transport: any APITransport
    private let manager: String

    /// A client that writes as a field manager, as in `deployment-controller`.
    public init(_ transport: any APITransport, manager: String) {
        self.transport = transport
        self.manager = manager
    }

    /// The same server, written to as another manager.
    public func asManager(_ manager: String) -> ObjectClient {
        ObjectClient(transport, manager: manager)
    }

    /// Where an object or a collection is.
    public struct Address: Sendable, Hashable {
        /// The kind.
        public var kind: GroupVersionKind
        /// The namespace; empty for all, and for objects of the cluster.
        public var namespace: String
        /// The name; empty for a collection.
        public var name: String
        /// As in `status`; empty for the object itself.
        public var subresource: String

        /// Names it.
        public init(
            _ kind: GroupVersionKind, namespace: String = "", name: String = "",
            subresource: String = ""
        ) {
            self.kind = kind
            self.namespace = namespace
            self.name = name
            self.subresource = subresource
        }

        /// The path in addresses.
        /// - Throws: `.pageNotFound` for a kind that is not built in.
        func path() throws(APIFailure) -> String {
            let known = BuiltInKinds.all.first {
                $0.group == kind.group && $0.version == kind.version && $0.kind == kind.kind
            }
            guard let known else { throw .pageNotFound }
            var path = known.group.isEmpty ? "/api" : "/apis/\(known.group)"
            path += "/\(known.version)"
            if known.isNamespaced, !namespace.isEmpty {
                path += "/namespaces/\(ObjectClient.escaped(namespace))"
            }
            path += "/\(known.resource)"
            if !name.isEmpty { path += "/\(ObjectClient.escaped(name))" }
            if !subresource.isEmpty { path += "/\(subresource)" }
            return path
        }
    }

    /// All objects of a kind, and the version as of which they are.
    /// - Parameter fieldSelector: as in `spec.nodeName=n1`; empty for all.
    public func list(
        _ kind: GroupVersionKind, fieldSelector: String = ""
    ) async throws(APIFailure) -> (objects: [JSON], resourceVersion: Int64) {
        var objects: [JSON] = []
        var token = ""
        while true {
            var query = ["limit=500"]
            if !fieldSelector.isEmpty {
                query.append("fieldSelector=\(Self.escaped(fieldSelector))")
            }
            if !token.isEmpty { query.append("continue=\(Self.escaped(token))") }
            let target = try Address(kind).path() + "?" + query.joined(separator: "&")
            let page = try await call(APIRequest("GET", target))
            // The items of a list do not say what they are.
            objects += (page["items"].arrayValue ?? []).map { item in
                var item = item
                item["apiVersion"] = .string(
                    kind.group.isEmpty ? kind.version : "\(kind.group)/\(kind.version)")
                item["kind"] = .string(kind.kind)
                return item
            }
            token = page["metadata"]["continue"].stringValue ?? ""
            guard token.isEmpty else { continue }
            guard let version = Int64(page["metadata"]["resourceVersion"].stringValue ?? "") else {
                throw .serviceUnavailable("a list of \(kind) names no version")
            }
            return (objects, version)
        }
    }

    /// What happens to the objects of a kind after a version, with bookmarks.
    /// - Throws: `.expired` if the version is too old: list again.
    package func watch(
        _ kind: GroupVersionKind, after resourceVersion: Int64, fieldSelector: String = ""
    ) async throws(APIFailure) -> ObjectWatch {
        var query = [
            "watch=true", "allowWatchBookmarks=true", "resourceVersion=\(resourceVersion)",
        ]
        if !fieldSelector.isEmpty { query.append("fieldSelector=\(Self.escaped(fieldSelector))") }
        let target = try Address(kind).path() + "?" + query.joined(separator: "&")
        let answer = try await transport.send(APIRequest("GET", target))
        guard answer.status == 200 else {
            throw Self.failure(answer.status, try await Self.json(answer))
        }
        return ObjectWatch(answer)
    }

    /// An object.
    /// - Throws: `.notFound` if there is none.
    public func get(_ address: Address) async throws(APIFailure) -> JSON {
        try await call(APIRequest("GET", try address.path()))
    }

    /// Creates an object and answers with it as it is stored.
    public func create(_ object: JSON, at address: Address) async throws(APIFailure) -> JSON {
        try await call(request("POST", address, object))
    }

    /// Replaces an object; it must name the version on which it is based.
    public func update(_ object: JSON, at address: Address) async throws(APIFailure) -> JSON {
        try await call(request("PUT", address, object))
    }

    /// Applies a JSON merge patch.
    public func patch(_ address: Address, _ patch: JSON) async throws(APIFailure) -> JSON {
        try await call(
            request("PATCH", address, patch, contentType: "application/merge-patch+json"))
    }

    /// Deletes an object, provided that it has this uid.
    public func delete(
        _ address: Address, uid: String, propagation: String = "Background",
        graceSeconds: Int64? = nil
    ) async throws(APIFailure) {
        var options: JSON = [
            "apiVersion": "v1", "kind": "DeleteOptions",
            "propagationPolicy": .string(propagation),
            "preconditions": ["uid": .string(uid)],
        ]
        if let graceSeconds { options["gracePeriodSeconds"] = .integer(graceSeconds) }
        _ = try await call(
            APIRequest(
                "DELETE", try address.path(), contentType: "application/json",
                body: options.encoded))
    }

    private func request(
        _ method: String, _ address: Address, _ body: JSON,
        contentType: String = "application/json"
    ) throws(APIFailure) -> APIRequest {
        APIRequest(
            method, "\(try address.path())?fieldManager=\(Self.escaped(manager))",
            contentType: contentType, body: body.encoded)
    }

    private func call(_ request: APIRequest) async throws(APIFailure) -> JSON {
        let answer = try await transport.send(request)
        let json = try await Self.json(answer)
        guard (200..<300).contains(answer.status) else { throw Self.failure(answer.status, json) }
        return json
    }

    /// What a server says of a failure; it may be a proxy that says something else.
    static func failure(_ status: Int, _ json: JSON) -> APIFailure {
        APIFailure(status: json) ?? APIFailure(status, .unknown, "the server answered \(status)")
    }

    private static func json(_ answer: any APIAnswer) async throws(APIFailure) -> JSON {
        let body = try await answer.body()
        do {
            return try JSON(parsing: body)
        } catch {
            // A proxy, or a server that is about to stop, may say something else than a Status.
            guard (200..<300).contains(answer.status) else { return .null }
            throw .serviceUnavailable("the answer (\(answer.status)) is no JSON")
        }
    }

    /// A text as it goes into a path or a query.
    package static func escaped(_ text: String) -> String {
        let plain = Set("-._~".utf8)
        return text.utf8.reduce(into: "") { escaped, byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            if isPlain || plain.contains(byte) {
                escaped.append(character)
            } else {
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
