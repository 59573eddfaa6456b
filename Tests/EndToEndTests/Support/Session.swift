/// What somebody at a terminal does with etcdctl and a cluster, and all that is said: the
/// transcripts of two servers can be compared.
final class Session {
    let cluster: StoreCluster
    let tool: Programs.Tool
    private var transcript: [String] = []

    init(_ cluster: StoreCluster, _ tool: Programs.Tool) {
        self.cluster = cluster
        self.tool = tool
    }

    /// Everything said, with what differs between any two runs replaced by names.
    var normalized: [String] { Normalizer.normalize(transcript.joined(separator: "\n")) }

    /// Runs etcdctl with these words, and writes down what came of it.
    @discardableResult
    func callAsFunction(
        _ words: String..., input: String = "", endpoints: [String]? = nil
    ) throws -> Answer {
        let answer = try quietly(words, input: input, endpoints: endpoints)
        note("$ " + words.joined(separator: " "))
        if !input.isEmpty { note(input) }
        note(answer.output)
        note(Self.withoutLog(answer.errors))
        note("exit \(answer.exitCode)")
        return answer
    }

    /// Runs etcdctl without writing anything down.
    func quietly(
        _ words: [String], input: String = "", endpoints: [String]? = nil
    ) throws -> Answer {
        try ChildProcess.run(
            [tool.path] + cluster.flagsOfTools(endpoints: endpoints) + words,
            variables: ["ETCDCTL_API": "3"], input: input)
    }

    /// Starts an etcdctl that goes on.
    func start(_ words: String...) throws -> ChildProcess {
        note("$ " + words.joined(separator: " "))
        return try ChildProcess(
            [tool.path] + cluster.flagsOfTools() + words, variables: ["ETCDCTL_API": "3"])
    }

    /// Writes something down.
    func note(_ text: String) {
        if !text.isEmpty { transcript.append(text) }
    }

    /// Waits until every member has applied all that was acknowledged.
    func settle() throws {
        for endpoint in cluster.endpoints {
            let answer = try quietly(["get", "settled"], endpoints: [endpoint])
            guard answer.exitCode == 0 else { throw TooLate(description: answer.errors) }
        }
    }

    /// Waits until changes of the membership are accepted: etcd wants its members to have been
    /// connected for five seconds.
    func settleMembership() throws {
        try eventually("changes of the membership to be accepted") {
            let taken = cluster.members[0].peer
            let answer = try quietly(["member", "add", "taken", "--peer-urls=\(taken)"])
            return answer.errors.contains("Peer URLs already exists") ? true : nil
        }
    }

    /// The store's revision now.
    func revision() throws -> Int {
        let answer = try quietly(["get", "settled", "-w", "json"])
        let digits = answer.output.split(separator: "\"revision\":").last?.prefix { $0.isNumber }
        guard let revision = digits.flatMap({ Int($0) }) else {
            throw TooLate(description: "no revision in \(answer.output)\(answer.errors)")
        }
        return revision
    }

    /// etcdctl logs to standard error too, in a form of its own.
    private static func withoutLog(_ errors: String) -> String {
        errors.split(separator: "\n").filter { !$0.hasPrefix("{\"level\"") }
            .joined(separator: "\n")
    }
}
