import Glibc

/// The members of a cluster, each a process with a folder and ports of its own.
final class StoreCluster {
    struct Member {
        var name: String
        var client: String
        var clientPort: Int
        var peer: String
        var dataFolder: String
        var log: String
        var arguments: [String]
        var process: ChildProcess?
    }

    let contender: Contender
    let setup: Setup
    let scratch: Scratch
    private(set) var members: [Member] = []
    private let certificates: Certificates?
    private let flags: [String]
    private var namesGiven = 0

    /// Elections that are quick, so that no test waits for one.
    static let impatient = ["--heartbeat-interval", "50", "--election-timeout", "500"]

    /// Starts a cluster and waits until every member serves. `flags` are for all members.
    init(_ contender: Contender, _ setup: Setup, flags: [String]) throws {
        self.contender = contender
        self.setup = setup
        self.flags = flags
        scratch = try Scratch()
        certificates = setup.isSecure ? try Certificates(in: scratch.path) : nil
        for _ in 0..<setup.memberCount { members.append(try makeMember()) }
        let initial = members.map { "\($0.name)=\($0.peer)" }.joined(separator: ",")
        for index in members.indices {
            members[index].arguments += [
                "--initial-cluster", initial, "--initial-cluster-state", "new",
            ]
            try start(index)
        }
        try waitUntilServing()
    }

    var endpoints: [String] { members.map(\.client) }

    /// Adds a member that is to join; it is not started.
    func addMember() throws -> Int {
        var member = try makeMember()
        let initial = (members + [member]).map { "\($0.name)=\($0.peer)" }
        member.arguments += [
            "--initial-cluster", initial.joined(separator: ","),
            "--initial-cluster-state", "existing",
        ]
        members.append(member)
        return members.count - 1
    }

    /// Starts or restarts a member, this time with more flags.
    func start(_ index: Int, with more: [String] = []) throws {
        members[index].process = try ChildProcess(
            contender.command + members[index].arguments + more,
            voice: .file(members[index].log))
    }

    /// Ends a member as a power cut would.
    func kill(_ index: Int) {
        members[index].process?.end()
        members[index].process = nil
    }

    /// Takes a member whose process has ended by itself off the list; false while it runs.
    func collect(named name: String) throws -> Bool {
        guard let index = members.firstIndex(where: { $0.name == name }) else { return true }
        guard members[index].process?.isRunning != true else { return false }
        members.remove(at: index)
        return true
    }

    /// How etcdctl is told to reach the members.
    func flagsOfTools(endpoints: [String]? = nil) -> [String] {
        var flags = ["--endpoints=" + (endpoints ?? self.endpoints).joined(separator: ",")]
        if let certificates {
            flags += [
                "--cacert=" + certificates.authority,
                "--cert=" + certificates.client.certificate,
                "--key=" + certificates.client.key,
            ]
        }
        return flags
    }

    /// The last lines of a member's log.
    func logTail(_ index: Int) -> String {
        scratch.text(members[index].name + ".log").split(separator: "\n").suffix(8)
            .joined(separator: "\n")
    }

    /// Waits until each running member answers a linearizable read and knows all names.
    func waitUntilServing() throws {
        let tool = Programs.etcdctls.last!.path
        for index in members.indices where members[index].process != nil {
            let flags = flagsOfTools(endpoints: [members[index].client])
            try eventually("member \(members[index].name) to serve") {
                guard members[index].process?.isRunning == true else {
                    throw TooLate(description: "it ended: " + logTail(index))
                }
                let answer = try ChildProcess.run(
                    [tool] + flags + ["--dial-timeout=1s", "--command-timeout=2s"]
                        + ["member", "list"], variables: ["ETCDCTL_API": "3"])
                return answer.exitCode == 0 && !answer.output.contains("unstarted") ? true : nil
            }
        }
    }

    private func makeMember() throws -> Member {
        let name = "m\(namesGiven)"
        namesGiven += 1
        let scheme = setup.isSecure ? "https" : "http"
        let port = try Ports.free()
        let client = "\(scheme)://127.0.0.1:\(port)"
        let peer = "\(scheme)://127.0.0.1:\(try Ports.free())"
        let folder = scratch.path + "/" + name
        var arguments = [
            "--name", name, "--data-dir", folder, "--log-level", "info",
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster-token", "e2e",
        ]
        if let certificates {
            for prefix in ["--", "--peer-"] {
                arguments += [
                    prefix + "cert-file", certificates.server.certificate,
                    prefix + "key-file", certificates.server.key,
                    prefix + "trusted-ca-file", certificates.authority,
                    prefix + "client-cert-auth",
                ]
            }
        }
        return Member(
            name: name, client: client, clientPort: port, peer: peer, dataFolder: folder,
            log: scratch.path + "/" + name + ".log", arguments: arguments + flags)
    }
}
