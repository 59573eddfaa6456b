internal import ArgumentParser
internal import EtcdClient
internal import Storage

struct SnapshotSaveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "save", abstract: "Save a running store to a file.",
        discussion: """
            The file is what `etcdctl snapshot save` would write: an image of the store as of one
            moment, with a sum at its end. It is written under another name, verified as a whole
            and then renamed.
            """)
    @Argument(help: "The file to write.") var file: String
    @Flag(help: "Replace the file if it is there.") var force = false
    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let command = self
        try runOnBackups { try await command.save() }
    }

    private func save() async throws {
        let settings = try connection.settings(processEnvironment)
        let disk = PosixDisk()
        let writer = try BackupWriter(path: file, replaces: force, disk: disk)
        do {
            let progress = ProgressLine("saving \(file)")
            try await withClient(settings) { client in
                try await client.snapshot { part in
                    try writer.take(part)
                    progress.show(writer.progress)
                }
            }
            progress.end()
            let summary = try writer.finish()
            print("Snapshot saved at \(file): \(sizeText(Int64(summary.sizeBytes)))")
        } catch {
            writer.abandon()
            throw error
        }
    }
}
