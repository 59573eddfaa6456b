internal import ArgumentParser
internal import Backups
internal import Storage

struct SnapshotStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say what a backup holds.")
    @Argument(help: "The backup.") var file: String
    @OptionGroup var output: BackupOutputOptions

    func run() throws {
        let (file, output) = (file, output)
        try runOnBackups {
            let format = try output.format()
            for line in BackupStatus(try BackupImage.open(file)).lines(format) { print(line) }
        }
    }
}

/// What a backup holds, as `etcdutl snapshot status` says it, and the objects in it.
private struct BackupStatus {
    private let image: BackupImage
    private let counts: [(kind: String, count: Int)]
    private let hash: UInt32

    init(_ image: BackupImage) {
        self.image = image
        counts = image.counts()
        hash = image.historyHash()
    }

    func lines(_ format: OutputFormat) -> [String] {
        switch format {
        case .json: return [json]
        case .table:
            let names = ["HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE"]
            let kinds = counts.map { [$0.kind, "\($0.count)"] }
            return TextTable(names: names, rows: [cells]).lines
                + TextTable(names: ["KIND", "OBJECTS"], rows: kinds).lines
        case .simple, .fields:
            return [cells.joined(separator: ", ")] + counts.map { "\($0.kind) \($0.count)" }
        }
    }

    private var cells: [String] {
        [
            String(hash, radix: 16), "\(image.revision)", "\(image.keyCount)",
            sizeText(Int64(image.summary.sizeBytes)),
        ]
    }

    private var json: String {
        var objects = JSONFields()
        for (kind, count) in counts { objects.add(kind, count) }
        var fields = JSONFields()
        fields.addRaw("hash", "\(hash)")
        fields.addRaw("revision", "\(image.revision)")
        fields.addRaw("compactRevision", "\(image.compactRevision)")
        fields.addRaw("totalKey", "\(image.keyCount)")
        fields.addRaw("totalSize", "\(image.summary.sizeBytes)")
        fields.add("version", "keelson \(SnapshotFile.version)")
        fields.addRaw("objects", objects.text)
        return fields.text
    }
}

struct SnapshotVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every chunk of backups, and the whole.")
    @Argument(help: "The backups.") var files: [String]

    func run() throws {
        let files = files
        try runOnBackups {
            var isBad = false
            for file in files {
                do {
                    let image = try BackupImage.open(file)
                    let chunks = image.summary.chunkCount
                    print(
                        "\(file): good (\(sizeText(Int64(image.summary.sizeBytes))), "
                            + "\(chunks) chunk\(chunks == 1 ? "" : "s"), "
                            + "revision \(image.revision), \(image.keyCount) keys)")
                } catch where files.count > 1 {
                    complain("Error: \(CommandFailure(any: error).message)")
                    isBad = true
                }
            }
            if isBad { throw CommandFailure(message: "") }
        }
    }
}

struct SnapshotDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Say which objects differ between two backups.",
        discussion: """
            + created, - removed, ~ changed, with the fields that changed. Exits with 1 if there is
            a difference and with 2 if something is wrong.
            """)
    @Argument(help: "The older backup.") var old: String
    @Argument(help: "The newer backup.") var new: String
    @Option(name: .shortAndLong, help: "Only objects of this namespace.") var namespace: String?
    @Flag(help: "Only the names of the objects.") var nameOnly = false

    func run() throws {
        let command = self
        try runOnBackups {
            do {
                try command.compare()
            } catch let failure as CommandFailure {
                throw failure
            } catch {
                throw CommandFailure(message: CommandFailure(any: error).message, exitCode: 2)
            }
        }
    }

    private func compare() throws {
        var isEqual = true
        let images = (try BackupImage.open(old), try BackupImage.open(new))
        BackupDifference.all(from: images.0, to: images.1) { difference in
            guard namespace == nil || difference.namespace == namespace else { return }
            isEqual = false
            switch difference.change {
            case .created: print("+ \(difference.name)")
            case .removed: print("- \(difference.name)")
            case .changed(let fields):
                print("~ \(difference.name)")
                if !nameOnly { for field in fields { print("    \(field)") } }
            }
        }
        if !isEqual { throw CommandFailure(message: "") }
    }
}
