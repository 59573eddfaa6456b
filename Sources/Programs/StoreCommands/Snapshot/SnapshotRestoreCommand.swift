internal import ArgumentParser
internal import EtcdServer
internal import Primitives
internal import ReplicatedStore
internal import Storage

struct SnapshotRestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a new member's data folder from a backup.",
        discussion: """
            Every member of the new cluster is restored from the same file, with the same
            --initial-cluster and --initial-cluster-token, and then started on its folder.
            Revisions step up and what came before counts as compacted, so that clients that
            remember the old cluster list anew.
            """)
    @Argument(help: "The backup.") var file: String
    @Option(help: "The folder to make (NAME.etcd).") var dataDir = ""
    @Option(help: "The member's name.") var name = "default"
    @Option(help: "All members, as NAME=URL,NAME=URL.")
    var initialCluster: String?
    @Option(
        name: .customLong("initial-advertise-peer-urls"),
        help: "Where other members reach this one.")
    var advertisePeerURLs: String?
    @Option(help: "Tells clusters with equal addresses apart.")
    var initialClusterToken = "etcd-cluster"
    @Option(help: "How far revisions step up: more than the writes since the backup.")
    var bumpRevision: Int64?
    @Flag(
        inversion: .prefixedNo,
        help: "Let what came before the new revision count as compacted.")
    var markCompacted: Bool?
    @Flag(help: "Take an image without a sum at its end, such as one from a data folder.")
    var skipHashCheck = false

    func run() throws {
        let command = self
        try runOnBackups { try command.restore() }
    }

    private func restore() throws {
        let step = bumpRevision ?? 1_000_000_000
        guard step >= 0 else {
            throw CommandFailure.badArguments("--bump-revision must not be negative")
        }
        let compacts = markCompacted ?? (step > 0)
        guard !compacts || step > 0 else {
            throw CommandFailure.badArguments("--mark-compacted needs --bump-revision above 0")
        }
        var restoration = Restoration(path: file)
        restoration.revisionStep = step
        restoration.compacts = compacts
        restoration.ending = skipHashCheck ? .any : .sum
        let report = try StoreRestore(
            restoration, settings: try settings(), disk: PosixDisk(), onFault: endOnFault
        ).run()
        let content = report.content
        print(
            "restored \(file) to \(report.folder): \(content.keyCount) keys, "
                + "revision \(content.revision)"
                + (compacts ? ", compacted" : "")
                + "; member \(MemberRecord.hex(report.memberID.rawValue)) of cluster "
                + MemberRecord.hex(report.clusterID))
    }

    /// What the member's own flags would say.
    private func settings() throws -> StoreSettings {
        var flags = ["--name=\(name)", "--initial-cluster-token=\(initialClusterToken)"]
        if !dataDir.isEmpty { flags.append("--data-dir=\(dataDir)") }
        if let initialCluster { flags.append("--initial-cluster=\(initialCluster)") }
        if let advertisePeerURLs {
            flags.append("--initial-advertise-peer-urls=\(advertisePeerURLs)")
        }
        do throws(SettingsError) {
            guard case .run(let settings) = try StoreFlags.parse(flags) else {
                throw .contradiction("no flags")
            }
            return settings
        } catch {
            throw CommandFailure.badArguments("\(error)")
        }
    }
}
