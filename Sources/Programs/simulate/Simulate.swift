internal import ArgumentParser

/// Runs clusters of the store in the deterministic simulator (docs/TESTING.md).
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs clusters of the store in the deterministic simulator.",
        subcommands: [
            RunCommand.self, CanaryCommand.self, DeterminismCommand.self, MutantsCommand.self,
            WorkerCommand.self,
        ])
}
