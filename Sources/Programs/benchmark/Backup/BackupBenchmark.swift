import ArgumentParser
import Glibc

/// What backups cost those who write meanwhile.
struct BackupBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Measures writes with and without backups under way, in turns.",
        discussion: """
            One member on this machine, every write synced. With backups means that one follows \
            the other without a pause, which nobody does: the server writes, sends and removes an \
            image, and `keelson snapshot save` beside it receives, verifies and syncs it.
            """)

    @Option(help: "How many keys the store holds.")
    var keys = 200_000

    @Option(help: "Clients that write, each waiting for its answer.")
    var clients = 100

    @Option(help: "How long each measurement takes; a warm-up comes before.")
    var seconds = 5.0

    @Option(help: "How many turns there are; medians are reported.")
    var rounds = 3

    @Option(help: "Seconds between the starts of two backups; 0 for no pause.")
    var every = 0

    @Option(help: "The keelson to measure.")
    var keelson = ".build/release/keelson"

    @Option(help: "A folder on the disk to be measured; a temporary one in it is used and removed.")
    var directory = "."

    func validate() throws {
        guard 1_000...10_000_000 ~= keys, 1...1_000 ~= clients, 0.1...3_600 ~= seconds,
            1...100 ~= rounds, 0...3_600 ~= every
        else { throw ValidationError("a number is out of its range") }
    }

    func run() throws {
        Interruption.install()
        let folder = FolderTree(path: "\(directory)/.benchmark-backup-\(getpid())")
        try folder.make()
        defer { folder.remove() }
        let contender = try Contender(executable: keelson, folder: folder.path)
        print(Machine.description)
        let cluster = try ServerCluster(
            contender, memberCount: 1, folder: FolderTree(path: "\(folder.path)/store"))
        defer { cluster.discard() }
        try cluster.start()
        _ = try ClosedLoop(cluster, .fill(keys: keys), clients: 1_000, seed: 1).runToEnd()
        var figures: [[LoadFigures]] = [[], []]
        var backups = 0
        for round in 0..<rounds {
            for withBackups in round % 2 == 0 ? [false, true] : [true, false] {
                try Interruption.pause(milliseconds: 500)
                let saving = withBackups ? try startSaving(cluster, folder) : nil
                let load = try ClosedLoop(
                    cluster, .put, clients: clients, seed: UInt64(round + 1))
                let measured = try load.run(seconds: seconds, warmUpSeconds: 1)
                figures[withBackups ? 1 : 0].append(measured)
                saving?.end()
                backups += withBackups ? count(folder) : 0
            }
        }
        report(LoadFigures.median(figures[0]), LoadFigures.median(figures[1]), backups)
    }

    private func startSaving(
        _ cluster: ServerCluster, _ folder: FolderTree
    ) throws -> ServerProcess {
        let endpoint = "http://127.0.0.1:\(cluster.clientPorts[0])"
        let file = folder.path + "/backup"
        let script = """
            : > '\(folder.path)/log'
            while :; do
                sleep \(every) &
                '\(keelson)' snapshot save '\(file)' --force --endpoints \(endpoint) \
                    && echo saved >> '\(folder.path)/log'
                wait
            done
            """
        return try ServerProcess(
            "/bin/sh", ["-c", script], logPath: folder.path + "/said")
    }

    private func count(_ folder: FolderTree) -> Int {
        TextFile.read(folder.path + "/log").split(separator: "\n").count
    }

    private func report(_ alone: LoadFigures, _ beside: LoadFigures, _ backups: Int) {
        var report = Report(filter: "")
        func line(_ figures: LoadFigures) -> String {
            "\(grouped(Int(figures.perSecond)))/s, p50 \(rounded(figures.p50)) us, "
                + "p99 \(rounded(figures.p99)) us"
        }
        report.add("puts, \(clients) clients", line(alone), goal: "", nil)
        report.add("puts beside \(backups) backups", line(beside), goal: "", nil)
        let ratio = beside.perSecond / max(1, alone.perSecond)
        report.add(
            "writes kept", "\(rounded(100 * ratio)) %", goal: "90 % or more", ratio >= 0.9)
        if let problem = alone.firstError ?? beside.firstError { print("errors: \(problem)") }
    }
}
