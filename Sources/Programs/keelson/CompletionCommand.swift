internal import ArgumentParser
internal import Commands

/// `keelson completion`.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a script that completes commands in a shell.",
        discussion: """
            source <(keelson completion bash)
            keelson completion zsh > ~/.zfunc/_keelson
            keelson completion fish > ~/.config/fish/completions/keelson.fish
            """)
    @Argument(help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"]))
    var shell: String?

    func run() throws {
        guard let shell else { throw Self.failure("shell not specified") }
        guard let known = CompletionShell(rawValue: shell) else {
            throw Self.failure("unsupported shell type \"\(shell)\"")
        }
        print(Keelson.completionScript(for: known))
    }

    private static func failure(_ message: String) -> ExitCode {
        ClusterCommands.complain(message, path: ["keelson", "completion"])
    }
}
