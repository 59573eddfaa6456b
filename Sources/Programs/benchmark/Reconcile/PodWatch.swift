import Primitives
import ResourceModel

/// A client that watches all pods of the default namespace while it makes its calls, one after
/// another, and takes down when each pod was first seen to run and to be gone.
///
/// SAFETY: bytes of answers are copied during the call that brings them.
@safe
final class PodWatch: LoadPattern {
    /// Its streams: one watches, one calls.
    private static let (watching, calling) = (0, 1)
    private static let callSeconds: Int64 = 30
    static let pods = APIObjects.namespace + "pods"

    private let server: APIServerProcess
    private let driver: LoadDriver
    private var lines = LineBuffer()
    private var isAnswered = false
    private var problem: String?

    /// By name: when the pod ran.
    private(set) var runningSince: [String: Int64] = [:]
    /// Pods that are there.
    private(set) var present: Set<String> = []
    /// When the last event came.
    private(set) var lastEventTime: Int64 = 0

    /// Connects and begins to watch.
    init(_ server: APIServerProcess) throws {
        self.server = server
        driver = try LoadDriver(
            clients: 2, ports: [server.apiPort], security: server.security())
        driver.pattern = self
        driver.submit(Self.watching, APIServerProcess.call("GET", Self.pods + "?watch=1"))
        try wait(seconds: Self.callSeconds, "the watch") {
            self.driver.streams[Self.watching].status != 200
        }
    }

    /// Hangs up. To be called at the end, as driver and pattern hold each other.
    func close() {
        driver.close()
    }

    /// Makes a call that must succeed.
    func call(_ call: HTTPCall, _ content: Bytes = []) throws {
        isAnswered = false
        driver.edit(Self.calling) { $0.body = content }
        driver.submit(Self.calling, call)
        try wait(seconds: Self.callSeconds, "an answer") { !self.isAnswered }
        let status = driver.streams[Self.calling].status
        guard (200...299).contains(status) else {
            throw LoadFailure.connection("\(call.method) \(call.path): status \(status)")
        }
    }

    /// Lets events come as long as `isWanted`.
    /// - Throws: if that is longer than `seconds`.
    func wait(seconds: Int64, _ what: String, while isWanted: () -> Bool) throws {
        let deadline = nanoseconds() + seconds * 1_000_000_000
        try driver.run(until: deadline) { problem == nil && isWanted() }
        try server.checkAlive()
        if let problem = problem ?? driver.failure { throw LoadFailure.connection(problem) }
        if isWanted() { throw LoadFailure.connection("\(what) took longer than \(seconds) s") }
    }

    /// Lets events come for so long.
    func pause(seconds: Int) throws {
        let end = nanoseconds() + Int64(seconds) * 1_000_000_000
        try driver.run(until: end) { problem == nil }
        try server.checkAlive()
        if let problem = problem ?? driver.failure { throw LoadFailure.connection(problem) }
    }

    func finished(_ client: Int) {
        if client == Self.calling {
            isAnswered = true
        } else {
            problem = problem ?? "the watch ended, status \(driver.streams[client].status)"
        }
    }

    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer) {
        guard client == Self.watching else { return }
        for line in unsafe lines.take(bytes) {
            guard let event = PodEvent(line) else {
                let text = String(decoding: line.prefix(500), as: UTF8.self)
                problem = problem ?? "an event that is none: \(text)"
                return
            }
            note(event)
        }
    }

    private func note(_ event: PodEvent) {
        lastEventTime = driver.readTime
        guard !event.isDeletion else {
            present.remove(event.name)
            return
        }
        present.insert(event.name)
        if event.isRunning, runningSince[event.name] == nil {
            runningSince[event.name] = driver.readTime
        }
    }
}

/// What an event of a watch says of a pod.
struct PodEvent: Equatable {
    var name: String
    var isDeletion: Bool
    var isRunning: Bool

    /// Nil for what is no event of an object.
    init?(_ line: Bytes) {
        // What cannot be parsed is no event.
        guard let json = try? JSON(parsing: line),
            let name = json.value(at: "object.metadata.name").stringValue,
            let type = json["type"].stringValue, type != "ERROR"
        else { return nil }
        self.name = name
        isDeletion = type == "DELETED"
        isRunning = json.value(at: "object.status.phase") == "Running"
    }
}

/// Cuts what comes in pieces into lines.
///
/// SAFETY: the bytes are copied.
struct LineBuffer {
    private var rest = Bytes()

    /// The lines that have come to their end with this piece.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> [Bytes] {
        unsafe rest.append(contentsOf: bytes)
        var lines: [Bytes] = []
        var start = 0
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(Bytes(rest[start..<end]))
            start = end + 1
        }
        rest.removeFirst(start)
        return lines
    }
}
