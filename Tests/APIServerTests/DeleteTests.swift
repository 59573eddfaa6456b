import Primitives
import ResourceModel
import Testing

@testable import APIServer

/// Deletion: finalizers, preconditions, propagation, namespaces.
@Suite struct DeleteTests {
    private static let one = "\(ObjectTests.configMaps)/one"

    private static func create(_ server: TestServer, finalizers: JSON? = nil) async throws -> JSON {
        var object = ObjectTests.configMap("one")
        object["metadata"]["finalizers"] = finalizers
        return try await server.send("POST", ObjectTests.configMaps, object).json
    }

    @Test func `finalizers hold an object until the last one is gone`() async throws {
        try await TestServer.run { server in
            _ = try await Self.create(server, finalizers: ["example.com/a", "example.com/b"])
            let marked = try await server.send("DELETE", Self.one)
            #expect(marked.json["metadata"]["deletionTimestamp"] == "2027-01-15T08:00:00Z")
            #expect(marked.json["kind"] == "ConfigMap")
            let again = try await server.send("DELETE", Self.one)
            #expect(again.json == marked.json)
            let more = try await server.send(
                "PATCH", Self.one, ["metadata": ["finalizers": ["example.com/c"]]],
                type: "application/merge-patch+json")
            #expect(more.status == 422)
            #expect(more.fields == ["metadata.finalizers"])
            let fewer = try await server.send(
                "PATCH", Self.one, ["metadata": ["finalizers": ["example.com/a"]]],
                type: "application/merge-patch+json")
            #expect(fewer.status == 200, "\(fewer.text)")
            #expect(try await server.send("GET", Self.one).status == 200)
            _ = try await server.send(
                "PATCH", Self.one, ["metadata": ["finalizers": .null]],
                type: "application/merge-patch+json")
            #expect(try await server.send("GET", Self.one).status == 404)
        }
    }

    /// A pod without a node has nobody who would end it.
    @Test(arguments: [
        ("", 1, nil), ("", 30, nil), ("n1", 20, 20), ("n1", -1, 1), ("n1", 0, nil),
    ] as [(String, Int64, Int64?)])
    func `grace is for pods that run somewhere`(
        node: String, asked: Int64, left: Int64?
    ) async throws {
        try await TestServer.run { server in
            let pods = "/api/v1/namespaces/default/pods"
            let pod: JSON = [
                "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
                "spec": [
                    "nodeName": .string(node), "containers": [["name": "c", "image": "c:1"]],
                ],
            ]
            _ = try await server.send("POST", pods, pod)
            let answer = try await server.send(
                "DELETE", "\(pods)/p", ["gracePeriodSeconds": .integer(asked)])
            let kept = try await server.send("GET", "\(pods)/p")
            #expect(kept.status == (left == nil ? 404 : 200), "\(answer.text)")
            let seconds = kept.json["metadata"]["deletionGracePeriodSeconds"].integerValue
            #expect(seconds == left)
        }
    }

    @Test func `the first namespaces stay`() async throws {
        try await TestServer.run { server in
            let answer = try await server.send("DELETE", "/api/v1/namespaces/default")
            #expect(answer.status == 403)
            #expect(answer.message.hasSuffix("this namespace may not be deleted"))
        }
    }

    @Test func `preconditions must hold`() async throws {
        try await TestServer.run { server in
            let object = try await Self.create(server)
            for wrong: JSON in [["uid": "x"], ["resourceVersion": "1"]] {
                let answer = try await server.send("DELETE", Self.one, ["preconditions": wrong])
                #expect(answer.status == 409)
                #expect(answer.message.contains("Precondition failed"))
            }
            let right: JSON = [
                "kind": "DeleteOptions", "apiVersion": "v1",
                "preconditions": [
                    "uid": object["metadata"]["uid"] ?? "",
                    "resourceVersion": object["metadata"]["resourceVersion"] ?? "",
                ],
            ]
            let gone = try await server.send("DELETE", Self.one, right)
            #expect(gone.status == 200, "\(gone.text)")
        }
    }

    @Test(arguments: [
        ("Foreground", ["foregroundDeletion"]), ("Orphan", ["orphan"]), ("Background", []),
    ])
    func `propagation is kept as a finalizer`(policy: String, finalizers: [String]) async throws {
        try await TestServer.run { server in
            _ = try await Self.create(server)
            let answer = try await server.send(
                "DELETE", Self.one, ["propagationPolicy": .string(policy)])
            let kept = try await server.send("GET", Self.one)
            let found = (kept.json["metadata"]["finalizers"].arrayValue ?? [])
                .compactMap(\.stringValue)
            #expect(found == finalizers, "\(answer.text)")
            #expect((kept.status == 404) == finalizers.isEmpty)
        }
    }

    @Test func `a collection is deleted by selector`() async throws {
        try await TestServer.run { server in
            for name in ["a", "b", "c"] {
                var object = ObjectTests.configMap(name)
                object["metadata"]["labels"] = ["keep": name == "b" ? "yes" : "no"]
                _ = try await server.send("POST", ObjectTests.configMaps, object)
            }
            let answer = try await server.send(
                "DELETE", "\(ObjectTests.configMaps)?labelSelector=keep%3Dno")
            #expect(answer.json["items"].arrayValue?.count == 2, "\(answer.text)")
            let rest = try await server.send("GET", ObjectTests.configMaps)
            let names = (rest.json["items"].arrayValue ?? []).map { $0["metadata"]["name"] ?? "" }
            #expect(names == ["b"])
        }
    }

    @Test
    func `a namespace takes its objects with it and lets nothing in meanwhile`() async throws {
        try await TestServer.run { server in
            _ = try await server.send(
                "POST", "/api/v1/namespaces",
                ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "room"]])
            let inside = "/api/v1/namespaces/room/configmaps"
            var held = ObjectTests.configMap("held")
            held["metadata"]["finalizers"] = ["example.com/a"]
            _ = try await server.send("POST", inside, held)
            _ = try await server.send("POST", inside, ObjectTests.configMap("free"))
            let watch = try await server.open(
                "GET", "/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Droom")
            var lines = watch.lines()
            _ = await lines.next()
            let marked = try await server.send("DELETE", "/api/v1/namespaces/room")
            #expect(marked.json["status"]["phase"] == "Terminating")
            let late = try await server.send("POST", inside, ObjectTests.configMap("late"))
            #expect(late.status == 403)
            #expect(late.json["details"]["causes"][0]["reason"] == "NamespaceTerminating")
            let unheld = try await server.send(
                "PATCH", "\(inside)/held", ["metadata": ["finalizers": .null]],
                type: "application/merge-patch+json")
            #expect(unheld.status == 200)
            var event = await lines.next()
            while event != nil, event["type"] != "DELETED" { event = await lines.next() }
            #expect(event["type"] == "DELETED")
            #expect(try await server.send("GET", "/api/v1/namespaces/room").status == 404)
            let left = try await server.send("GET", inside)
            #expect(left.json["items"] == [])
            try await watch.hangUp()
        }
    }
}
