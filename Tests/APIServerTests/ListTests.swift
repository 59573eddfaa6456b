import Primitives
import ResourceModel
import StoreModel
import Testing

@testable import APIServer

/// Lists: pages, selectors, versions, forms.
@Suite struct ListTests {
    private static let address = ObjectTests.configMaps

    private static func fill(_ server: TestServer, _ count: Int) async throws {
        for number in 0..<count {
            var object = ObjectTests.configMap("c\(number)", "\(number)")
            object["metadata"]["labels"] = ["parity": number % 2 == 0 ? "even" : "odd"]
            _ = try await server.send("POST", address, object)
        }
    }

    private static func names(_ answer: TestAnswer) -> [String] {
        (answer.json["items"].arrayValue ?? []).map { $0["metadata"]["name"].stringValue ?? "" }
    }

    @Test func `pages are cut at one revision whatever is written meanwhile`() async throws {
        try await TestServer.run { server in
            try await Self.fill(server, 7)
            var found: [String] = []
            var target = "\(Self.address)?limit=3"
            var versions: Set<String> = []
            for page in 0..<3 {
                let answer = try await server.send("GET", target)
                #expect(answer.status == 200, "\(answer.text)")
                found += Self.names(answer)
                versions.insert(answer.json["metadata"]["resourceVersion"].stringValue ?? "")
                let token = answer.json["metadata"]["continue"].stringValue ?? ""
                #expect(token.isEmpty == (page == 2))
                if page == 0 {
                    #expect(answer.json["metadata"]["remainingItemCount"] == 4)
                    _ = try await server.send("DELETE", "\(Self.address)/c6")
                    _ = try await server.send("POST", Self.address, ObjectTests.configMap("c5x"))
                }
                target = "\(Self.address)?limit=3&continue=\(token)"
            }
            #expect(found == ["c0", "c1", "c2", "c3", "c4", "c5", "c6"])
            #expect(versions.count == 1)
        }
    }

    @Test func `a page whose history is gone says how to go on`() async throws {
        try await TestServer.run { server in
            try await Self.fill(server, 4)
            let first = try await server.send("GET", "\(Self.address)?limit=2")
            let token = first.json["metadata"]["continue"].stringValue ?? ""
            let last = try await server.send("POST", Self.address, ObjectTests.configMap("z"))
            let version = Int64(last.json["metadata"]["resourceVersion"].stringValue ?? "") ?? 0
            try await server.store.compact(Revision(version))
            let second = try await server.send("GET", "\(Self.address)?limit=2&continue=\(token)")
            #expect(second.status == 410)
            #expect(second.reason == "Expired")
            let fresh = second.json["metadata"]["continue"].stringValue ?? ""
            let third = try await server.send("GET", "\(Self.address)?limit=9&continue=\(fresh)")
            #expect(Self.names(third) == ["c2", "c3", "z"])
        }
    }

    @Test(arguments: [
        ("labelSelector=parity%3Deven", ["c0", "c2", "c4"]),
        ("labelSelector=parity+in+(odd)", ["c1", "c3"]),
        ("labelSelector=!parity", []), ("labelSelector=parity!%3Deven&limit=1", ["c1"]),
        ("fieldSelector=metadata.name%3Dc3", ["c3"]),
        ("fieldSelector=metadata.name!%3Dc3", ["c0", "c1", "c2", "c4"]),
        ("fieldSelector=metadata.namespace%3Ddefault,metadata.name%3Dc1", ["c1"]),
        ("resourceVersion=0&labelSelector=parity%3Dodd", ["c1", "c3"]),
        ("resourceVersion=0&limit=1", ["c0", "c1", "c2", "c3", "c4"]),
        ("resourceVersion=1&resourceVersionMatch=NotOlderThan", ["c0", "c1", "c2", "c3", "c4"]),
    ])
    func `selectors and versions choose`(query: String, names: [String]) async throws {
        try await TestServer.run { server in
            try await Self.fill(server, 5)
            let answer = try await server.send("GET", "\(Self.address)?\(query)")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(Self.names(answer) == names)
        }
    }

    @Test func `an exact version shows what was there then`() async throws {
        try await TestServer.run { server in
            try await Self.fill(server, 1)
            let then = try await server.send("GET", Self.address)
            let version = then.json["metadata"]["resourceVersion"].stringValue ?? ""
            _ = try await server.send("POST", Self.address, ObjectTests.configMap("later"))
            let query = "resourceVersion=\(version)&resourceVersionMatch=Exact"
            let answer = try await server.send("GET", "\(Self.address)?\(query)")
            #expect(Self.names(answer) == ["c0"])
            #expect(answer.json["metadata"]["resourceVersion"].stringValue == version)
        }
    }

    @Test func `a table has a row for each object and only what was asked for`() async throws {
        try await TestServer.run { server in
            try await Self.fill(server, 2)
            let accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
            let answer = try await server.send(
                "GET", "\(Self.address)?includeObject=None", headers: [("accept", accept)])
            #expect(answer.json["kind"] == "Table")
            let columns = answer.json["columnDefinitions"].arrayValue ?? []
            #expect(columns.map { $0["name"] ?? "" } == ["Name", "Data", "Age"])
            let rows = answer.json["rows"].arrayValue ?? []
            #expect(rows.map { $0["cells"] ?? .null } == [["c0", 1, "0s"], ["c1", 1, "0s"]])
            #expect(rows.allSatisfy { $0["object"] == nil })
            let metadata = try await server.send(
                "GET", Self.address,
                headers: [
                    ("accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")
                ])
            #expect(metadata.json["kind"] == "PartialObjectMetadataList")
            #expect(metadata.json["items"][0]["metadata"]["name"] == "c0")
            #expect(metadata.json["items"][0]["data"] == nil)
        }
    }

    @Test func `large answers are packed for clients that unpack them`() async throws {
        try await TestServer.run { server in
            let long = String(repeating: "abc", count: 60_000)
            _ = try await server.send("POST", Self.address, ObjectTests.configMap("long", long))
            let answer = try await server.send(
                "GET", Self.address, headers: [("accept-encoding", "gzip")])
            #expect(answer.header("content-encoding") == "gzip")
            #expect(answer.body.count < 20_000)
            let plain = try await server.send("GET", Self.address)
            #expect(plain.json["items"][0]["data"]["key"].stringValue == long)
        }
    }
}
