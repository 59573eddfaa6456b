import Glibc

/// One or three members of one contender, each a process with a data folder of its own.
final class ServerCluster {
    /// A member and how it is started.
    private struct Member {
        var name: String
        var dataPath: String
        var logPath: String
        var clientPort: Int
        var arguments: [String]
        var process: ServerProcess?
    }

    let contender: Contender
    private let folder: FolderTree
    private var members: [Member] = []

    /// Prepares `memberCount` members in a new folder; nothing runs yet.
    init(_ contender: Contender, memberCount: Int, folder: FolderTree) throws {
        self.contender = contender
        self.folder = folder
        try folder.make()
        let ports = try Loopback.freePorts(memberCount * 2)
        let names = (0..<memberCount).map { "m\($0)" }
        let peers = zip(names, ports[memberCount...]).map { "\($0)=http://127.0.0.1:\($1)" }
        for (index, name) in names.enumerated() {
            let client = "http://127.0.0.1:\(ports[index])"
            let peer = "http://127.0.0.1:\(ports[memberCount + index])"
            let dataPath = "\(folder.path)/\(name)"
            let flags = [
                "--name", name, "--data-dir", dataPath,
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", peers.joined(separator: ","),
                "--initial-cluster-state", "new", "--initial-cluster-token", "benchmark",
                "--quota-backend-bytes", String(8 << 30), "--log-level", "error",
            ]
            members.append(
                Member(
                    name: "\(contender.label) \(name)", dataPath: dataPath,
                    logPath: "\(folder.path)/\(name).log", clientPort: ports[index],
                    arguments: contender.leadingArguments + flags))
        }
    }

    /// Where clients connect to.
    var clientPorts: [Int] { members.map(\.clientPort) }

    /// Starts all members and waits until each answers a linearizable read. Answers the
    /// nanoseconds that took.
    @discardableResult
    func start(timeoutSeconds: Int = 60) throws -> Int64 {
        let began = nanoseconds()
        for index in members.indices {
            let member = members[index]
            members[index].process = try ServerProcess(
                contender.executable, member.arguments, logPath: member.logPath)
        }
        for member in members {
            try waitUntilServing(member, deadline: began + Int64(timeoutSeconds) * 1_000_000_000)
        }
        return nanoseconds() - began
    }

    /// Ends all members as an operator would.
    func stop() {
        for member in members { member.process?.end() }
    }

    /// Ends all members by force and removes their folders.
    func discard() {
        for member in members { member.process?.endNow() }
        folder.remove()
    }

    /// What the members use, together.
    func usage() -> ProcessUsage {
        ProcessUsage.sum(of: members.compactMap { $0.process?.id })
    }

    /// Blocks on the disk, of all members together.
    func diskBytes() -> Int {
        members.reduce(0) { $0 + FolderTree(path: $1.dataPath).allocatedBytes() }
    }

    /// Makes the kernel forget the members' files, while they are stopped.
    func dropFromPageCache() {
        for member in members { FolderTree(path: member.dataPath).dropFromPageCache() }
    }

    /// - Throws: `LoadFailure.serverEnded` if a member ended by itself.
    func checkAlive() throws {
        for member in members where member.process?.hasEnded() ?? true {
            throw LoadFailure.serverEnded(
                name: member.name, log: TextFile.lastLines(10, of: member.logPath))
        }
    }

    private func waitUntilServing(_ member: Member, deadline: Int64) throws {
        let began = nanoseconds()
        while nanoseconds() < deadline {
            try checkAlive()
            // Refused as long as nobody listens; that is what is waited for.
            if try answers(member.clientPort) { return }
            try Interruption.pause(milliseconds: 2)
        }
        throw LoadFailure.serverNotReady(
            name: member.name, seconds: Int((nanoseconds() - began) / 1_000_000_000),
            log: TextFile.lastLines(10, of: member.logPath))
    }

    /// Whether the member answers a read; whatever else happens means not yet.
    private func answers(_ port: Int) throws -> Bool {
        do {
            return try ReadinessProbe(port: port).answers(withinMilliseconds: 5_000)
        } catch LoadFailure.interrupted {
            throw LoadFailure.interrupted
        } catch {
            return false
        }
    }
}
