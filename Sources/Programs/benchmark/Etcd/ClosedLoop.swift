import Primitives

/// Clients that each ask, wait for the answer and ask again.
final class ClosedLoop: LoadPattern {
    /// So many errors end a run: a figure would say nothing.
    private static let errorsMax = 10_000
    /// How long the answers that are due at the end are waited for.
    private static let drainSeconds: Int64 = 20
    /// A measurement goes on until there are so many answers for each client, but not longer
    /// than so many times the time it should take.
    private static let answersPerClientMin = 3
    private static let stretchMax = 10.0

    private let cluster: ServerCluster
    private let driver: LoadDriver
    private var workload: Workload
    private let clients: Int
    private var started: [Int64]
    private var latencies: [Int64] = []
    private var isRecording = false
    private var isStopping = false
    private var waiting = 0
    private var completed = 0
    private var errors = 0

    init(_ cluster: ServerCluster, _ kind: WorkloadKind, clients: Int, seed: UInt64) throws {
        self.cluster = cluster
        self.clients = clients
        driver = try LoadDriver(clients: clients, ports: cluster.clientPorts)
        workload = Workload(kind, clients: clients, seed: seed)
        started = Array(repeating: 0, count: clients)
        latencies.reserveCapacity(1 << 20)
    }

    /// Measures for so long, after a warm-up.
    func run(seconds: Double, warmUpSeconds: Double) throws -> LoadFigures {
        begin()
        defer { driver.close() }
        try pass(seconds: warmUpSeconds, answersPerClient: 1)
        latencies.removeAll(keepingCapacity: true)
        isRecording = true
        let window = LoadWindow(cluster)
        try pass(seconds: seconds, answersPerClient: Self.answersPerClientMin)
        isRecording = false
        let figures = window.close(count: completed, latencies: latencies)
        isStopping = true
        return try finish(figures)
    }

    /// Runs for so long, and longer where so few answers come that their latencies would be
    /// those of the luckiest clients alone.
    private func pass(seconds: Double, answersPerClient: Int) throws {
        let start = nanoseconds()
        completed = 0
        try driver.run(until: start + Int64(seconds * 1e9)) { errors < Self.errorsMax }
        try driver.run(until: start + Int64(seconds * Self.stretchMax * 1e9)) {
            completed < clients * answersPerClient && errors < Self.errorsMax
        }
    }

    /// Measures until the workload has nothing left.
    func runToEnd() throws -> LoadFigures {
        isRecording = true
        let window = LoadWindow(cluster)
        begin()
        defer { driver.close() }
        var known = -1
        // As long as anything moves there is hope.
        while waiting > 0, completed + errors != known, driver.failure == nil {
            known = completed + errors
            try driver.run(until: nanoseconds() + Self.drainSeconds * 1_000_000_000) {
                waiting > 0 && errors < Self.errorsMax
            }
        }
        return try finish(window.close(count: completed, latencies: latencies))
    }

    private func begin() {
        driver.pattern = self
        driver.readTime = nanoseconds()
        for client in 0..<clients { ask(client) }
    }

    /// Waits for what is due, and counts what never came as errors.
    private func finish(_ figures: LoadFigures) throws -> LoadFigures {
        let deadline = nanoseconds() + Self.drainSeconds * 1_000_000_000
        try driver.run(until: deadline) { waiting > 0 && errors < Self.errorsMax }
        try cluster.checkAlive()
        var figures = figures
        figures.errors = errors + waiting
        if figures.errors > 0 {
            figures.firstError =
                driver.firstMessage ?? driver.failure
                ?? (waiting > 0 ? "no answer" : "an answer of unexpected size")
        }
        return figures
    }

    private func ask(_ client: Int) {
        var method: LoadMethod?
        driver.edit(client) { method = workload.next(client, &$0) }
        guard let method else { return }
        started[client] = driver.readTime
        waiting += 1
        driver.submit(client, method)
    }

    func finished(_ client: Int) {
        waiting -= 1
        if driver.streams[client].isAnswered {
            completed += 1
            if isRecording {
                latencies.append(driver.readTime - started[client])
            }
        } else {
            errors += 1
        }
        if isStopping, !workload.isInside(client) { return }
        guard driver.failure == nil, errors < Self.errorsMax else { return }
        ask(client)
    }

    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer) {}
}
