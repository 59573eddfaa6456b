import Primitives
import ResourceModel
import Testing

@testable import APIServer

/// Changes: optimistic concurrency, patches, parts, generations.
@Suite struct UpdateTests {
    static let deployments = "/apis/apps/v1/namespaces/default/deployments"

    static let deployment: JSON = [
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
        "spec": [
            "replicas": 2, "selector": ["matchLabels": ["app": "web"]],
            "template": [
                "metadata": ["labels": ["app": "web"]],
                "spec": ["containers": [["name": "c", "image": "nginx:1"]]],
            ],
        ],
    ]

    @Test func `twenty writers with optimistic concurrency lose no update`() async throws {
        try await TestServer.run { server in
            let address = "\(ObjectTests.configMaps)/counter"
            _ = try await server.send(
                "POST", ObjectTests.configMaps, ObjectTests.configMap("counter", "0"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        var status = 409
                        while status == 409 {
                            var object = try await server.send("GET", address).json
                            let count = Int(object["data"]["key"].stringValue ?? "") ?? 0
                            object["data"]["key"] = .string("\(count + 1)")
                            status = try await server.send("PUT", address, object).status
                        }
                        #expect(status == 200)
                    }
                }
                try await group.waitForAll()
            }
            let end = try await server.send("GET", address)
            #expect(end.json["data"]["key"] == "20")
        }
    }

    @Test func `patches without a version are tried again until they fit`() async throws {
        try await TestServer.run { server in
            let address = "\(ObjectTests.configMaps)/many"
            _ = try await server.send(
                "POST", ObjectTests.configMaps, ObjectTests.configMap("many"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let patch: JSON = ["data": ["k\(number)": "v"]]
                        let answer = try await server.send(
                            "PATCH", address, patch, type: "application/merge-patch+json")
                        #expect(answer.status == 200, "\(answer.text)")
                    }
                }
                try await group.waitForAll()
            }
            let end = try await server.send("GET", address)
            #expect(end.json["data"].objectValue?.count == 21)
        }
    }

    @Test func `spec, status and scale are written apart`() async throws {
        try await TestServer.run { server in
            var given = Self.deployment
            given["status"] = ["replicas": 7]
            let created = try await server.send("POST", Self.deployments, given)
            #expect(created.status == 201, "\(created.text)")
            #expect(created.json["status"]["replicas"] == nil)
            #expect(created.json["metadata"]["generation"] == 1)
            let web = "\(Self.deployments)/web"
            let status = try await server.send(
                "PATCH", "\(web)/status", ["status": ["replicas": 3], "spec": ["replicas": 9]],
                type: "application/merge-patch+json")
            #expect(status.json["status"]["replicas"] == 3, "\(status.text)")
            #expect(status.json["spec"]["replicas"] == 2)
            #expect(status.json["metadata"]["generation"] == 1)
            let spec = try await server.send(
                "PATCH", web, ["status": ["replicas": 5], "spec": ["replicas": 4]],
                type: "application/merge-patch+json")
            #expect(spec.json["status"]["replicas"] == 3)
            #expect(spec.json["metadata"]["generation"] == 2)
            let scale = try await server.send("GET", "\(web)/scale")
            #expect(scale.json["kind"] == "Scale")
            #expect(scale.json["spec"]["replicas"] == 4)
            #expect(scale.json["status"] == ["replicas": 3, "selector": "app=web"])
            var wanted = scale.json
            wanted["spec"]["replicas"] = 6
            let scaled = try await server.send("PUT", "\(web)/scale", wanted)
            #expect(scaled.json["spec"]["replicas"] == 6)
            let stale = try await server.send("PUT", "\(web)/scale", wanted)
            #expect(stale.status == 409)
            #expect(try await server.send("GET", web).json["metadata"]["generation"] == 3)
        }
    }

    @Test func `each form of patch changes what it says`() async throws {
        try await TestServer.run { server in
            _ = try await server.send("POST", Self.deployments, Self.deployment)
            let web = "\(Self.deployments)/web"
            let containers: JSON = ["containers": [["name": "d", "image": "x"]]]
            let strategic = try await server.send(
                "PATCH", web, ["spec": ["template": ["spec": containers]]],
                type: "application/strategic-merge-patch+json")
            let merged = strategic.json.value(at: "spec.template.spec.containers").arrayValue ?? []
            #expect(Set(merged.map { $0["name"].stringValue ?? "" }) == ["c", "d"])
            let json = try await server.send(
                "PATCH", web, [["op": "replace", "path": "/spec/replicas", "value": 8]],
                type: "application/json-patch+json")
            #expect(json.json["spec"]["replicas"] == 8, "\(json.text)")
            let merge = try await server.send(
                "PATCH", web, ["spec": ["template": ["spec": containers]]],
                type: "application/merge-patch+json")
            let replaced = merge.json.value(at: "spec.template.spec.containers").arrayValue ?? []
            #expect(replaced.map { $0["name"] ?? "" } == ["d"])
        }
    }

    @Test func `a change that changes nothing is not written`() async throws {
        try await TestServer.run { server in
            let created = try await server.send("POST", Self.deployments, Self.deployment)
            let patched = try await server.send(
                "PATCH", "\(Self.deployments)/web", ["spec": ["replicas": 2]],
                type: "application/merge-patch+json")
            #expect(
                patched.json["metadata"]["resourceVersion"]
                    == created.json["metadata"]["resourceVersion"])
        }
    }

    @Test func `a dry run answers as if, and writes nothing`() async throws {
        try await TestServer.run { server in
            let created = try await server.send(
                "POST", "\(Self.deployments)?dryRun=All", Self.deployment)
            #expect(created.status == 201)
            #expect(created.json["metadata"]["uid"] != nil)
            #expect(try await server.send("GET", "\(Self.deployments)/web").status == 404)
            _ = try await server.send("POST", Self.deployments, Self.deployment)
            let patched = try await server.send(
                "PATCH", "\(Self.deployments)/web?dryRun=All", ["spec": ["replicas": 5]],
                type: "application/merge-patch+json")
            #expect(patched.json["spec"]["replicas"] == 5)
            let deleted = try await server.send("DELETE", "\(Self.deployments)/web?dryRun=All")
            #expect(deleted.status == 200)
            let end = try await server.send("GET", "\(Self.deployments)/web")
            #expect(end.json["spec"]["replicas"] == 2)
        }
    }

    @Test func `generated names are free and begin as asked`() async throws {
        try await TestServer.run { server in
            var names: Set<String> = []
            for _ in 0..<5 {
                var object = ObjectTests.configMap("")
                object["metadata"] = ["generateName": "run-"]
                let answer = try await server.send("POST", ObjectTests.configMaps, object)
                let name = answer.json["metadata"]["name"].stringValue ?? ""
                #expect(name.hasPrefix("run-") && name.count == 9, "\(answer.text)")
                names.insert(name)
            }
            #expect(names.count == 5)
        }
    }

    /// Agents send what they know: of a kubelet's `nodeInfo`, `kubeProxyVersion` is empty.
    @Test func `what a status leaves out is not missed`() async throws {
        try await TestServer.run { server in
            let node: JSON = ["apiVersion": "v1", "kind": "Node", "metadata": ["name": "n"]]
            _ = try await server.send("POST", "/api/v1/nodes", node)
            let info: JSON = ["kubeletVersion": "v1", "kubeProxyVersion": ""]
            let answer = try await server.send(
                "PATCH", "/api/v1/nodes/n/status", ["status": ["nodeInfo": info]],
                type: "application/merge-patch+json")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["status"]["nodeInfo"] == info)
        }
    }
}
