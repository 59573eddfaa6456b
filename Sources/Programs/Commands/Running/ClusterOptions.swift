internal import ArgumentParser
internal import ClusterAccess
internal import Foundation

/// The flags of every command that asks a cluster.
struct ClusterOptions: ParsableArguments {
    @Option(
        name: [.customShort("n", allowingJoined: true), .long],
        help: "The namespace of the objects.", completion: Completion.namespaces)
    var namespace: String?
    @Option(
        help: "The file that says where the cluster is and who one is there.",
        completion: .file())
    var kubeconfig: String?
    @Option(
        help: "The context of the file to use.", completion: Completion.configured(.contexts))
    var context: String?
    @Option(
        help: "The cluster of the file to use.", completion: Completion.configured(.clusters))
    var cluster: String?
    @Option(help: "The user of the file to be.", completion: Completion.configured(.users))
    var user: [String] = []
    @Option(
        name: [.customShort("s", allowingJoined: true), .long], help: "Where the server is.")
    var server: String?
    @Option(help: "The token to show to the server.") var token: String?
    @Option(
        help: "A file with the authorities that sign for the server.", completion: .file())
    var certificateAuthority: String?
    @Flag(help: "Take any certificate of the server.") var insecureSkipTlsVerify = false
    @Option(help: "How long the server may take to answer, as in 30s (no limit).")
    var requestTimeout: String?
    @Option(name: .customLong("as"), help: "The user to act as.") var impersonated: String?
    @Option(name: .customLong("as-group"), help: "A group to act in; may stand several times.")
    var impersonatedGroups: [String] = []

    /// What the flags and files lead to.
    func session() throws -> Session {
        var overrides = Kubeconfig.Overrides()
        overrides.context = context
        overrides.cluster = cluster
        overrides.user = user.last
        overrides.namespace = Self.plain(namespace)
        overrides.server = server
        overrides.token = token
        overrides.authorityFile = certificateAuthority
        overrides.trustsAnyone = insecureSkipTlsVerify
        overrides.impersonatedUser = impersonated
        overrides.impersonatedGroups = impersonatedGroups
        let endpoint = try configuration().access(overrides, readFile: Standard.read)
        let timeout = try requestTimeout.flatMap {
            try ShortDuration.parse($0, flag: "request-timeout")
        }
        let client = ClusterClient(endpoint, requestTimeout: timeout) {
            Standard.complain("Warning: \($0)")
        }
        return Session(client, namespaceIsGiven: namespace != nil)
    }

    /// `-n=x` means the same as `-n x`.
    static func plain(_ value: String?) -> String? {
        value?.hasPrefix("=") == true ? String(value!.dropFirst()) : value
    }

    /// The files that count: the one that is named, those of KUBECONFIG, or the first that there
    /// is of those that servers and kubectl write.
    static func configurationFiles(_ given: String?) throws -> [String] {
        if let given {
            guard FileManager.default.fileExists(atPath: given) else {
                throw CommandFailure("stat \(given): no such file or directory")
            }
            return [given]
        }
        let exists = FileManager.default.fileExists(atPath:)
        if let list = Standard.variable("KUBECONFIG") {
            return list.split(separator: ":").map(String.init).filter(exists)
        }
        let home = Standard.variable("HOME") ?? ""
        let usual = [
            "default.keelson/kubeconfig", home + "/.keelson/server/kubeconfig",
            home + "/.kube/config",
        ]
        return usual.first(where: exists).map { [$0] } ?? []
    }

    /// What the files say.
    func configuration() throws -> Kubeconfig {
        var configuration = Kubeconfig()
        for file in try Self.configurationFiles(kubeconfig) {
            try configuration.merge(try Standard.read(file), from: file)
        }
        return configuration
    }
}
