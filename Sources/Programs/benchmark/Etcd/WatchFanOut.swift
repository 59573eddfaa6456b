import Primitives

/// Watchers, each on a stream of its own, and clients that put what they watch: measures the
/// time from sending a put to the arrival of each of its events.
///
/// SAFETY: bytes of answers are read only during the call that brings them; a message that comes
/// in parts is copied.
@safe
final class WatchFanOut: LoadPattern {
    /// Who watches what.
    enum Shape: String, CaseIterable {
        /// One client puts one key that all watch, and waits until all know.
        case oneKey = "watch 1 × 1,000"
        /// Each watcher has a key; many clients put keys of their own shares.
        case manyKeys = "watch 1,000 × 1"
    }

    static let watchers = 1_000
    /// Clients that put.
    private static let manyPutters = 100
    private static let patienceSeconds: Int64 = 20

    private let cluster: ServerCluster
    private let shape: Shape
    private let putters: Int
    private let driver: LoadDriver
    private let put = RequestTemplate.put()
    private var random: SplitMix64
    /// By putter: when it last put, and how many answers and events are still to come.
    private var started: [Int64]
    private var missing: [Int]
    /// By watcher: the beginning of a message that has not come as a whole.
    private var pieces: [Bytes]
    private var created = 0
    private var latencies: [Int64] = []
    private var isRecording = false
    private var isStopping = false
    private var errors = 0
    private var firstError: String?

    init(_ cluster: ServerCluster, _ shape: Shape, seed: UInt64) throws {
        self.cluster = cluster
        self.shape = shape
        putters = shape == .oneKey ? 1 : Self.manyPutters
        // Rounded up, so that watchers and putters share no connection.
        driver = try LoadDriver(clients: Self.watchers + putters, ports: cluster.clientPorts)
        random = SplitMix64(seed: seed)
        started = Array(repeating: 0, count: putters)
        missing = Array(repeating: 0, count: putters)
        pieces = Array(repeating: [], count: Self.watchers)
        latencies.reserveCapacity(1 << 20)
    }

    /// Measures for so long, after a warm-up.
    func run(seconds: Double, warmUpSeconds: Double) throws -> LoadFigures {
        driver.pattern = self
        defer { driver.close() }
        try watch()
        driver.readTime = nanoseconds()
        for putter in 0..<putters { putNext(putter) }
        try driver.run(until: nanoseconds() + Int64(warmUpSeconds * 1e9)) { errors == 0 }
        isRecording = true
        let window = LoadWindow(cluster)
        try driver.run(until: nanoseconds() + Int64(seconds * 1e9)) { errors == 0 }
        isRecording = false
        var figures = window.close(count: latencies.count, latencies: latencies)
        isStopping = true
        try driver.run(until: nanoseconds() + Self.patienceSeconds * 1_000_000_000) {
            missing.contains { $0 != 0 } && errors == 0
        }
        try cluster.checkAlive()
        let lost = missing.reduce(0) { $0 + abs($1) }
        figures.errors = errors + lost
        figures.firstError =
            firstError ?? driver.firstMessage ?? driver.failure
            ?? (lost > 0 ? "events or answers are missing" : nil)
        return figures
    }

    /// Opens all watches and waits until they exist.
    private func watch() throws {
        let template = RequestTemplate.watch()
        for watcher in 0..<Self.watchers {
            driver.edit(watcher) { stream in
                stream.staysOpen = true
                template.write(into: &stream, key: shape == .oneKey ? 0 : watcher)
            }
            driver.submit(watcher, template.method)
        }
        try driver.run(until: nanoseconds() + Self.patienceSeconds * 1_000_000_000) {
            created < Self.watchers && errors == 0
        }
        guard created == Self.watchers else {
            let reason = firstError ?? driver.firstMessage ?? driver.failure ?? "no answer"
            throw LoadFailure.connection(
                "\(Self.watchers - created) of \(Self.watchers) watches were not made: \(reason)")
        }
    }

    private func putNext(_ putter: Int) {
        let share = Self.watchers / putters
        let key = shape == .oneKey ? 0 : putter * share + random.below(share)
        missing[putter] = 1 + (shape == .oneKey ? Self.watchers : 1)
        started[putter] = driver.readTime
        let client = Self.watchers + putter
        driver.edit(client) { put.write(into: &$0, key: key) }
        driver.submit(client, put.method)
    }

    /// The answer to the putter's put, or one of its events, has come.
    private func arrived(_ putter: Int, _ count: Int) {
        missing[putter] -= count
        if missing[putter] < 0 { fail("an event came twice") }
        guard missing[putter] == 0, !isStopping, errors == 0 else { return }
        putNext(putter)
    }

    private func fail(_ reason: String) {
        errors += 1
        firstError = firstError ?? driver.firstMessage ?? reason
    }

    func finished(_ client: Int) {
        if client < Self.watchers {
            fail("a watch stream ended")
        } else if driver.streams[client].isAnswered {
            arrived(client - Self.watchers, 1)
        } else {
            fail("a put failed")
        }
    }

    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer) {
        guard client < Self.watchers else { return }
        var rest = unsafe bytes
        if pieces[client].isEmpty {
            // Nearly always: whole messages, read where they are.
            while let size = unsafe Self.messageBytes(rest), size <= rest.count {
                unsafe read(client, UnsafeRawBufferPointer(rebasing: rest[5..<size]))
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest[size...])
            }
            unsafe pieces[client].append(contentsOf: rest)
            return
        }
        unsafe pieces[client].append(contentsOf: rest)
        let joined = pieces[client]
        pieces[client] = []
        unsafe joined.withUnsafeBytes { unsafe received(client, $0) }
    }

    /// The size of the message at the beginning, its prefix included; nil if that has not come.
    private static func messageBytes(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 5 else { return nil }
        return (1...4).reduce(0) { unsafe $0 << 8 | Int(bytes[$1]) } + 5
    }

    private func read(_ watcher: Int, _ bytes: UnsafeRawBufferPointer) {
        guard let message = unsafe WatchMessage(bytes), !message.isCancelled else {
            fail("a watch was cancelled, or its answer is none")
            return
        }
        if message.isCreated { created += 1 }
        guard message.events > 0 else { return }
        let putter = shape == .oneKey ? 0 : watcher / (Self.watchers / putters)
        if isRecording {
            for _ in 0..<message.events { latencies.append(driver.readTime - started[putter]) }
        }
        arrived(putter, message.events)
    }
}
