internal import ArgumentParser
internal import Backups
internal import Foundation
internal import NIOCore
internal import Storage

struct SnapshotListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the backups in a folder, the newest first.")
    @Argument(help: "The folder.") var folder: String
    @OptionGroup var output: BackupOutputOptions

    func run() throws {
        let (folder, output) = (folder, output)
        try runOnBackups {
            let format = try output.format()
            let entries = try BackupFolder.onDisk(folder).entries()
            for line in Self.lines(entries, format) { print(line) }
        }
    }

    private static func lines(
        _ entries: [BackupFolder.Entry], _ format: OutputFormat
    ) -> [String] {
        switch format {
        case .json:
            return ["[" + entries.map(\.json).joined(separator: ",") + "]"]
        case .table:
            let names = ["NAME", "WRITTEN", "SIZE", "STATE"]
            return TextTable(names: names, rows: entries.map(\.cells)).lines
        case .simple, .fields: return entries.map { $0.cells.joined(separator: ", ") }
        }
    }
}

struct SnapshotPruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove old backups from a folder.",
        discussion: """
            Removed are good backups beyond --keep, backups older than --max-age, and damaged ones
            that are older than a good one. The newest good backup always stays, and other files
            are left alone.
            """)
    @Argument(help: "The folder.") var folder: String
    @Option(help: "How many good backups to keep.") var keep: Int?
    @Option(help: "How old a backup may become, such as 36h or 30d.") var maxAge: String?
    @Flag(help: "Only say what would be removed.") var dryRun = false

    func run() throws {
        let command = self
        try runOnBackups { try command.prune() }
    }

    private func prune() throws {
        guard keep != nil || maxAge != nil else {
            throw CommandFailure.badArguments("give --keep, --max-age or both")
        }
        if let keep, keep < 1 { throw CommandFailure.badArguments("--keep must be 1 or more") }
        let age = try maxAge.map { text in
            guard let age = Self.seconds(text) else {
                throw CommandFailure.badArguments(
                    "--max-age \"\(text)\" is no duration such as 36h or 30d")
            }
            return age
        }
        let backups = BackupFolder.onDisk(folder)
        let surplus = BackupFolder.surplus(
            try backups.entries(), .init(count: keep, ageSecondsMax: age), nowSeconds: nowSeconds)
        for entry in surplus {
            if !dryRun { try backups.remove(entry) }
            print("\(dryRun ? "would remove" : "removed") \(entry.name)")
        }
        if !dryRun, !surplus.isEmpty { try backups.sync() }
    }

    /// Reads `30d`, or what Go takes for a duration of at least a second.
    private static func seconds(_ text: String) -> Int64? {
        if text.hasSuffix("d") {
            guard let days = Int64(text.dropLast()), 1...100_000 ~= days else { return nil }
            return days * 86_400
        }
        return GoDuration.parse(text).map { $0.nanoseconds / 1_000_000_000 }.flatMap {
            $0 > 0 ? $0 : nil
        }
    }
}

extension BackupFolder {
    /// A folder of this machine.
    static func onDisk(_ path: String) -> BackupFolder {
        BackupFolder(path, disk: PosixDisk(), writtenSeconds: PosixDisk.writtenSeconds)
    }
}

extension BackupFolder.Entry {
    /// What a table shows.
    fileprivate var cells: [String] {
        switch state {
        case .success(let summary):
            [name, written, sizeText(Int64(summary.sizeBytes)), "good"]
        case .failure(let error): [name, written, "-", "\(error)"]
        }
    }

    fileprivate var json: String {
        var fields = JSONFields()
        fields.add("name", name)
        fields.add("written", written)
        switch state {
        case .success(let summary):
            fields.addRaw("good", "true")
            fields.add("totalSize", summary.sizeBytes)
        case .failure(let error):
            fields.addRaw("good", "false")
            fields.add("problem", "\(error)")
        }
        return fields.text
    }

    private var written: String {
        Date(timeIntervalSince1970: Double(writtenSeconds)).formatted(.iso8601)
    }
}
