import APIClient
import Primitives
import ResourceModel
import Synchronization

/// Answers one request after the other with what a test has prepared, in pieces.
final class ScriptedTransport: APITransport {
    private let script: Mutex<[(status: Int, pieces: [String])]>
    private let sent = Mutex<[APIRequest]>([])

    init(_ script: [(status: Int, pieces: [String])]) {
        self.script = Mutex(script)
    }

    /// What was asked for.
    var requests: [APIRequest] { sent.withLock { $0 } }

    func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        sent.withLock { $0.append(request) }
        let next = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let next else { throw .serviceUnavailable("no server") }
        return ScriptedAnswer(status: next.status, pieces: next.pieces)
    }
}

private final class ScriptedAnswer: APIAnswer {
    let status: Int
    private let pieces: Mutex<[String]>

    init(status: Int, pieces: [String]) {
        self.status = status
        self.pieces = Mutex(pieces)
    }

    func next() async throws(APIFailure) -> Bytes? {
        pieces.withLock { $0.isEmpty ? nil : Array($0.removeFirst().utf8) }
    }

    func close() {}
}
