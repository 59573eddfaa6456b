internal import Primitives
internal import ResourceModel

/// Everything that is no resource: health, version, metrics, discovery, OpenAPI.
extension APIService {
    /// Answers a page.
    func page(_ request: HTTPRequest) async throws(APIFailure) -> Answer {
        guard ["GET", "HEAD"].contains(request.method) else {
            throw .methodNotAllowed(GroupName("", group: ""), request.method)
        }
        let path = request.segments
        switch path.first {
        case "version" where path.count == 1: return Answer(body: facts.version.encoded)
        case "metrics" where path.count == 1:
            let watches = try await onLoop { $0.sessionCount }
            return Answer(
                contentType: "text/plain; version=0.0.4; charset=utf-8",
                body: Bytes(metrics.text(watches: watches).utf8))
        case "healthz", "livez", "readyz":
            guard path.count <= 2 else { throw .pageNotFound }
            return try await health(request, page: path[0], only: path.dropFirst().first)
        case "api": return try discovery(request, isCore: true)
        case "apis": return try discovery(request, isCore: false)
        case "openapi" where path.count == 2 && path[1] == "v2":
            return Self.emptyOpenAPI(request)
        case "openapi" where path.count >= 2 && path[1] == "v3":
            return try openAPI(Array(path.dropFirst(2)))
        case nil: return Answer(body: Self.pathList.encoded)
        default: throw .pageNotFound
        }
    }

    private static let pathList: JSON = [
        "paths": [
            "/api", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3",
            "/readyz", "/version",
        ]
    ]

    /// One line for each check where details are asked for or one fails.
    private func health(
        _ request: HTTPRequest, page: String, only: String?
    ) async throws(APIFailure) -> Answer {
        let checks = page == "livez" ? ["ping"] : ["ping", "store"]
        let excluded = request.query.all("exclude")
        let wanted = checks.filter { only == nil || $0 == only }.filter { !excluded.contains($0) }
        if let only, !checks.contains(only) { throw .pageNotFound }
        var lines = ""
        var isHealthy = true
        for name in wanted {
            let problem = name == "store" ? await storeProblem() : nil
            isHealthy = isHealthy && problem == nil
            lines += problem.map { "[-]\(name) failed: \($0)\n" } ?? "[+]\(name) ok\n"
        }
        guard isHealthy else { return .text(lines + "\(page) check failed\n", status: 500) }
        return .text(request.query["verbose"] == nil ? "ok" : lines + "\(page) check passed\n")
    }

    private func storeProblem() async -> String? {
        let keys = RegistryKeys(group: "", resource: "namespaces", isNamespaced: false)
        do throws(APIFailure) {
            _ = try await store.revision(of: keys)
            return nil
        } catch {
            return error.message
        }
    }

    private func discovery(_ request: HTTPRequest, isCore: Bool) throws(APIFailure) -> Answer {
        let documents = DiscoveryDocuments(contents: registry.contents)
        let rest = Array(request.segments.dropFirst())
        if rest.isEmpty {
            if Negotiation(request.header("accept")).wantsAggregatedDiscovery {
                return Answer(
                    contentType: DiscoveryDocuments.aggregatedType,
                    headers: [("vary", "Accept")],
                    body: documents.aggregated(isCore: isCore).encoded)
            }
            let document =
                isCore ? documents.coreVersions(address: facts.address) : documents.groupList
            return Answer(body: document.encoded)
        }
        let document: JSON?
        switch (isCore, rest.count) {
        case (true, 1): document = documents.resourceList(group: "", version: rest[0])
        case (false, 1): document = documents.group(rest[0])
        case (false, 2): document = documents.resourceList(group: rest[0], version: rest[1])
        default: document = nil
        }
        guard let document else { throw .pageNotFound }
        return Answer(body: document.encoded)
    }

    /// The older form, without definitions: a client that wants to check an object by itself finds
    /// nothing to check it by and leaves that to the server.
    private static func emptyOpenAPI(_ request: HTTPRequest) -> Answer {
        guard request.header("accept")?.contains("proto-openapi.spec.v2") == true else {
            let document: JSON = [
                "swagger": "2.0", "info": ["title": "Keelson", "version": "v1"], "paths": [:],
            ]
            return Answer(body: document.encoded)
        }
        // openapi.v2.Document{swagger=1}
        return Answer(
            contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
            body: [0x0A, 3] + Bytes("2.0".utf8))
    }

    /// The index, or the document of a group and version.
    private func openAPI(_ path: [String]) throws(APIFailure) -> Answer {
        if path.isEmpty {
            var paths = JSONObject()
            for group in registry.contents.groups {
                for version in group.versions {
                    let place =
                        group.name.isEmpty ? "api/\(version)" : "apis/\(group.name)/\(version)"
                    guard let document = registry.document(group: group.name, version: version)
                    else { continue }
                    paths[place] = [
                        "serverRelativeURL": .string(
                            "/openapi/v3/\(place)?hash=\(document.hash)")
                    ]
                }
            }
            let index: JSON = ["paths": .object(paths)]
            return Answer(body: index.encoded)
        }
        let isCore = path[0] == "api"
        guard path.count == (isCore ? 2 : 3), isCore || path[0] == "apis",
            let document = registry.document(
                group: isCore ? "" : path[1], version: path[path.count - 1])
        else { throw .pageNotFound }
        return Answer(
            headers: [("etag", "\"\(document.hash)\""), ("vary", "Accept")],
            body: document.bytes)
    }
}
