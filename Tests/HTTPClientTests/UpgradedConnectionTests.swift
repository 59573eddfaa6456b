import Glibc
import HTTPClient
import Primitives
import Testing

/// Connections that speak something else than HTTP after a request.
@Suite struct UpgradedConnectionTests {
    private let server: PythonServer

    init() throws {
        server = try PythonServer()
    }

    private func open(
        _ path: String, timeout: Duration = .seconds(10)
    ) throws -> UpgradedConnection {
        try UpgradedConnection(
            HTTPIdentity(),
            HTTPRequest("GET", server.address + path, connectTimeout: timeout))
    }

    @Test func `a granted request makes way for bytes of any kind`() throws {
        let connection = try open("/upgrade")
        #expect(connection.head.status == 101)
        #expect(connection.head["upgrade"] == "echo")
        let sent = Bytes((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 9) })
        for start in stride(from: 0, to: sent.count, by: 30_000) {
            connection.send(Bytes(sent[start..<start + 30_000]))
        }
        var heard: Bytes = []
        while heard.count < sent.count + 5 {
            try connection.flush()
            if let bytes = try connection.receive() {
                try #require(!bytes.isEmpty)
                heard += bytes
                continue
            }
            // The server has it all and answers; a test need not wait well.
            sched_yield()
        }
        // What came along with the head is not lost.
        #expect(heard.starts(with: Bytes("early".utf8)))
        #expect(Bytes(heard.dropFirst(5)) == sent)
        #expect(!connection.hasUnsent)
    }

    @Test func `a refusal comes with its text`() throws {
        let connection = try open("/hello")
        #expect(connection.head.status == 200)
        #expect(connection.refusal == Bytes("hello".utf8))
    }

    @Test func `a server that does not answer is waited for no longer than is said`() throws {
        #expect(throws: HTTPFailure.timedOut) {
            try open("/never", timeout: .milliseconds(200))
        }
    }
}
