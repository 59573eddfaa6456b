import HTTPClient
import Primitives
import Testing

/// The same for tasks.
@Suite struct HTTPConnectionPoolTests {
    private let server: PythonServer
    private let client = HTTPConnectionPool()

    init() throws {
        server = try PythonServer()
    }

    private func send(_ path: String, timeout: Duration? = nil) async throws -> HTTPAnswer {
        try await client.send(HTTPRequest("GET", server.address + path, timeout: timeout))
    }

    @Test func `an answer comes in pieces`() async throws {
        let answer = try await send("/two")
        #expect(answer.status == 200)
        #expect(answer.header("transfer-encoding") == "chunked")
        let first = try await answer.next()
        #expect(first == Bytes("one\n".utf8))
        let go = try await send("/go")
        #expect(go.status == 200)
        #expect(try await answer.body(bytesMax: 100) == Bytes("two\n".utf8))
        #expect(try await answer.next() == nil)
    }

    @Test func `many exchanges run at once`() async throws {
        let address = server.address
        let client = client
        let bodies = try await withThrowingTaskGroup(of: Bytes.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await client.send(HTTPRequest("GET", address + "/hello"))
                        .body(bytesMax: 10)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(bodies == Array(repeating: Bytes("hello".utf8), count: 20))
    }

    @Test func `a slow reader holds the server back, and may leave`() async throws {
        let answer = try await send("/endless")
        for _ in 0..<100 { #expect(try await answer.next()?.isEmpty == false) }
        answer.close()
        await #expect(throws: HTTPFailure.stopped) { try await answer.next() }
        let other = try await send("/endless")
        await #expect(throws: HTTPFailure.tooLarge(bytesMax: 1_000)) {
            try await other.body(bytesMax: 1_000)
        }
    }

    @Test func `a cancelled task does not wait for the server`() async throws {
        let address = server.address
        let client = client
        await #expect(throws: HTTPFailure.stopped) {
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    try await client.send(HTTPRequest("GET", address + "/never")).status
                }
                group.cancelAll()
                return try await group.next() ?? 0
            }
        }
    }

    @Test func `failures reach the task`() async throws {
        await #expect(throws: HTTPFailure.timedOut) {
            try await send("/never", timeout: .milliseconds(50))
        }
        let answer = try await send("/cut")
        await #expect {
            try await answer.body(bytesMax: 100)
        } throws: {
            guard case HTTPFailure.lost = $0 else { return false }
            return true
        }
    }
}
