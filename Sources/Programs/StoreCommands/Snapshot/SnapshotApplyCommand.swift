internal import ArgumentParser
internal import Backups
internal import EtcdClient
internal import Primitives
internal import StoreModel

struct SnapshotApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Put objects of a backup back into a running store.",
        discussion: """
            KIND/NAME names an object, as in configmaps/a or deployments.apps/web; without any, all
            objects of --namespace are meant, or all with --all. Objects that others make again
            from their owners, events and leases are left out then, unless --include-owned is
            given. Nothing is removed. Each object is written only if it is still as the plan saw
            it. --dry-run prints the plan alone.
            """)
    @Argument(help: "The backup.") var file: String
    @Argument(help: "Objects, as KIND/NAME.") var objects: [String] = []
    @Option(name: .shortAndLong, help: "Only objects of this namespace.") var namespace: String?
    @Flag(help: "All objects of the backup.") var all = false
    @Flag(help: "Objects that have an owner, events and leases too.") var includeOwned = false
    @Flag(help: "Only say what would be done.") var dryRun = false
    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        let command = self
        try runOnBackups { try await command.apply() }
    }

    private func selection() throws -> RestoreSelection {
        guard all || namespace != nil || !objects.isEmpty else {
            throw CommandFailure.badArguments("name objects, or give --namespace or --all")
        }
        guard !all || (namespace == nil && objects.isEmpty) else {
            throw CommandFailure.badArguments("--all means everything: give no names with it")
        }
        var selection = RestoreSelection()
        selection.namespace = namespace
        selection.includesOwned = includeOwned
        selection.objects = try objects.map { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts.contains("") else {
                throw CommandFailure.badArguments("\"\(text)\" is not KIND/NAME")
            }
            return (String(parts[0]).lowercased(), String(parts[1]))
        }
        return selection
    }

    private func apply() async throws {
        let selection = try selection()
        let settings = try connection.settings(processEnvironment)
        let image = try BackupImage.open(file)
        try await withClient(settings) { client in
            let plan = RestorePlan(image, selection, client: client)
            if !selection.objects.isEmpty { try await checkNames(plan, selection) }
            var counts = ApplyCounts()
            try await plan.forEachStep { step in
                print(dryRun ? "would " + step.line : step.line)
                if case .change(let fields) = step.action {
                    for field in fields { print("    \(field)") }
                }
                let isDone = dryRun ? true : try await plan.perform(step)
                counts.add(step, isDone)
                if !isDone {
                    complain("Error: \(step.name) was changed meanwhile and is left as it is")
                }
            }
            guard counts.all > 0 else {
                throw CommandFailure(message: "\(file) has no such object")
            }
            print(counts.line(dryRun))
            if counts.missed > 0 { throw CommandFailure(message: "") }
        }
    }

    /// Every name must be in the backup before anything is written.
    private func checkNames(_ plan: RestorePlan, _ selection: RestoreSelection) async throws {
        var missing = selection.objects
        plan.forEachName { name in
            missing.removeAll { name.isOfKind($0.kind) && name.name == $0.name }
        }
        guard let first = missing.first else { return }
        throw CommandFailure(
            message: "\(file) has no \(first.kind)/\(first.name)"
                + (selection.namespace.map { " in namespace \($0)" } ?? ""))
    }
}

/// What became of the steps of a plan.
private struct ApplyCounts {
    private var created = 0
    private var changed = 0
    private var same = 0
    private var skipped = 0
    private(set) var missed = 0

    var all: Int { created + changed + same + skipped + missed }

    mutating func add(_ step: RestoreStep, _ isDone: Bool) {
        guard isDone else {
            missed += 1
            return
        }
        switch step.action {
        case .create: created += 1
        case .change: changed += 1
        case .none: same += 1
        case .skip: skipped += 1
        }
    }

    func line(_ dryRun: Bool) -> String {
        "\(dryRun ? "to create" : "created") \(created), \(dryRun ? "to change" : "changed") "
            + "\(changed), same \(same), skipped \(skipped)"
    }
}
