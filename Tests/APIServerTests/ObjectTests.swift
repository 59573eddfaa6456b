import Primitives
import ResourceModel
import Testing

@testable import APIServer

/// One object's life: create, read, change, delete.
@Suite struct ObjectTests {
    static let configMaps = "/api/v1/namespaces/default/configmaps"

    static func configMap(_ name: String, _ value: String = "a") -> JSON {
        [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
            "data": ["key": .string(value)],
        ]
    }

    @Test func `an object is created, read, replaced and deleted`() async throws {
        try await TestServer.run { server in
            let created = try await server.send("POST", Self.configMaps, Self.configMap("one"))
            #expect(created.status == 201, "\(created.text)")
            let metadata = created.json["metadata"]
            #expect(metadata["namespace"] == "default")
            #expect(metadata["uid"].stringValue?.count == 36)
            #expect(metadata["creationTimestamp"] == "2027-01-15T08:00:00Z")
            let read = try await server.send("GET", "\(Self.configMaps)/one")
            #expect(read.json == created.json)
            var changed = read.json
            changed["data"] = ["key": "b"]
            let replaced = try await server.send("PUT", "\(Self.configMaps)/one", changed)
            #expect(replaced.status == 200, "\(replaced.text)")
            #expect(replaced.json["data"]["key"] == "b")
            let stale = try await server.send("PUT", "\(Self.configMaps)/one", read.json)
            #expect(stale.status == 409)
            #expect(stale.reason == "Conflict")
            let deleted = try await server.send("DELETE", "\(Self.configMaps)/one")
            #expect(deleted.json["status"] == "Success")
            #expect(deleted.json["details"]["uid"] == metadata["uid"])
            let gone = try await server.send("GET", "\(Self.configMaps)/one")
            #expect(gone.status == 404)
            #expect(gone.message == "configmaps \"one\" not found")
        }
    }
}
