import APIClient
import Primitives
import ResourceModel
import Synchronization

/// What goes wrong for the controllers of a story: RELIABILITY C2, after Sieve (Sun et al.,
/// OSDI 2022).
enum Perturbation: Sendable, Hashable, CustomStringConvertible {
    case none
    /// The process dies behind one of its writes, before it hears the answer; another comes.
    case death(behindWrite: Int)
    /// The process begins anew, and is first served what there was behind one of its writes.
    case oldCaches(asOfWrite: Int)
    /// One event is never told: the watch breaks before it, and a later list shows what has come
    /// of it.
    case missedEvent(Int)

    var description: String {
        switch self {
        case .none: "nothing wrong"
        case .death(let write): "death behind write \(write)"
        case .oldCaches(let write): "caches as of write \(write)"
        case .missedEvent(let event): "event \(event) missed"
        }
    }
}

/// The API as one process of controllers sees it: one namespace and one node, with one thing that
/// goes wrong.
final class PerturbedTransport: APITransport {
    private struct State {
        var writes: [Write] = []
        var eventCount = 0
        var isServedOldLists: Bool
        var isDead = false
        /// Watches that wait until the old lists have been acted on.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// A write and what became of it.
    struct Write: Sendable {
        var method: String
        var path: String
        var status: Int
        /// As of which everything is that this write has left behind; nil if it does not say.
        var version: Int64?
        /// Whether it made, changed or deleted something, beside events and statuses.
        var isDecision: Bool {
            status < 300 && !path.contains("/events") && !path.hasSuffix("/status")
        }
    }

    private let base: any APITransport
    private let namespace: String
    private let crashAfter: Int?
    private let missedEvent: Int?
    private let oldVersion: Int64?
    private let state: Mutex<State>

    init(
        _ base: any APITransport, namespace: String, crashAfter: Int? = nil,
        missedEvent: Int? = nil, oldVersion: Int64? = nil
    ) {
        self.base = base
        self.namespace = namespace
        self.crashAfter = crashAfter
        self.missedEvent = missedEvent
        self.oldVersion = oldVersion
        state = Mutex(State(isServedOldLists: oldVersion != nil))
    }

    var writes: [Write] { state.withLock { $0.writes } }
    var eventCount: Int { state.withLock { $0.eventCount } }

    /// Whether the process has died: nothing gets through any more.
    var isDead: Bool { state.withLock { $0.isDead } }
    /// Has it die.
    func kill() { state.withLock { $0.isDead = true } }

    /// From now on the present is served.
    func catchUp() {
        let waiting = state.withLock { state in
            state.isServedOldLists = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for watch in waiting { watch.resume() }
    }

    func send(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        guard !isDead else { throw .serviceUnavailable("dead") }
        return request.method == "GET" ? try await read(request) : try await write(request)
    }

    private func write(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        let answer = try await base.send(request)
        let body = try await answer.body()
        // The answer to a deletion may be no object.
        let object = try? JSON(parsing: body)
        let version = object?.value(at: "metadata.resourceVersion").stringValue
        let write = Write(
            method: request.method, path: String(request.target.split(separator: "?")[0]),
            status: answer.status, version: version.flatMap { Int64($0) })
        state.withLock { state in
            state.writes.append(write)
            if state.writes.count == crashAfter { state.isDead = true }
        }
        catchUp()
        guard !isDead else { throw .serviceUnavailable("dead") }
        return WholeAnswer(status: answer.status, bytes: body)
    }

    private func read(_ request: APIRequest) async throws(APIFailure) -> any APIAnswer {
        var request = request
        request.target = scoped(request.target)
        guard request.target.contains("watch=true") else {
            if let oldVersion, state.withLock({ $0.isServedOldLists }),
                request.target.contains("limit=")
            {
                request.target += "&resourceVersion=\(oldVersion)&resourceVersionMatch=Exact"
            }
            return try await base.send(request)
        }
        await withCheckedContinuation { watch in
            let mayGo = state.withLock { state in
                if state.isServedOldLists { state.waiting.append(watch) }
                return !state.isServedOldLists
            }
            if mayGo { watch.resume() }
        }
        let answer = try await base.send(request)
        return EventCounter(answer) { [self] in
            state.withLock { state in
                state.eventCount += 1
                return state.eventCount == missedEvent
            }
        }
    }

    /// Collections of all namespaces become those of one; of nodes and their leases the one that
    /// is named like the namespace remains.
    private func scoped(_ target: String) -> String {
        let parts = target.split(separator: "?", maxSplits: 1)
        var path = parts[0].split(separator: "/").map(String.init)
        guard path.count == (path[0] == "api" ? 3 : 4), parts.count == 2 else { return target }
        let kind = path.removeLast()
        let ours = "&fieldSelector=metadata.name%3D\(namespace)"
        switch kind {
        case "nodes": return target + ours
        case "leases": path += ["namespaces", "kube-node-lease", kind]
        default: path += ["namespaces", namespace, kind]
        }
        return "/" + path.joined(separator: "/") + "?" + parts[1] + (kind == "leases" ? ours : "")
    }
}

/// An answer that has come already.
private final class WholeAnswer: APIAnswer {
    let status: Int
    private let bytes: Mutex<Bytes?>

    init(status: Int, bytes: Bytes) {
        self.status = status
        self.bytes = Mutex(bytes)
    }

    func next() async throws(APIFailure) -> Bytes? {
        bytes.withLock { bytes in
            defer { bytes = nil }
            return bytes
        }
    }

    func close() {}
}

/// A watch whose events are counted; the one that is missed is its end.
private final class EventCounter: APIAnswer {
    private let base: any APIAnswer
    /// Counts an event; answers whether it is the one.
    private let isMissed: @Sendable () -> Bool
    private let state = Mutex((rest: Bytes(), isOver: false))

    init(_ base: any APIAnswer, _ isMissed: @escaping @Sendable () -> Bool) {
        self.base = base
        self.isMissed = isMissed
    }

    var status: Int { base.status }
    func close() { base.close() }

    func next() async throws(APIFailure) -> Bytes? {
        guard !state.withLock({ $0.isOver }) else { return nil }
        guard let piece = try await base.next() else { return nil }
        return state.withLock { state in
            state.rest += piece
            var told = Bytes()
            while let end = state.rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Bytes(state.rest[...end])
                state.rest.removeFirst(end + 1)
                if !line.starts(with: #"{"type":"BOOKMARK""#.utf8), isMissed() {
                    state.isOver = true
                    return told + Self.expired
                }
                told += line
            }
            return told
        }
    }

    private static let expired = Bytes(
        #"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","#.utf8)
        + Bytes(#""reason":"Expired","code":410,"message":"missed"}}"#.utf8) + [10]
}
