import Logging
import Primitives
import ResourceModel
import Testing

@testable import APIServer

/// Watches: from where they begin, what they tell and when they end.
@Suite struct WatchTests {
    private static let address = ObjectTests.configMaps

    private static func put(
        _ server: TestServer, _ name: String, _ value: String, label: String? = nil
    ) async throws -> String {
        var object = ObjectTests.configMap(name, value)
        if let label { object["metadata"]["labels"] = ["l": .string(label)] }
        var answer = try await server.send("POST", address, object)
        if answer.status == 409 {
            answer = try await server.send("PUT", "\(address)/\(name)", object)
        }
        #expect(answer.status < 300, "\(answer.text)")
        return answer.json["metadata"]["resourceVersion"].stringValue ?? ""
    }

    @Test func `a watch from a version tells what has changed since`() async throws {
        try await TestServer.run { server in
            let version = try await Self.put(server, "a", "1")
            _ = try await Self.put(server, "a", "2")
            _ = try await Self.put(server, "b", "1")
            let stream = try await server.open(
                "GET", "\(Self.address)?watch=true&resourceVersion=\(version)")
            var lines = stream.lines()
            #expect(await lines.summary() == "MODIFIED a 2")
            #expect(await lines.summary() == "ADDED b 1")
            _ = try await server.send("DELETE", "\(Self.address)/b")
            let deleted = await lines.next()
            #expect(deleted["type"] == "DELETED")
            #expect(deleted["object"]["data"]["key"] == "1")
            let end = deleted["object"]["metadata"]["resourceVersion"].stringValue ?? ""
            #expect((Int64(end) ?? 0) > (Int64(version) ?? 0) + 2)
            try await stream.hangUp()
        }
    }

    @Test(arguments: ["watch=true", "watch=1&resourceVersion=0"])
    func `a watch without a version begins with what is there`(query: String) async throws {
        try await TestServer.run { server in
            _ = try await Self.put(server, "a", "1")
            _ = try await Self.put(server, "b", "2")
            let stream = try await server.open("GET", "\(Self.address)?\(query)")
            var lines = stream.lines()
            #expect(await lines.summary() == "ADDED a 1")
            #expect(await lines.summary() == "ADDED b 2")
            _ = try await Self.put(server, "c", "3")
            #expect(await lines.summary() == "ADDED c 3")
            try await stream.hangUp()
        }
    }

    @Test func `initial events end with a bookmark that says so`() async throws {
        try await TestServer.run { server in
            let version = try await Self.put(server, "a", "1")
            let stream = try await server.open(
                "GET",
                "\(Self.address)?watch=true&sendInitialEvents=true&allowWatchBookmarks=true"
                    + "&resourceVersionMatch=NotOlderThan")
            var lines = stream.lines()
            #expect(await lines.summary() == "ADDED a 1")
            let bookmark = await lines.next()
            #expect(bookmark["type"] == "BOOKMARK")
            #expect(bookmark["object"]["kind"] == "ConfigMap")
            let metadata = bookmark["object"]["metadata"]
            #expect(metadata["annotations"]["k8s.io/initial-events-end"] == "true")
            let marked = Int64(metadata["resourceVersion"].stringValue ?? "") ?? 0
            #expect(marked >= Int64(version) ?? .max)
            try await stream.hangUp()
        }
    }

    @Test func `objects come and go for a selector as their labels change`() async throws {
        try await TestServer.run { server in
            let stream = try await server.open(
                "GET", "\(Self.address)?watch=true&labelSelector=l%3Dx")
            var lines = stream.lines()
            _ = try await Self.put(server, "a", "1", label: "y")
            _ = try await Self.put(server, "a", "2", label: "x")
            _ = try await Self.put(server, "a", "3", label: "x")
            _ = try await Self.put(server, "a", "4", label: "y")
            #expect(await lines.summary() == "ADDED a 2")
            #expect(await lines.summary() == "MODIFIED a 3")
            // Its last state that the watcher may see.
            #expect(await lines.summary() == "DELETED a 3")
            try await stream.hangUp()
        }
    }

