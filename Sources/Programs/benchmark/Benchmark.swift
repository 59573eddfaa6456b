import ArgumentParser

/// Measures Keelson. Figures are only worth something from a release build.
@main
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measures the parts of Keelson; prints size, rate and percentiles.",
        subcommands: [
            Core.self, EtcdComparison.self, APIBenchmark.self, BackupBenchmark.self,
            ReconcileBenchmark.self,
        ])
}

/// The store without a network.
struct Core: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures state machine, log, member, restart and snapshots on this machine.")

    @Option(help: "How many keys the store holds.")
    var keys = 1_000_000

    @Option(help: "Bytes in a value.")
    var valueBytes = 256

    @Option(help: "Run only the measurements whose name contains this.")
    var filter = ""

    @Option(help: "A folder on the disk to be measured; a temporary one in it is used and removed.")
    var directory = "."

    func validate() throws {
        guard keys >= 20_000 else {
            throw ValidationError("--keys must be at least 20000, not \(keys)")
        }
        guard (1...1_000_000).contains(valueBytes) else {
            throw ValidationError("--value-bytes must be 1 to 1000000, not \(valueBytes)")
        }
    }

    func run() throws {
        #if DEBUG
        print("warning: this is a debug build, its figures say nothing")
        #endif
        print(Machine.description)
        let folder = try ScratchFolder(in: directory)
        defer { folder.remove() }
        var report = Report(filter: filter)
        // The member first: what the store leaves for the disk to write would slow its syncs.
        try MemberBenchmark(valueBytes: valueBytes, folder: folder).run(&report)
        try StoreBenchmark(keys: keys, valueBytes: valueBytes, folder: folder).run(&report)
        report.printSummary()
        if report.isEmpty {
            throw ValidationError("no measurement's name contains '\(filter)'")
        }
    }
}
