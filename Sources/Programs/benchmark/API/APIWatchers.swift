import Glibc
import Primitives

/// Watchers of one resource, each on a stream of its own, and a client that writes so often:
/// measures the time from when a write was due to the arrival of each of its events.
///
/// SAFETY: bytes of answers are read only during the call that brings them and inside their
/// counts; a line that comes in parts is copied.
@safe
final class APIWatchers: LoadPattern {
    /// Objects that are written in turn.
    static let objects = 100
    private static let patienceSeconds: Int64 = 20
    private static let sequenceMark = Bytes("\"sequence\":\"".utf8)
    /// Streams that write, beside the watchers.
    private static let writers = 32

    private let server: APIServerProcess
    private let driver: LoadDriver
    private let watchers: Int
    private let padding: Int
    /// By write: when it was due.
    private var dueTimes: [Int64] = []
    /// By watcher: how many events have come, and the beginning of a line.
    private var arrived: [Int]
    private var pieces: [Bytes]
    private var idle: [Int] = []
    private var begun = 0
    private var firstRecorded = Int.max
    private(set) var latencies: [Int64] = []
    /// Of the same writes, to the answer.
    private(set) var writeLatencies: [Int64] = []
    /// By writing client: which write is on its way.
    private var writing: [Int: Int] = [:]
    private(set) var bytesReceived = 0
    private(set) var lateWrites = 0
    private var problem: String?

    init(_ server: APIServerProcess, watchers: Int, padding: Int) throws {
        self.server = server
        self.watchers = watchers
        self.padding = padding
        driver = try LoadDriver(
            clients: watchers + Self.writers, ports: [server.apiPort],
            security: server.security())
        arrived = Array(repeating: 0, count: watchers)
        pieces = Array(repeating: [], count: watchers)
        idle = Array(watchers..<watchers + Self.writers)
    }

    /// Hangs up. To be called at the end, as driver and pattern hold each other.
    func close() {
        driver.close()
    }

    /// The call that each watcher makes.
    static func watch(from version: String) -> HTTPCall {
        APIServerProcess.call(
            "GET",
            APIObjects.namespace + "configmaps?watch=1&resourceVersion=" + version)
    }

    static func name(_ number: Int) -> String { "watched-\(number % objects)" }

    /// Opens all watches, in groups, and waits until each has been answered.
    func open(from version: String) throws {
        driver.pattern = self
        let call = Self.watch(from: version)
        for first in stride(from: 0, to: watchers, by: 100) {
            let last = min(first + 100, watchers)
            for watcher in first..<last { driver.submit(watcher, call) }
            try wait { (first..<last).contains { driver.streams[$0].status < 0 } }
        }
        let refused = (0..<watchers).filter { driver.streams[$0].status != 200 }.count
        guard refused == 0 else {
            throw LoadFailure.connection("\(refused) watches were refused")
        }
    }

    /// Writes so often for so long. What is sent from now on counts if `isRecorded`.
    func write(perSecond: Int, seconds: Double, isRecorded: Bool) throws {
        if isRecorded { firstRecorded = min(firstRecorded, begun) }
        let interval = 1_000_000_000 / Int64(perSecond)
        var due = nanoseconds()
        let end = due + Int64(seconds * 1e9)
        while due < end, problem == nil {
            try driver.run(until: due) { problem == nil }
            if idle.isEmpty { try wait { idle.isEmpty } }
            if nanoseconds() - due > interval { lateWrites += 1 }
            guard let client = idle.popLast() else {
                throw LoadFailure.connection("\(Self.writers) writes are not answered")
            }
            let sequence = begun
            driver.edit(client) { stream in
                stream.successes = 200...299
                stream.body = APIObjects.configMap(
                    Self.name(sequence), sequence: sequence, padding: padding)
            }
            writing[client] = begun
            begun += 1
            dueTimes.append(due)
            driver.submit(
                client,
                APIServerProcess.call(
                    "PUT", APIObjects.namespace + "configmaps/" + Self.name(sequence)))
            due += interval
        }
        try check()
    }

    /// Waits until each watcher has got every write exactly once.
    func drain() throws {
        try wait { arrived.contains { $0 < begun } }
        guard arrived.allSatisfy({ $0 == begun }) else {
            let wrong = arrived.filter { $0 != begun }
            throw LoadFailure.connection(
                "\(wrong.count) watchers saw \(wrong.min() ?? 0) to \(wrong.max() ?? 0) "
                    + "of \(begun) writes")
        }
    }

    private func wait(while isWanted: () -> Bool) throws {
        let deadline = nanoseconds() + Self.patienceSeconds * 1_000_000_000
        try driver.run(until: deadline) { problem == nil && isWanted() }
        try check()
    }

    private func check() throws {
        try server.checkAlive()
        if let problem = problem ?? driver.failure { throw LoadFailure.connection(problem) }
    }

    func finished(_ client: Int) {
        if client < watchers {
            problem = problem ?? "a watch ended with status \(driver.streams[client].status)"
        } else if driver.streams[client].isAnswered {
            idle.append(client)
            guard let sequence = writing[client], sequence >= firstRecorded else { return }
            writeLatencies.append(driver.readTime - dueTimes[sequence])
        } else {
            problem = problem ?? "a write had status \(driver.streams[client].status)"
        }
    }

    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer) {
        guard client < watchers else { return }
        bytesReceived += bytes.count
        if !pieces[client].isEmpty {
            unsafe pieces[client].append(contentsOf: bytes)
            let joined = pieces[client]
            pieces[client] = []
            unsafe joined.withUnsafeBytes { unsafe readLines(client, $0) }
        } else {
            unsafe readLines(client, bytes)
        }
    }

    private func readLines(_ watcher: Int, _ bytes: UnsafeRawBufferPointer) {
        var rest = unsafe bytes
        while let start = rest.baseAddress, let end = unsafe memchr(start, 10, rest.count) {
            let count = unsafe end - UnsafeMutableRawPointer(mutating: start)
            unsafe readEvent(watcher, UnsafeRawBufferPointer(rebasing: rest[..<count]))
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[(count + 1)...])
        }
        if unsafe !rest.isEmpty { unsafe pieces[watcher].append(contentsOf: rest) }
    }

    private func readEvent(_ watcher: Int, _ line: UnsafeRawBufferPointer) {
        guard let sequence = unsafe Self.sequence(in: line), sequence < begun else {
            problem = problem ?? "an event is none of our writes"
            return
        }
        arrived[watcher] += 1
        if sequence >= firstRecorded { latencies.append(driver.readTime - dueTimes[sequence]) }
    }

    /// The number behind the mark in an event; nil if there is none.
    static func sequence(in line: UnsafeRawBufferPointer) -> Int? {
        guard let offset = unsafe end(of: sequenceMark, in: line) else { return nil }
        let digits = unsafe line[offset...].prefix { (48...57).contains($0) }.prefix(9)
        return unsafe digits.isEmpty ? nil : digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    /// Where the mark, which begins with a quote, ends. Quotes are few, padding has none.
    private static func end(of mark: Bytes, in line: UnsafeRawBufferPointer) -> Int? {
        guard let start = line.baseAddress else { return nil }
        var offset = 0
        while offset + mark.count <= line.count,
            let quote = unsafe memchr(start + offset, Int32(mark[0]), line.count - offset)
        {
            offset = unsafe quote - UnsafeMutableRawPointer(mutating: start)
            guard offset + mark.count <= line.count else { return nil }
            if unsafe memcmp(start + offset, mark, mark.count) == 0 { return offset + mark.count }
            offset += 1
        }
        return nil
    }
}
