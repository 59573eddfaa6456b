/// How soon a pod runs that is applied by itself, and how soon it is gone.
struct SinglePodMeasurement: APIMeasurement {
    private static let patienceSeconds: Int64 = 30
    /// What is done before anything counts: first uses take longer.
    private static let warmUp = 5

    let pods: Int

    var name: String { "one" }

    func run(_ server: APIServerProcess, _ report: inout Report) throws {
        let watch = try PodWatch(server)
        defer { watch.close() }
        var (starts, ends): ([Int64], [Int64]) = ([], [])
        for number in 0..<Self.warmUp + pods {
            let name = "single-\(number)"
            let path = "\(PodWatch.pods)/\(name)"
            let applied = nanoseconds()
            try watch.call(
                APIServerProcess.call(
                    "PATCH", path + "?fieldManager=benchmark",
                    contentType: "application/apply-patch+yaml"),
                SleepingPods.pod(name))
            try watch.wait(seconds: Self.patienceSeconds, "\(name)") {
                watch.runningSince[name] == nil
            }
            let deleted = nanoseconds()
            try watch.call(APIServerProcess.call("DELETE", path))
            try watch.wait(seconds: Self.patienceSeconds, "the end of \(name)") {
                watch.present.contains(name)
            }
            guard number >= Self.warmUp, let running = watch.runningSince[name] else { continue }
            starts.append(running - applied)
            ends.append(watch.lastEventTime - deleted)
        }
        let start = Durations(starts)
        report.add(
            "one pod, apply to Running", Self.text(start), goal: "p50 ≤ 100 ms",
            start.microseconds(0.5) <= 100_000)
        report.add("one pod, delete to gone", Self.text(Durations(ends)), goal: "", nil)
    }

    private static func text(_ durations: Durations) -> String {
        "p50 \(ComparisonReport.duration(durations.microseconds(0.5))), "
            + "p99 \(ComparisonReport.duration(durations.microseconds(0.99)))"
    }
}
