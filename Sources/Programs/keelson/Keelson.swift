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
        guard arguments.first != "help" else { return main(arguments) }
        let path = checkedPath(arguments)
        guard ClusterCommands.isOne(arguments) else { return main(arguments) }
        main(clusterCommand: arguments, path: path)
    }

    /// The words that name the command. Ends the program if a word stands where a command should
    /// that is none.
    private static func checkedPath(_ arguments: [String]) -> [String] {
        var command: any ParsableCommand.Type = Keelson.self
        var path = ["keelson"]
        for word in arguments {
            let known = command.configuration.subcommands
            guard !known.isEmpty, !word.hasPrefix("-") else { break }
            // What concerns the store complains as etcdctl does.
            guard path.count == 1 || ClusterCommands.isOne(arguments) else { break }
            let next = known.first {
                $0.configuration.commandName == word || $0.configuration.aliases.contains(word)
            }
            guard let next else {
                // It may be an argument of the command that need not be named.
                if command.configuration.defaultSubcommand != nil { break }
                let names = known.compactMap { $0.configuration.commandName }
                exit(withError: ClusterCommands.complainOfUnknown(word, of: path, among: names))
            }
            command = next
            path.append(word)
        }
        return path
    }

    private static func main(clusterCommand arguments: [String], path: [String]) {
        let parsed = Result { try parseAsRoot(ClusterCommands.prepared(arguments)) }
        switch parsed {
        case .failure(let error): exit(withError: told(error, path: path))
        case .success(var command):
            let outcome = Result { try command.run() }
            if case .failure(let error) = outcome { exit(withError: error) }
        }
    }

    /// Says what is wrong with arguments as kubectl does; what else ends a command has been said.
    private static func told(_ error: any Error, path: [String]) -> any Error {
        if error is ExitCode || exitCode(for: error) == .success { return error }
        return ClusterCommands.complain(message(for: error), path: path)
    }
}
