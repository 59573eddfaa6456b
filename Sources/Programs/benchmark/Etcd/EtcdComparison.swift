import ArgumentParser
import Glibc

/// Keelson and etcd under the same load.
struct EtcdComparison: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "etcd",
        abstract: "Measures keelson against a real etcd, both with the same load in turns.",
        discussion: """
            Both run as processes of their own on this machine, with the same flags, their data \
            on the same disk, every write synced. Clients wait for each answer; ten share a \
            connection. CPU is the servers' for one request. Goals that name no number of clients \
            are judged at 100. ETCD=/path/to/etcd chooses the etcd.
            """)

    @Option(help: "Run only the measurements whose name contains this.")
    var only = ""

    @Option(help: "Numbers of clients, separated by commas.")
    var clients = "1,10,100,1000"

    @Option(help: "Numbers of members, separated by commas: 1, 3 or both.")
    var members = "1,3"

    @Option(help: "How long each measurement takes; a warm-up comes before.")
    var seconds = 3.0

    @Option(help: "How many turns each contender has; medians are reported.")
    var rounds = 3

    @Option(help: "How many keys the load test puts.")
    var keys = 1_000_000

    @Option(help: "The etcd to compare with, instead of the newest found.")
    var etcd: String?

    @Option(help: "The keelson to measure.")
    var keelson = ".build/release/keelson"

    @Option(help: "Measure this program instead of keelson: another etcd, or the same.")
    var compare: String?

    @Option(help: "A folder on the disk to be measured; a temporary one in it is used and removed.")
    var directory = "."

    func validate() throws {
        _ = try Self.numbers(clients, "--clients", 1...10_000)
        for number in try Self.numbers(members, "--members", 1...3) where number == 2 {
            throw ValidationError("--members must be 1 or 3, not 2")
        }
        guard (0.1...3_600).contains(seconds) else {
            throw ValidationError("--seconds must be 0.1 to 3600, not \(seconds)")
        }
        guard (1...100).contains(rounds) else {
            throw ValidationError("--rounds must be 1 to 100, not \(rounds)")
        }
        guard (1_000...100_000_000).contains(keys) else {
            throw ValidationError("--keys must be 1000 to 100000000, not \(keys)")
        }
    }

    func run() throws {
        #if DEBUG
        print("warning: this is a debug build, the generator will be in the way")
        #endif
        Interruption.install()
        let folder = FolderTree(path: "\(directory)/.benchmark-etcd-\(getpid())")
        try folder.make()
        defer { folder.remove() }
        let first = try Contender.etcd(path: etcd, folder: folder.path)
        var second = try Contender(executable: compare ?? keelson, folder: folder.path)
        if second.label == first.label { second.label += " again" }
        print(Machine.description)
        print("first: \(first.label), \(first.executable)")
        print("second: \(second.label), \(second.executable)")
        print("\(rounds) rounds of \(rounded(seconds)) s, values of 256 bytes\n")
        var report = ComparisonReport(filter: only, labels: [first.label, second.label])
        for count in try Self.numbers(members, "--members", 1...3) {
            let store = ServingStore(
                contenders: [first, second], folder: folder, members: count,
                clients: try Self.numbers(clients, "--clients", 1...10_000), seconds: seconds,
                warmUpSeconds: min(1, max(0.3, seconds / 4)), rounds: rounds)
            try store.run(&report)
        }
        let loaded = LoadedStore(
            contenders: [first, second], folder: folder, keys: keys, rounds: rounds)
        try loaded.run(&report)
        report.printSummary()
        if report.isEmpty {
            throw ValidationError("no measurement's name contains '\(only)'")
        }
    }

    /// The numbers of a list like `1,10,100`.
    private static func numbers(
        _ text: String, _ option: String, _ allowed: ClosedRange<Int>
    ) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let number = Int(word), allowed.contains(number) else {
                throw ValidationError(
                    "\(option) takes numbers from \(allowed.lowerBound) to "
                        + "\(allowed.upperBound) with commas between them, not '\(text)'")
            }
            return number
        }
    }
}
