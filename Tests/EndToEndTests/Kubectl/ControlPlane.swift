import Foundation

/// A `keelson server` with a folder and a port of its own, and a user with a terminal beside it.
/// It runs without controllers, so that things stay as the user leaves them, unless told to.
final class ControlPlane {
    /// Where everything is that this server and its user write.
    let scratch: Scratch
    /// The kubectl of the user.
    let kubectl: Programs.Tool
    let apiPort: Int
    /// The store behind it, for tests that do to it what time would do.
    let storeAddress: String
    private let flags: [String]
    /// What the server is started by.
    private var starter: [String] = []
    private var process: ChildProcess?

    /// What everybody here sends to be the administrator.
    private static let token = "e2e-administrator"
    /// What is known of a user who may do nothing.
    static let strangersToken = "e2e-stranger"

    /// Starts a server and waits until it is ready.
    convenience init(
        _ kubectl: Programs.Tool = Programs.kubectls.last!, roles: String? = "store,api"
    ) throws {
        try self.init(kubectl, flags: roles.map { ["--roles", $0] } ?? [])
        try start()
    }

    /// A whole server with a node of a name that is the same everywhere.
    static func whole() throws -> ControlPlane {
        let plane = try ControlPlane(Programs.kubectls.last!, flags: ["--node-name", "node"])
        try plane.start()
        return plane
    }

    /// A whole server whose processes have no privileges, whoever runs the tests.
    static func unprivileged() throws -> ControlPlane {
        let plane = try ControlPlane(Programs.kubectls.last!, flags: [])
        if geteuid() == 0 {
            plane.starter = ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"]
        }
        try plane.start()
        return plane
    }

    /// Three servers, each with a member of one store, and nodes m0 to m2 if they run any.
    static func three(roles: String? = "store,api") throws -> [ControlPlane] {
        let peers = try (0..<3).map { _ in "http://127.0.0.1:\(try Ports.free())" }
        let initial = peers.enumerated().map { "m\($0.offset)=\($0.element)" }
        let planes = try peers.enumerated().map { index, peer in
            try ControlPlane(
                Programs.kubectls.last!,
                flags: StoreCluster.impatient + (roles.map { ["--roles", $0] } ?? []) + [
                    "--node-name", "m\(index)", "--name", "m\(index)", "--listen-peer-urls", peer,
                    "--initial-advertise-peer-urls", peer,
                    "--initial-cluster", initial.joined(separator: ","),
                ])
        }
        for plane in planes { try plane.launch() }
        for plane in planes { try plane.waitUntilReady() }
        return planes
    }

    private init(_ kubectl: Programs.Tool, flags: [String]) throws {
        self.kubectl = kubectl
        self.flags = flags
        scratch = try Scratch()
        apiPort = try Ports.free()
        storeAddress = "http://127.0.0.1:\(try Ports.free())"
        let tokens = """
            \(Self.token),admin,1,"system:masters"
            \(Self.strangersToken),jane,2,"readers"

            """
        try tokens.write(toFile: scratch.path + "/tokens", atomically: true, encoding: .utf8)
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/home", withIntermediateDirectories: true)
    }

    var kubeconfig: String { scratch.path + "/data/kubeconfig" }
    var certificateAuthority: String { scratch.path + "/data/pki/ca.crt" }
    var address: String { "https://127.0.0.1:\(apiPort)" }

    /// Whether its member leads the store.
    func isLeader() throws -> Bool {
        let tool = Programs.etcdctls.last!.path
        let answer = try ChildProcess.run(
            [tool, "--endpoints=" + storeAddress, "endpoint", "status"],
            variables: ["ETCDCTL_API": "3"])
        let fields = answer.output.split(separator: ", ")
        return fields.count > 4 && fields[4] == "true"
    }

    /// Starts or restarts the server.
    func start() throws {
        try launch()
        try waitUntilReady()
    }

    private func launch() throws {
        let log = scratch.path + "/log"
        process = try ChildProcess(
            starter + [
                Programs.keelson, "server", "--data-dir", scratch.path + "/data",
                "--api-listen", "127.0.0.1:\(apiPort)",
                "--token-auth-file", scratch.path + "/tokens",
                "--listen-client-urls", storeAddress, "--advertise-client-urls", storeAddress,
            ] + flags, voice: .file(log))
    }

