import ArgumentParser
import Glibc

/// A whole server with real processes as its pods.
struct ReconcileBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Measures how soon pods run, and what it costs that they go on.",
        discussion: """
            Starts `keelson server` on an empty folder; its pods run `sleep`. Names are asked \
            for at 127.64.0.10, which no other server of the machine may hold: `unshare --net` \
            with `ip link set lo up` gives the benchmark a network of its own.
            """)

    @Option(help: "Run only the measurements whose name contains this: one, many, names.")
    var only = ""

    @Option(help: "How many pods are applied one after another.")
    var singles = 100

    @Option(help: "How many pods the deployment has.")
    var pods = 500

    @Option(help: "How long the pods are left alone, in seconds, while the server is measured.")
    var seconds = 60

    @Option(help: "How often the endpoints of a service change.")
    var changes = 500

    @Option(help: "The keelson to measure.")
    var keelson = ".build/release/keelson"

    @Option(help: "A folder on the disk to be measured; a temporary one in it is used and removed.")
    var directory = "."

    func validate() throws {
        let counts = [
            ("--singles", singles, 10_000), ("--pods", pods, 5_000),
            ("--seconds", seconds, 3_600), ("--changes", changes, 60_000),
        ]
        for (option, count, most) in counts where !(1...most).contains(count) {
            throw ValidationError("\(option) must be 1 to \(most), not \(count)")
        }
    }

    func run() throws {
        #if DEBUG
        print("warning: this is a debug build, the generator will be in the way")
        #endif
        Interruption.install()
        print(Machine.description)
        // Processes that run elsewhere need the whole path.
        let program = try FolderTree.wholePath(keelson)
        let folder = FolderTree(
            path: "\(try FolderTree.wholePath(directory))/.benchmark-reconcile-\(getpid())")
        try folder.make()
        defer { folder.remove() }
        var report = Report(filter: only)
        let measurements: [any APIMeasurement] = [
            SinglePodMeasurement(pods: singles),
            ManyPodsMeasurement(
                pods: pods, seconds: seconds, program: program, folder: folder.path + "/alone"),
            NameMeasurement(changes: changes),
        ]
        for measurement in measurements where report.wants(measurement.name) {
            let server = try APIServerProcess(
                executable: program, folder: "\(folder.path)/\(measurement.name)",
                flags: ["--max-pods", "5000", "--pods-on-exit", "stop", "--node-name", "here"])
            // Hundreds of processes are ended before it ends itself.
            defer { server.stop(graceSeconds: 120) }
            try measurement.run(server, &report)
        }
        report.printSummary()
        if report.isEmpty {
            throw ValidationError("no measurement's name contains '\(only)'")
        }
    }
}
