import Primitives
import ResourceModel
import Testing

@testable import APIServer

/// What is served, as clients discover it.
@Suite struct DiscoveryTests {
    private static let aggregated =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"

    @Test func `aggregated and plain discovery say the same`() async throws {
        try await TestServer.run { server in
            for (target, base) in [("/api", "/api"), ("/apis", "/apis")] {
                let answer = try await server.send(
                    "GET", target, headers: [("accept", Self.aggregated)])
                #expect(
                    answer.header("content-type")
                        == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
                for group in answer.json["items"].arrayValue ?? [] {
                    let name = group["metadata"]["name"].stringValue ?? ""
                    for version in group["versions"].arrayValue ?? [] {
                        let place = name.isEmpty ? "" : "/\(name)"
                        let plain = try await server.send(
                            "GET", "\(base)\(place)/\(version["version"].stringValue ?? "")")
                        let resources = plain.json["resources"].arrayValue ?? []
                        let names = resources.map { $0["name"].stringValue ?? "" }
                        var wanted: [String] = []
                        for resource in version["resources"].arrayValue ?? [] {
                            let resourceName = resource["resource"].stringValue ?? ""
                            wanted.append(resourceName)
                            for part in resource["subresources"].arrayValue ?? [] {
                                wanted.append(
                                    "\(resourceName)/\(part["subresource"].stringValue ?? "")")
                            }
                        }
                        #expect(names == wanted)
                        #expect(!names.isEmpty)
                    }
                }
            }
        }
    }

    @Test func `OpenAPI documents hold together`() async throws {
        try await TestServer.run { server in
            let index = try await server.send("GET", "/openapi/v3")
            let paths = index.json["paths"].objectValue?.members ?? []
            #expect(paths.contains { $0.name == "apis/apps/v1" })
            for path in paths {
                let place = path.value["serverRelativeURL"].stringValue ?? ""
                #expect(place.contains("?hash="))
                let document = try await server.send("GET", place)
                let schemas = document.json["components"]["schemas"].objectValue ?? JSONObject()
                #expect(!schemas.isEmpty)
                // Every reference leads somewhere.
                for match in document.text.matches(of: #/"#\/components\/schemas\/([^"]+)"/#) {
                    #expect(schemas[String(match.1)] != nil, "\(match.1) in \(path.name)")
                }
            }
        }
    }

    @Test func `kubectl finds what it looks for in a document`() async throws {
        try await TestServer.run { server in
            let answer = try await server.send("GET", "/openapi/v3/apis/apps/v1")
            let document = answer.json
            let path = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]
            let patch = path["patch"]
            #expect(patch["x-kubernetes-group-version-kind"]["kind"] == "Deployment")
            let parameters = patch["parameters"].arrayValue ?? []
            #expect(parameters.contains { $0["name"] == "fieldValidation" })
            let pod = document["components"]["schemas"]["io.k8s.api.core.v1.PodSpec"]
            let containers = pod["properties"]["containers"]
            #expect(containers["x-kubernetes-patch-merge-key"] == "name")
            #expect(containers["x-kubernetes-list-map-keys"] == ["name"])
        }
    }

    /// kubectl asks for it to check a List, or an object of a kind that it does not know.
    @Test func `the older OpenAPI has no definitions`() async throws {
        try await TestServer.run { server in
            let json = try await server.send("GET", "/openapi/v2")
            #expect(json.json["swagger"] == "2.0")
            let type = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
            let protobuf = try await server.send(
                "GET", "/openapi/v2", headers: [("accept", type)])
            #expect(protobuf.text == "\n\u{3}2.0")
        }
    }

    @Test(arguments: [
        ("v1,v2", true), ("v2,v1", false), ("v1beta1,v1", true), ("v1alpha1,v1beta1", true),
        ("v1beta1,v1beta2", true), ("foo,v1alpha1", true), ("foo,bar", true), ("v1,foo", false),
    ])
    func `stable and newer versions are preferred`(pair: String, isSecond: Bool) {
        let names = pair.split(separator: ",").map(String.init)
        #expect(APIVersionOrder.isPreferred(names[1], to: names[0]) == isSecond)
    }
}
