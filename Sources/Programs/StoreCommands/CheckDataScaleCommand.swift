internal import ArgumentParser
internal import EtcdClient
internal import Foundation

struct CheckDataScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datascale",
        abstract: "Fill the store and see how much memory its first endpoint takes for it.")
    @Option(help: "All keys of the check begin with it.")
    var prefix = "/etcdctl-check-datascale/"
    @OptionGroup var options: CheckOptions

    /// Keys, and clients that put them.
    private static let sizes: [String: (keys: Int, clients: Int)] = [
        "s": (10_000, 50), "m": (100_000, 200), "l": (1_000_000, 500), "xl": (3_000_000, 1_000),
    ]

    func run() throws {
        let (options, given) = (options, prefix)
        try runToEnd {
            let size = try options.size(Self.sizes)
            let prefix = try KeyPrefix(given)
            var settings = try options.connection.settings(processEnvironment)
            settings.endpoints = [settings.endpoints[0]]
            let chosen = settings
            try await withClient(settings) { client in
                try await options.ensureEmpty(prefix, client)
                guard let before = try await Self.residentBytes(client), before > 0 else {
                    throw CommandFailure(
                        message: "could not read process_resident_memory_bytes of "
                            + "\(chosen.endpoints[0]) before the put operations")
                }
                print(
                    "Start data scale check for work load [\(size.keys) key-value pairs, "
                        + "1024 bytes per key-value, \(size.clients) concurrent clients].")
                let report = await LoadCheck(
                    client: client, prefix: prefix, writes: size.keys, clients: size.clients
                ).run()
                let after = try await Self.residentBytes(client)
                try await options.clean(prefix, client)
                try Self.judge(report, before: before, after: after)
            }
        }
    }

    private static func judge(_ report: LoadReport, before: Double, after: Double?) throws {
        guard report.failures.isEmpty else {
            print("FAIL: too many errors")
            for line in report.failureLines { print(line) }
            throw CommandFailure(message: "")
        }
        guard let after, after > 0 else {
            print("FAIL: Could not read process_resident_memory_bytes after the put operations.")
            throw CommandFailure(message: "")
        }
        let megabytes = String(format: "%.2f", max(0, after - before) / 1_048_576)
        print("PASS: Approximate system memory used : \(megabytes) MB.")
    }

    /// From the member's page of metrics; nil if the page does not have it.
    private static func residentBytes(_ client: RemoteClient) async throws -> Double? {
        let page = try await client.page("/metrics")
        for line in page.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2, parts[0] == "process_resident_memory_bytes" {
                return Double(parts[1])
            }
        }
        return nil
    }
}
