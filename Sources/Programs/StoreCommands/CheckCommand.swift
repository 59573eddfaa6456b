package import ArgumentParser
internal import EtcdAPI
internal import EtcdClient
internal import NIOCore
internal import Primitives
internal import StoreModel
internal import Wire

/// `keelson check`: whether a store is up to a load.
package struct CheckCommand: ParsableCommand {
    /// How the command is called.
    package static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Try a load on a store.",
        subcommands: [CheckPerformanceCommand.self, CheckDataScaleCommand.self])

    /// Nothing given.
    package init() {}
}

/// The flags that both checks have.
struct CheckOptions: ParsableArguments, Sendable {
    @Option(help: "s(small), m(medium), l(large) or xl(xLarge).") var load = "s"
    @Flag(help: "Compact the store when the check is over.") var autoCompact = false
    @Flag(help: "Defragment the members when the check is over.") var autoDefrag = false
    @OptionGroup var connection: ConnectionOptions

    /// The size of load in a table by name.
    func size<Size>(_ table: [String: Size]) throws -> Size {
        let names = [
            "small": "s", "medium": "m", "large": "l", "xLarge": "xl", "xlarge": "xl",
        ]
        guard let size = table[names[load] ?? load] else {
            throw CommandFailure(message: "unknown load option \(load)", exitCode: 4)
        }
        return size
    }

    /// Refuses to work where somebody has keys, since all are deleted in the end.
    func ensureEmpty(_ prefix: KeyPrefix, _ client: RemoteClient) async throws {
        let probe = RangeRequest(prefix.range, limit: 1, isKeysOnly: true)
        let found: RangeResponse
        do {
            found = try await client.range(probe, isSerializable: false).answer
        } catch {
            throw CommandFailure(message: error.text)
        }
        guard found.keyValues.isEmpty else {
            throw CommandFailure(
                message: "prefix \(JSONFields.quoted(prefix.text)) has keys. Delete with etcdctl "
                    + "del --prefix \(prefix.text) first", exitCode: 3)
        }
    }

    /// Deletes the check's keys, and cleans up behind them as far as was asked for.
    func clean(_ prefix: KeyPrefix, _ client: RemoteClient) async throws {
        do {
            let deletion = TransactionRequest(
                success: [.deleteRange(DeleteRangeRequest(prefix.range))])
            let revision = try await client.transaction(deletion).revision
            if autoCompact {
                print("Compacting with revision \(revision.rawValue)")
                try await client.compact(revision)
                print("Compacted with revision \(revision.rawValue)")
            }
        } catch {
            throw CommandFailure(message: error.text)
        }
        guard autoDefrag else { return }
        for endpoint in try connection.allEndpoints(processEnvironment) {
            print("Defragmenting \(JSONFields.quoted(endpoint.description))")
            var settings = try connection.settings(processEnvironment)
            settings.endpoints = [endpoint]
            try await withClient(settings) { try await $0.defragment() }
            print("Defragmented \(JSONFields.quoted(endpoint.description))")
        }
    }
}

/// All keys that begin alike.
struct KeyPrefix: Sendable {
    let text: String

    /// - Throws: a prefix that would mean all keys.
    init(_ text: String) throws {
        guard let last = text.utf8.last, last < 0xFF else {
            throw CommandFailure.badArguments("--prefix must not be empty")
        }
        self.text = text
    }

    var range: KeyRange {
        var end = Bytes(text.utf8)
        end[end.count - 1] += 1
        return KeyRange(key: Bytes(text.utf8), end: end)
    }
}

extension KeyValueFailure {
    /// For people.
    var text: String {
        switch self {
        case .store(let error): error.status.message
        case .refused(let text): text
        case .unavailable(let text), .unknownOutcome(let text):
            CommandFailure(GRPCStatus(.unavailable, text)).message
        case .watchCompacted(let floor): "history before revision \(floor.rawValue) is compacted"
        }
    }
}

struct CheckPerformanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perf",
        abstract: "Write at a fixed rate and see whether the store keeps up.")
    @Option(help: "All keys of the check begin with it.") var prefix = "/etcdctl-check-perf/"
    @Option(help: "Seconds that the check takes.") var seconds = 60
    @OptionGroup var options: CheckOptions

    /// Writes a second, and clients that make them.
    private static let sizes: [String: (rate: Int, clients: Int)] = [
        "s": (150, 50), "m": (1_000, 200), "l": (8_000, 500), "xl": (15_000, 1_000),
    ]

    func run() throws {
        let (options, given, seconds) = (options, prefix, seconds)
        try runToEnd {
            let size = try options.size(Self.sizes)
            guard (1...3_600).contains(seconds) else {
                throw CommandFailure.badArguments("--seconds must be from 1 to 3600")
            }
            let prefix = try KeyPrefix(given)
            let settings = try options.connection.settings(processEnvironment)
            let report = try await withClient(settings) { client in
                try await options.ensureEmpty(prefix, client)
                let report = await LoadCheck(
                    client: client, prefix: prefix, writes: size.rate * seconds,
                    clients: size.clients, writesPerSecond: size.rate
                ).run()
                try await options.clean(prefix, client)
                return report
            }
            let verdicts = report.verdicts(wantedPerSecond: size.rate)
            for line in verdicts.lines { print(line) }
            guard verdicts.isPassed else { throw CommandFailure(message: "") }
        }
    }
}
