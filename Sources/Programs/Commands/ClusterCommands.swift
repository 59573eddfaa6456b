package import ArgumentParser
internal import ClusterAccess

/// The verbs of kubectl, and how their arguments are read.
package enum ClusterCommands {
    /// The commands, as subcommands of the one program.
    package static var all: [any ParsableCommand.Type] { verbs }

    private static let verbs: [any ParsableCommand.Type] = [
        GetCommand.self, CreateCommand.self, DeleteCommand.self, ScaleCommand.self,
        LabelCommand.self, AnnotateCommand.self, PatchCommand.self, SetCommand.self,
        ApplyCommand.self, WaitCommand.self, RolloutCommand.self, LogsCommand.self,
        ExecCommand.self, EventsCommand.self, APIResourcesCommand.self, StatusCommand.self,
        TreeCommand.self, PlanCommand.self, DriftCommand.self, DiffCommand.self,
        DescribeCommand.self, ExplainCommand.self,
    ]

    /// Whether arguments begin with one of the commands.
    package static func isOne(_ arguments: [String]) -> Bool {
        guard let verb = arguments.first else { return false }
        return all.contains { $0.configuration.commandName == verb }
    }

    /// Arguments with `--flag=true` and `--flag=false` as the parser takes them.
    package static func prepared(_ arguments: [String]) -> [String] {
        var isOpen = true
        let set = flagsThatAreSet[arguments.first ?? ""] ?? []
        return arguments.compactMap { argument in
            if argument == "--" { isOpen = false }
            guard isOpen, argument.hasPrefix("--") else { return argument }
            if argument.hasSuffix("=true") {
                let flag = String(argument.dropLast("=true".count))
                return flags.contains(flag) ? flag : argument
            }
            guard argument.hasSuffix("=false") else { return argument }
            let flag = String(argument.dropLast("=false".count))
            if set.contains(flag) { return "--no-" + flag.dropFirst(2) }
            return flags.contains(flag) ? nil : argument
        }
    }

    /// Flags that count if nothing is said.
    private static let flagsThatAreSet: [String: Set<String>] = [
        "delete": ["--wait"], "rollout": ["--watch"], "describe": ["--show-events"],
    ]

    private static let flags: Set = [
        "--all", "--all-containers", "--all-namespaces", "--force", "--force-conflicts",
        "--follow", "--ignore-not-found", "--insecure-skip-tls-verify", "--list", "--no-headers",
        "--now", "--output-watch-events", "--overwrite", "--prefix", "--previous", "--prune",
        "--quiet", "--recursive", "--save-config", "--server-side", "--show-events", "--show-kind",
        "--show-labels", "--show-managed-fields", "--stdin", "--timestamps", "--tty", "--wait",
        "--watch", "--watch-only",
    ]

    /// Says what is wrong with the arguments of one of the commands.
    /// - Parameter path: the words that name it.
    /// - Returns: the exit code.
    package static func complain(_ message: String, path: [String]) -> ExitCode {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        let first = lines.first.map(String.init) ?? ""
        Standard.complain("error: " + first.prefix(1).lowercased() + first.dropFirst())
        Standard.complain("See '\(path.joined(separator: " ")) --help' for usage.")
        return ExitCode(1)
    }

    /// Says that there is no such command.
    /// - Parameters:
    ///   - path: the words before it.
    ///   - names: the commands that there are.
    /// - Returns: the exit code.
    package static func complainOfUnknown(
        _ verb: String, of path: [String], among names: [String]
    ) -> ExitCode {
        let parent = path.joined(separator: " ")
        var text = "error: unknown command \"\(verb)\" for \"\(parent)\""
        if let meant = Suggestion.nearest(to: verb, among: names) {
            text += "\n\nDid you mean this?\n\t\(meant)"
        }
        Standard.complain(text)
        return ExitCode(1)
    }
}
