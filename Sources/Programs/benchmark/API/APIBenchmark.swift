import ArgumentParser
import Glibc

/// The API server, driven over the wire.
struct APIBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api",
        abstract: "Measures the API server over TLS and HTTP/2, and the store beneath it.",
        discussion: """
            Starts `keelson server --roles store,api` on an empty folder, every write synced. \
            The same store answers raw reads and writes through its etcd API, in plain text. The \
            generator runs on the same machine, on one thread.
            """)

    @Option(help: "Run only the measurements whose name contains this.")
    var only = ""

    @Option(help: "How many times the server is started.")
    var starts = 5

    @Option(help: "How many pods are listed.")
    var pods = 10_000

    @Option(help: "How many watchers there are.")
    var watchers = 1_000

    @Option(help: "How many watchers there are beside that never read.")
    var stalled = 10

    @Option(help: "How many writes a second the watchers see.")
    var writes = 100

    @Option(help: "Bytes of padding in what is watched.")
    var watchedBytes = 256

    @Option(help: "How long watchers are measured, in seconds; the event window is full after 40.")
    var seconds = 60.0

    @Option(help: "How many custom resources are applied.")
    var resources = 10_000

    @Option(help: "The keelson to measure.")
    var keelson = ".build/release/keelson"

    @Option(help: "A folder on the disk to be measured; a temporary one in it is used and removed.")
    var directory = "."

    func validate() throws {
        let counts = [
            ("--starts", starts), ("--pods", pods), ("--watchers", watchers),
            ("--stalled", stalled), ("--writes", writes),
            ("--watched-bytes", watchedBytes), ("--resources", resources),
        ]
        for (option, count) in counts where !(1...1_000_000).contains(count) {
            throw ValidationError("\(option) must be 1 to 1000000, not \(count)")
        }
        guard (1...3_600).contains(seconds) else {
            throw ValidationError("--seconds must be 1 to 3600, not \(seconds)")
        }
    }

    func run() throws {
        #if DEBUG
        print("warning: this is a debug build, the generator will be in the way")
        #endif
        Interruption.install()
        print(Machine.description)
        let folder = FolderTree(path: "\(directory)/.benchmark-api-\(getpid())")
        try folder.make()
        defer { folder.remove() }
        var report = Report(filter: only)
        try StartMeasurement(executable: keelson, folder: folder.path, starts: starts)
            .run(&report)
        let measurements: [any APIMeasurement] = [
            CreateMeasurement(rounds: 20, callsPerRound: 100),
            ListMeasurement(pods: pods),
            WatchMeasurement(
                watchers: watchers, stalled: stalled, writesPerSecond: writes,
                padding: watchedBytes, seconds: seconds),
            ApplyMeasurement(resources: resources),
        ]
        for (index, measurement) in measurements.enumerated()
        where report.wants(measurement.name) {
            // Each has a server of its own, so that none measures what another left behind.
            let server = try APIServerProcess(
                executable: keelson, folder: "\(folder.path)/\(index)")
            defer { server.stop() }
            try measurement.run(server, &report)
        }
        report.printSummary()
        if report.isEmpty {
            throw ValidationError("no measurement's name contains '\(only)'")
        }
    }
}

/// One measurement of a running server.
protocol APIMeasurement {
    /// What `--filter` is compared with.
    var name: String { get }
    func run(_ server: APIServerProcess, _ report: inout Report) throws
}
