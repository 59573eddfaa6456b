import Primitives
import ResourceModel
import Testing

@testable import APIClient

@Suite struct ObjectWatchTests {
    static let stream =
        #"{"type":"ADDED","object":{"metadata":{"name":"é","resourceVersion":"1"}}}"# + "\n"
        + #"{"type":"MODIFIED","object":{"a":1}}"# + "\n" + #"{"type":"DELETED","object":{}}"#
        + "\n"
        + #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"# + "\n"
    static let events: [ObjectEvent] = [
        .added(["metadata": ["name": "é", "resourceVersion": "1"]]), .modified(["a": 1]),
        .deleted([:]), .bookmark(resourceVersion: 9),
    ]

    private func watch(_ pieces: [String], status: Int = 200) async throws -> ObjectWatch {
        let client = ObjectClient(ScriptedTransport([(status, pieces)]), manager: "me")
        return try await client.watch(ObjectClientTests.pod, after: 5)
    }

    private func events(of watch: ObjectWatch) async throws -> [ObjectEvent] {
        var events: [ObjectEvent] = []
        while let event = try await watch.next() { events.append(event) }
        return events
    }

    @Test func `a watch begins behind a version and asks for bookmarks`() async throws {
        let transport = ScriptedTransport([(200, [])])
        _ = try await ObjectClient(transport, manager: "me").watch(
            ObjectClientTests.pod, after: 5, fieldSelector: "a=b")
        #expect(
            transport.requests.map(\.target) == [
                "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5"
                    + "&fieldSelector=a%3Db"
            ])
    }

    @Test func `events are the same wherever the stream is cut`() async throws {
        let characters = Array(Self.stream)
        for size in 1...characters.count {
            let pieces = stride(from: 0, to: characters.count, by: size).map { start in
                String(characters[start..<min(start + size, characters.count)])
            }
            #expect(try await events(of: self.watch(pieces)) == Self.events, "pieces of \(size)")
        }
    }

    @Test func `what is cut off by the end is not told`() async throws {
        let cut = String(Self.stream.dropLast(3))
        #expect(try await events(of: self.watch([cut])) == Array(Self.events.dropLast()))
    }

    @Test func `an error event is the failure that it tells of`() async throws {
        let expired = APIFailure.expired("too old resource version: 5 (9)")
        let line = (["type": "ERROR", "object": expired.status] as JSON).encodedText + "\n"
        let watch = try await self.watch([Self.stream, line])
        for event in Self.events { #expect(try await watch.next() == event) }
        await #expect(throws: expired) { try await watch.next() }
    }

    @Test(arguments: ["no JSON\n", #"{"type":"NEWS","object":{}}"# + "\n", "{}\n", "\n"])
    func `a line that is no event fails the watch`(line: String) async throws {
        let watch = try await self.watch([line])
        let failure = await #expect(throws: APIFailure.self) { try await watch.next() }
        #expect(failure?.reason == .serviceUnavailable)
    }

    @Test func `a line without end fails the watch`() async throws {
        let piece = String(repeating: " ", count: 1 << 20)
        let watch = try await self.watch(Array(repeating: piece, count: 20))
        await #expect(throws: APIFailure.serviceUnavailable("an event does not end")) {
            try await watch.next()
        }
    }

    @Test func `a refused watch is the failure that the server tells`() async throws {
        let expired = APIFailure.expired("too old resource version: 5 (9)")
        await #expect(throws: expired) {
            try await self.watch([expired.status.encodedText], status: 410)
        }
    }
}