    @Test func `a watch of one object tells of no other`() async throws {
        try await TestServer.run { server in
            let stream = try await server.open(
                "GET", "\(Self.address)?watch=true&fieldSelector=metadata.name%3Db")
            var lines = stream.lines()
            _ = try await Self.put(server, "a", "1")
            _ = try await Self.put(server, "b", "2")
            #expect(await lines.summary() == "ADDED b 2")
            try await stream.hangUp()
        }
    }

    @Test func `a watch from a compacted version is told that it has expired`() async throws {
        try await TestServer.run { server in
            let version = try await Self.put(server, "a", "1")
            _ = try await Self.put(server, "a", "2")
            let last = try await Self.put(server, "a", "3")
            try await server.store.compact(Revision(Int64(last) ?? 0))
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            // The first server's cache may still know what the store has forgotten.
            try await TestServer.run(on: server.store, log) { other in
                let answer = try await other.send(
                    "GET", "\(Self.address)?watch=true&resourceVersion=\(version)")
                #expect(answer.status == 410)
                #expect(answer.reason == "Expired")
            }
        }
    }

    @Test func `a watch resumed on another server misses and repeats nothing`() async throws {
        try await TestServer.run { server in
            let version = try await Self.put(server, "a", "1")
            _ = try await Self.put(server, "b", "1", label: "x")
            _ = try await Self.put(server, "a", "2")
            _ = try await server.send("DELETE", "\(Self.address)/b")
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            // Its cache begins now: what is before comes from the store's history.
            try await TestServer.run(on: server.store, log) { other in
                let stream = try await other.open(
                    "GET", "\(Self.address)?watch=true&resourceVersion=\(version)")
                var lines = stream.lines()
                #expect(await lines.summary() == "ADDED b 1")
                #expect(await lines.summary() == "MODIFIED a 2")
                #expect(await lines.summary() == "DELETED b 1")
                _ = try await Self.put(server, "c", "9")
                #expect(await lines.summary() == "ADDED c 9")
                try await stream.hangUp()
            }
        }
    }

    @Test func `a reader that stops gets the rest later`() async throws {
        try await TestServer.run { server in
            let stream = try await server.open("GET", "\(Self.address)?watch=true")
            var lines = stream.lines()
            _ = try await Self.put(server, "a", "0")
            #expect(await lines.summary() == "ADDED a 0")
            try await stream.setReading(false)
            // More than a stream buffers.
            let long = String(repeating: "x", count: 100_000)
            for number in 1...20 { _ = try await Self.put(server, "a", "\(number)" + long) }
            try await stream.setReading(true)
            for number in 1...20 {
                #expect(await lines.summary() == "MODIFIED a \(number)" + long)
            }
            try await stream.hangUp()
        }
    }

    @Test func `a reader that falls behind the window is told so`() async throws {
        try await TestServer.run { server in
            let stream = try await server.open("GET", "\(Self.address)?watch=true")
            var lines = stream.lines()
            _ = try await Self.put(server, "a", "0")
            #expect(await lines.summary() == "ADDED a 0")
            try await stream.setReading(false)
            let long = String(repeating: "x", count: 900_000)
            for number in 1...24 { _ = try await Self.put(server, "a", "\(number)" + long) }
            try await stream.setReading(true)
            var last: JSON?
            while let line = await lines.next() { last = line }
            #expect(last["type"] == "ERROR")
            #expect(last["object"]["reason"] == "Expired")
            #expect(last["object"]["code"] == 410)
        }
    }

    @Test func `a watch ends at its time and tables say their columns once`() async throws {
        try await TestServer.run { server in
            _ = try await Self.put(server, "a", "1")
            _ = try await Self.put(server, "b", "1")
            let accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
            let stream = try await server.open(
                "GET", "\(Self.address)?watch=true&timeoutSeconds=1",
                headers: [("accept", accept)])
            var lines = stream.lines()
            let first = await lines.next()
            #expect(first["object"]["columnDefinitions"].arrayValue?.count == 3)
            #expect(first["object"]["rows"][0]["cells"][0] == "a")
            let second = await lines.next()
            #expect(second["object"]["columnDefinitions"] == .null)
            #expect(await lines.next() == nil)
        }
    }
}
