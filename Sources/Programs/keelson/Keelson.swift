internal import ArgumentParser
internal import Commands
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
            CheckCommand.self, SnapshotCommand.self, CompletionCommand.self,
        ] + ClusterCommands.all)

    /// Parses the arguments and runs what they ask for.
    static func main() {
        ContainerShim.runIfAsked(CommandLine.arguments)
        let arguments = Array(CommandLine.arguments.dropFirst())
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        if let verb = arguments.first, !verb.hasPrefix("-"), !(names + ["help"]).contains(verb) {
            exit(withError: ClusterCommands.complainOfUnknown(verb, among: names))
        }
        guard ClusterCommands.isOne(arguments) else { return main(arguments) }
        main(clusterCommand: arguments)
    }

    private static func main(clusterCommand arguments: [String]) {
        let parsed = Result { try parseAsRoot(ClusterCommands.prepared(arguments)) }
        switch parsed {
        case .failure(let error): exit(withError: told(error, verb: arguments[0]))
        case .success(var command):
            let outcome = Result { try command.run() }
            if case .failure(let error) = outcome { exit(withError: error) }
        }
    }

    /// Says what is wrong with arguments as kubectl does; what else ends a command has been said.
    private static func told(_ error: any Error, verb: String) -> any Error {
        if error is ExitCode || exitCode(for: error) == .success { return error }
        return ClusterCommands.complain(message(for: error), verb: verb)
    }
}
