internal import ArgumentParser
internal import EtcdServer
internal import Runtimes
internal import StoreCommands

/// The one binary: each part of the control plane is a subcommand.
@main
struct Keelson: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keelson", abstract: "A control plane in one binary.",
        version: "keelson \(ServerVersion.keelson)\netcd Version: \(ServerVersion.etcd)",
        subcommands: [
            ServerCommand.self, StoreCommand.self, MemberCommand.self, EndpointCommand.self,
            CheckCommand.self, SnapshotCommand.self,
        ])

    /// Parses the arguments and runs what they ask for.
    static func main() {
        ContainerShim.runIfAsked(CommandLine.arguments)
        main(nil)
    }
}