    private func waitUntilReady() throws {
        try eventually("the server to be ready") {
            guard process?.isRunning == true else {
                throw TooLate(description: "it ended: \(scratch.text("log"))")
            }
            return try request("GET", "/readyz").output == "ok" ? true : nil
        }
    }

    /// Ends the server as an operator does.
    func stop() throws {
        process?.signal(SIGTERM)
        try eventually("the server to end") { process?.isRunning == true ? nil : true }
        guard try process?.finish().exitCode == 0 else {
            throw TooLate(description: "it ended badly: \(scratch.text("log"))")
        }
        process = nil
    }

    /// Ends the server as a power cut would.
    func kill() {
        process?.end()
        process = nil
    }

    /// Runs a line as a shell does, with `kubectl`, `keelson`, `terminal` (keelson at a terminal,
    /// whose signs are shown; blanks and quotes of its words count once more) and
    /// `api METHOD PATH [curl's options]`; both outputs are one.
    /// - Parameter verbs: a pattern of the shell: calls of kubectl that fit go to keelson.
    func shell(_ line: String, keelson verbs: String = "''", but exceptions: String = "''") throws
        -> Answer
    {
        let prelude = """
            exec 2>&1
            cd '\(scratch.path)/home'
            keelson() { '\(Programs.keelson)' "$@"; }
            terminal() {
                script --quiet --return --command "'\(Programs.keelson)' $*" /dev/null > ../screen
                set -- $?
                sed 's/\\x1b/^[/g; s/\\r/^M/g' ../screen
                return $1
            }
            kubectl() {
                case "$*" in
                \(exceptions)) '\(kubectl.path)' "$@" ;;
                \(verbs)) keelson "$@" ;;
                *) '\(kubectl.path)' "$@" ;;
                esac
            }
            api() {
                method=$1; path=$2; shift 2
                curl --silent --cacert '\(certificateAuthority)' --max-time 20 \
                    --header 'Authorization: Bearer \(Self.token)' --request "$method" "$@" \
                    '\(address)'"$path"
            }

            """
        return try ChildProcess.run(
            ["/bin/sh", "-c", prelude + line], variables: variables, within: .seconds(60))
    }

    /// Runs kubectl; a failure is an error.
    @discardableResult
    func callAsFunction(
        within duration: Duration = .seconds(30), _ words: String..., input: String = ""
    ) throws -> String {
        let answer = try ChildProcess.run(
            [kubectl.path] + words, variables: variables, input: input, within: duration)
        guard answer.exitCode == 0 else {
            throw TooLate(description: words.joined(separator: " ") + ": " + answer.errors)
        }
        return answer.output
    }

    /// Starts a kubectl that goes on.
    func start(_ words: String...) throws -> ChildProcess { try start(words) }

    /// The same with words in a list.
    func start(_ words: [String]) throws -> ChildProcess {
        try ChildProcess([kubectl.path] + words, variables: variables)
    }

    /// Starts a keelson that goes on.
    func startKeelson(_ words: [String]) throws -> ChildProcess {
        try ChildProcess([Programs.keelson] + words, variables: variables)
    }

    /// One request by curl.
    func request(_ method: String, _ path: String, _ options: String...) throws -> Answer {
        try ChildProcess.run(curl(method, path) + options)
    }

    /// Starts a request whose answer goes on.
    func open(_ path: String, _ options: [String] = []) throws -> ChildProcess {
        try ChildProcess(curl("GET", path) + ["--no-buffer"] + options)
    }

    private func curl(_ method: String, _ path: String) -> [String] {
        [
            "/usr/bin/curl", "--silent", "--cacert", certificateAuthority, "--request", method,
            "--header", "Authorization: Bearer " + Self.token, address + path,
        ]
    }

    private var variables: [String: String] {
        [
            "KUBECONFIG": kubeconfig, "ETCDCTL_ENDPOINTS": storeAddress,
            "HOME": scratch.path + "/home", "TZ": "UTC",
        ]
    }
}
