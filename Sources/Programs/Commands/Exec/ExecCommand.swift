internal import APIClient
internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson exec`.
struct ExecCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command in a container.",
        discussion: """
            keelson exec web-7d4 -- ls /
            keelson exec -it deployment/web -c main -- sh
            """)
    @Argument(help: "POD or TYPE/NAME.", completion: Completion.pods(behind: 1))
    var target: String?
    @Option(
        name: [.customShort("c", allowingJoined: true), .long], help: "The container.",
        completion: Completion.containers(behind: 1))
    var container: String?
    @Flag(name: [.customShort("i"), .long], help: "Pass standard input on.") var stdin = false
    @Flag(name: [.customShort("t"), .long], help: "Give the command a terminal.") var tty = false
    @Flag(name: .shortAndLong, help: "Do not say which container it is.") var quiet = false
    @OptionGroup var cluster: ClusterOptions
    @Argument(parsing: .postTerminator, help: "The command and its arguments.")
    var command: [String] = []

    func run(_ session: Session) throws {
        guard let target else { throw CommandFailure("pod or type/name must be specified") }
        guard !command.isEmpty else {
            throw CommandFailure("you must specify at least one command for the container")
        }
        let pod = try PodChoice.pod(target, session)
        if let phase = pod["status"]["phase"].stringValue, ["Succeeded", "Failed"].contains(phase) {
            throw CommandFailure(
                "cannot exec into a container in a completed pod; current phase is \(phase)")
        }
        let name = try PodChoice.container(
            of: pod, named: ClusterOptions.plain(container), isQuiet: quiet)
        let kind = try session.directory.kind(named: "pods")
        let place = ObjectPlace(kind, namespace: pod.objectNamespace, name: pod.objectName)
        // A terminal that nobody types at is none.
        let terminal = tty && stdin ? Terminal() : nil
        if tty, stdin, terminal == nil, !quiet {
            Standard.complain(
                "Unable to use a TTY - input is not a terminal or the right kind of file")
        }
        let remote = try RemoteCommand(session.client, path(place, name, terminal != nil))
        let outcome = try CommandConversation(remote, terminal).run(passesInput: stdin)
        switch outcome {
        case .exited(0): return
        case .exited(let code):
            Standard.complain("command terminated with exit code \(code)")
            throw ExitCode(code)
        case .failed(let why): throw CommandFailure(why)
        default: throw CommandFailure.told
        }
    }

    /// The command's arguments may be empty: they are in the path.
    private func path(_ place: ObjectPlace, _ container: String, _ hasTerminal: Bool) -> String {
        var query = command.map { "command=" + ObjectClient.escaped($0) }
        query += ["container=" + ObjectClient.escaped(container), "stdout=true"]
        if stdin { query.append("stdin=true") }
        query.append(hasTerminal ? "tty=true" : "stderr=true")
        return place.path("exec") + "?" + query.joined(separator: "&")
    }
}

/// The user on one side and a command on the other.
struct CommandConversation {
    private let remote: RemoteCommand
    private let terminal: Terminal?

    init(_ remote: RemoteCommand, _ terminal: Terminal?) {
        self.remote = remote
        self.terminal = terminal
    }

    /// Passes on what each says, until the command has ended.
    func run(passesInput: Bool) throws -> CommandChannels.Event {
        terminal?.makeRaw()
        defer { terminal?.restore() }
        tellSize()
        var listens = passesInput
        while true {
            for event in try remote.exchange() {
                switch event {
                case .output(let bytes): Standard.write(bytes)
                case .errors(let bytes): Standard.complain(bytes)
                case .exited, .failed: return event
                }
            }
            // Input is fetched only once all before it is sent.
            let ready = Descriptors.wait(
                remote.descriptor, isFull: remote.hasUnsent,
                input: listens && !remote.hasUnsent, signals: terminal?.signals)
            if ready.hasSignal, terminal?.takeSignal() == true { tellSize() }
            if ready.hasInput {
                let bytes = Descriptors.readInput()
                listens = !bytes.isEmpty
                if listens { remote.send(input: bytes) } else { remote.endInput() }
            }
        }
    }

    private func tellSize() {
        guard let size = terminal?.size else { return }
        remote.resize(columns: size.columns, rows: size.rows)
    }
}
