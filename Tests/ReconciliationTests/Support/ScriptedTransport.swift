import APIClient
import Primitives
import ResourceModel
import Synchronization

/// Answers one request after the other as a script says; those behind its end wait for ever.
final class ScriptedTransport: APITransport {
    enum Answer: Sendable {
        /// A whole answer.
        case json(Int, JSON)
        /// A watch with these events that ends, or fails.
        case watch([JSON], APIFailure? = nil)
        /// No answer at all.
        case failure(APIFailure)
    }

    private let script: Mutex<[Answer]>
    private let sent = Mutex<[APIRequest]>([])
    private let endings: AsyncStream<Void>
    private let ending: AsyncStream<Void>.Continuation
    /// What is answered behind the script's end.
    let last = Pipe()

    init(_ script: [Answer]) {
        self.script = Mutex(script)
        (endings, ending) = AsyncStream.makeStream()
    }

    /// What was asked for: method and target.
    var requests: [String] { sent.withLock { $0.map { "\($0.method) \($0.target)" } } }

    /// The requests themselves.
    var sentRequests: [APIRequest] { sent.withLock { $0 } }

    /// Waits until somebody asks behind the script's end.
    func end() async { for await _ in endings { break } }

    func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        sent.withLock { $0.append(request) }
        let answer = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        switch answer {
        case .json(let status, let json): return Pipe(status, json.encoded)
        case .watch(let events, let failure):
            let pipe = Pipe()
            for event in events { pipe.put(event.encoded + [UInt8(ascii: "\n")]) }
            pipe.end(failure)
            return pipe
        case .failure(let failure): throw failure
        case nil:
            ending.yield()
            return last
        }
    }
}

extension JSON {
    /// An event of a watch.
    static func event(_ type: String, _ name: String, _ version: Int64) -> JSON {
        [
            "type": .string(type),
            "object": [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": .string(name), "namespace": "default",
                    "resourceVersion": .string("\(version)"),
                ],
            ],
        ]
    }

    /// A list of nothing as of a version.
    static func list(_ version: Int64, _ items: [JSON] = []) -> JSON {
        [
            "kind": "ConfigMapList", "metadata": ["resourceVersion": .string("\(version)")],
            "items": .array(items),
        ]
    }
}
