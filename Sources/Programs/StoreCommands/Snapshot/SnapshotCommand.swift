package import ArgumentParser
internal import Backups
internal import EtcdServer
internal import Environment
internal import Foundation
internal import Storage
internal import StoreModel
internal import Wire

/// `keelson snapshot`: backups of a store, and what becomes of them.
package struct SnapshotCommand: ParsableCommand {
    /// How the command is called.
    package static let configuration = CommandConfiguration(
        commandName: "snapshot", abstract: "Save, check, compare and restore backups of a store.",
        subcommands: [
            SnapshotSaveCommand.self, SnapshotStatusCommand.self, SnapshotVerifyCommand.self,
            SnapshotListCommand.self, SnapshotPruneCommand.self, SnapshotDiffCommand.self,
            SnapshotRestoreCommand.self, SnapshotApplyCommand.self,
        ])

    /// Nothing given.
    package init() {}
}

/// How the commands on backups print.
struct BackupOutputOptions: ParsableArguments, Sendable {
    @Option(name: [.customShort("w"), .long], help: "simple, table or json.")
    var writeOut = "simple"

    /// - Throws: if there is no such format here.
    func format() throws -> OutputFormat {
        guard let format = OutputFormat(rawValue: writeOut), format != .fields else {
            throw CommandFailure.badFormat(
                "unsupported output format \"\(writeOut)\": expected simple, table or json")
        }
        return format
    }
}

/// Runs a command on backups to its end; whatever went wrong becomes one line.
func runOnBackups(_ body: @escaping @Sendable () async throws -> Void) throws {
    try runToEnd {
        do {
            try await body()
        } catch let status as GRPCStatus {
            throw CommandFailure(status)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(any: error)
        }
    }
}

extension CommandFailure {
    /// Gives what can go wrong with backups a text.
    init(any error: any Error) {
        switch error {
        case let error as DiskError: self.init(message: error.text)
        case let error as KeyValueFailure: self.init(message: error.text)
        default: self.init(message: "\(error)")
        }
    }
}

extension BackupImage {
    /// Reads and verifies a backup on this machine.
    static func open(_ path: String, ending: SnapshotEnding = .any) throws -> BackupImage {
        try BackupImage(path: path, disk: PosixDisk(), ending: ending, onFault: endOnFault)
    }
}

/// Ends the process for a disk that cannot be trusted.
let endOnFault: @Sendable (BackendError) -> Never = { error in
    complain("Error: \(error)")
    exit(1)
}

/// The wall clock in seconds since 1970.
var nowSeconds: Int64 { Int64(Date().timeIntervalSince1970) }
