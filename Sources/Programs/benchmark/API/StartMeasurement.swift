/// How soon an API server is ready on an empty folder, and what it occupies with nothing to do.
struct StartMeasurement {
    /// What it is given to settle before its memory is looked at.
    private static let settleMilliseconds = 3_000

    let executable: String
    let folder: String
    let starts: Int

    func run(_ report: inout Report) throws {
        guard report.wants("cold start") || report.wants("idle memory") else { return }
        var times: [Double] = []
        var memory: [Double] = []
        var anonymous: [Double] = []
        for number in 0..<starts {
            let server = try APIServerProcess(
                executable: executable, folder: "\(folder)/start-\(number)")
            defer { server.stop() }
            times.append(Double(server.readyNanoseconds) / 1e6)
            guard report.wants("idle memory") else { continue }
            try Interruption.pause(milliseconds: Self.settleMilliseconds)
            memory.append(Double(server.usage.residentBytes) / 1e6)
            anonymous.append(Double(server.usage.anonymousBytes) / 1e6)
        }
        if report.wants("cold start") {
            let median = Median.of(times)
            report.add(
                "cold start to ready",
                "\(rounded(median)) ms, slowest of \(starts) \(rounded(times.max() ?? 0)) ms",
                goal: "≤ 300 ms", median <= 300)
        }
        guard report.wants("idle memory") else { return }
        let median = Median.of(memory)
        report.add(
            "idle memory",
            "\(rounded(median)) MB, \(rounded(Median.of(anonymous))) MB no file mapping",
            goal: "≤ 80 MB", median <= 80)
    }
}
