import Primitives

/// How soon many watchers know of writes, and what that costs.
struct WatchMeasurement: APIMeasurement {
    private static let warmUpSeconds = 3.0

    let watchers: Int
    /// Watchers that never read, beside those that do.
    let stalled: Int
    let writesPerSecond: Int
    let padding: Int
    let seconds: Double

    var name: String { "watch" }

    func run(_ server: APIServerProcess, _ report: inout Report) throws {
        let version = try prepare(server)
        let before = server.usage.anonymousBytes
        let load = try APIWatchers(server, watchers: watchers, padding: padding)
        defer { load.close() }
        try load.open(from: version)
        let deaf = try StalledWatchers(server, count: stalled, from: version)
        defer { deaf.close() }
        let opened = server.usage.anonymousBytes
        try load.write(
            perSecond: writesPerSecond, seconds: Self.warmUpSeconds, isRecorded: false)
        let (began, own) = (nanoseconds(), ProcessUsage.ownCPUNanoseconds)
        let busy = Machine.busyNanoseconds
        let (cpu, bytes) = (server.usage.cpuNanoseconds, load.bytesReceived)
        try load.write(perSecond: writesPerSecond, seconds: seconds / 2, isRecorded: true)
        let half = server.usage.anonymousBytes
        try load.write(perSecond: writesPerSecond, seconds: seconds / 2, isRecorded: true)
        let end = server.usage
        let elapsed = Double(nanoseconds() - began)
        let ownPart = Double(ProcessUsage.ownCPUNanoseconds - own) / elapsed
        let serverPart = Double(end.cpuNanoseconds - cpu) / elapsed
        let others = Double(Machine.busyNanoseconds - busy) / elapsed - ownPart - serverPart
        try load.drain()
        let durations = Durations(load.latencies)
        let p99 = durations.microseconds(0.99)
        report.add(
            "watch, \(grouped(watchers)) × \(writesPerSecond)/s",
            "p50 \(ComparisonReport.duration(durations.microseconds(0.5))), "
                + "p99 \(ComparisonReport.duration(p99))",
            goal: "p99 ≤ 20 ms", p99 <= 20_000)
        let writes = Durations(load.writeLatencies)
        report.add(
            "watch, the writes themselves",
            "p50 \(ComparisonReport.duration(writes.microseconds(0.5))), "
                + "p99 \(ComparisonReport.duration(writes.microseconds(0.99)))",
            goal: "", nil)
        let events = Double(load.latencies.count)
        report.add(
            "watch, delivered",
            "\(grouped(Int(events / elapsed * 1e9)))/s, "
                + "\(rounded(Double(load.bytesReceived - bytes) / elapsed * 1e3)) MB/s, "
                + "\(load.lateWrites) writes late",
            goal: "", nil)
        report.add(
            "watch, processors",
            "server \(rounded(serverPart)), generator \(rounded(ownPart)), "
                + "others \(rounded(max(0, others))) of \(Machine.cores)",
            goal: "", nil)
        // Without the store's file: what is mapped of it the kernel can take back.
        let growth = (end.anonymousBytes - half) / 1_000_000
        report.add(
            "watch, memory",
            "\(before / 1_000_000) MB, opened \(opened / 1_000_000), half \(half / 1_000_000), "
                + "end \(end.anonymousBytes / 1_000_000)",
            goal: "≤ 10 MB growth from half to end", growth <= 10)
    }

    /// Makes what is written, unlike any write, and answers the version to watch from.
    private func prepare(_ server: APIServerProcess) throws -> String {
        let api = try server.client()
        defer { api.close() }
        for number in 0..<APIWatchers.objects {
            try api.call(
                APIServerProcess.call("POST", APIObjects.namespace + "configmaps"),
                APIObjects.configMap(APIWatchers.name(number), sequence: -1, padding: padding))
        }
        let list = try api.call(
            APIServerProcess.call("GET", APIObjects.namespace + "configmaps?limit=1"))
        let text = String(decoding: list.body.prefix(400), as: UTF8.self)
        guard let mark = text.firstRange(of: "\"resourceVersion\":\"") else {
            throw LoadFailure.connection("a list without resourceVersion: \(text)")
        }
        return String(text[mark.upperBound...].prefix { $0.isNumber })
    }
}

/// Watchers that ask and then never read.
final class StalledWatchers: LoadPattern {
    private static let patienceSeconds: Int64 = 20
    private let driver: LoadDriver

    /// Opens the watches, each on a connection of its own, and waits for the head of each answer.
    init(_ server: APIServerProcess, count: Int, from version: String) throws {
        driver = try LoadDriver(
            clients: count, ports: [server.apiPort], security: server.security(),
            clientsPerConnection: 1)
        driver.pattern = self
        for client in 0..<count { driver.submit(client, APIWatchers.watch(from: version)) }
        try driver.run(until: nanoseconds() + Self.patienceSeconds * 1_000_000_000) {
            driver.streams.contains { $0.status < 0 }
        }
        if let failure = driver.failure { throw LoadFailure.connection(failure) }
    }

    /// Hangs up.
    func close() {
        driver.close()
    }

    func finished(_ client: Int) {}
    func received(_ client: Int, _ bytes: UnsafeRawBufferPointer) {}
}
