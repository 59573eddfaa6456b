import Glibc

/// A deployment of many pods: how soon they run, what they cost while nothing happens, how soon
/// they are gone.
struct ManyPodsMeasurement: APIMeasurement {
    private static let patienceSeconds: Int64 = 600
    private static let settleSeconds = 10
    private static let path = "/apis/apps/v1/namespaces/default/deployments"

    let pods: Int
    /// How long they are left alone.
    let seconds: Int
    let program: String
    /// For the same processes without a control plane.
    let folder: String

    var name: String { "many" }

    func run(_ server: APIServerProcess, _ report: inout Report) throws {
        let alone = try ProcessesAlone(count: pods, program: program, folder: folder).seconds()
        report.add(
            "\(pods) processes with shims alone", "\(rounded(alone)) s", goal: "", nil)
        let watch = try PodWatch(server)
        defer { watch.close() }
        let before = server.usage
        let began = nanoseconds()
        try watch.call(
            APIServerProcess.call("POST", Self.path),
            SleepingPods.deployment("many", replicas: pods))
        try watch.wait(seconds: Self.patienceSeconds, "\(pods) pods") {
            watch.runningSince.count < pods
        }
        let took = Double((watch.runningSince.values.max() ?? 0) - began) / 1e9
        let cpu = Double(server.usage.cpuNanoseconds - before.cpuNanoseconds) / 1e9
        report.add(
            "\(pods) pods of a deployment", "\(rounded(took)) s, server \(rounded(cpu)) s of CPU",
            goal: "≤ 30 s beyond processes alone", took - alone <= 30)
        try steady(server, watch, &report)
        let ending = nanoseconds()
        try watch.call(
            APIServerProcess.call(
                "PATCH", Self.path + "/many", contentType: "application/merge-patch+json"),
            Array(#"{"spec":{"replicas":0}}"#.utf8))
        try watch.wait(seconds: Self.patienceSeconds, "the end of the pods") {
            !watch.present.isEmpty
        }
        let end = Double(watch.lastEventTime - ending) / 1e9
        let left = Shims(of: server).processes.count
        report.add(
            "\(pods) pods to none", "\(rounded(end)) s, \(left) shims left", goal: "none left",
            left == 0)
    }

    /// What the server uses while nothing happens.
    private func steady(
        _ server: APIServerProcess, _ watch: PodWatch, _ report: inout Report
    ) throws {
        try watch.pause(seconds: Self.settleSeconds)
        let (before, start) = (server.usage, nanoseconds())
        try watch.pause(seconds: seconds)
        let usage = server.usage
        let elapsed = Double(nanoseconds() - start)
        let percent = Double(usage.cpuNanoseconds - before.cpuNanoseconds) / elapsed * 100
        report.add(
            "steady state, processor", "\(rounded(percent)) % of a core over \(seconds) s",
            goal: "≤ 5 %", percent <= 5)
        let resident = usage.residentBytes / 1_000_000
        report.add(
            "steady state, memory",
            "\(resident) MB, \(usage.anonymousBytes / 1_000_000) MB no file mapping, "
                + "most \(usage.peakBytes / 1_000_000) MB",
            goal: "≤ 200 MB", resident <= 200)
        let shims = Shims(of: server)
        let memory = ProcessUsage.sum(of: shims.processes).anonymousBytes
        report.add(
            "memory of the shims",
            "\(memory / 1_000_000) MB no file mapping, "
                + "\(memory / 1_000 / max(1, shims.processes.count)) KB each",
            goal: "", nil)
        guard shims.processes.count == pods else {
            throw LoadFailure.connection("\(shims.processes.count) shims for \(pods) pods")
        }
    }
}

/// The shims of a server: its children.
struct Shims {
    let processes: [pid_t]

    init(of server: APIServerProcess) {
        processes = FolderTree.names(in: "/proc").compactMap { pid_t($0) }.filter {
            Self.parent(inStat: TextFile.read("/proc/\($0)/stat")) == server.id
        }
    }

    /// The fourth field; the second, the name in parentheses, may itself contain spaces.
    static func parent(inStat line: String) -> pid_t? {
        guard let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(separator: " ")
        return fields.count > 1 ? pid_t(fields[1]) : nil
    }
}
