/// Clients that share out numbered calls and each wait for their answer before the next.
final class ManyClients: LoadPattern {
    private static let patienceSeconds: Int64 = 300

    private let driver: LoadDriver
    private let count: Int
    private let prepare: (Int, inout LoadStream) -> HTTPCall
    private var next = 0
    private var completed = 0
    private var errors = 0

    /// Prepares `count` calls; `prepare` sets the body of each and names it.
    init(
        _ server: APIServerProcess, clients: Int, count: Int,
        _ prepare: @escaping (Int, inout LoadStream) -> HTTPCall
    ) throws {
        driver = try LoadDriver(
            clients: clients, ports: [server.apiPort], security: server.security())
        self.count = count
        self.prepare = prepare
    }

    /// Makes all calls; answers the nanoseconds that took.
    /// - Throws: if one fails.
    func run() throws -> Int64 {
        driver.pattern = self
        defer { driver.close() }
        let start = nanoseconds()
        for client in driver.streams.indices { ask(client) }
        try driver.run(until: start + Self.patienceSeconds * 1_000_000_000) {
            completed < count && errors == 0
        }
        guard completed == count else {
            throw LoadFailure.connection(
                "\(completed) of \(count) calls succeeded: "
                    + (driver.failure ?? "one had status \(failedStatus)"))
        }
        return nanoseconds() - start
    }

    private var failedStatus = 0

    private func ask(_ client: Int) {
        guard next < count else { return }
        var call: HTTPCall?
        driver.edit(client) { stream in
            stream.successes = 200...299
            call = prepare(next, &stream)
        }
        next += 1
        if let call { driver.submit(client, call) }
    }

    func finished(_ client: Int) {
        if driver.streams[client].isAnswered {
            completed += 1
            ask(client)
        } else {
            errors += 1
            failedStatus = driver.streams[client].status
        }
    }

    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer) {}
}
