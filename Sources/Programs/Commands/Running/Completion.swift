internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// What a shell offers behind a verb. The cluster is asked, but not for long: who waits for a
/// list would rather type.
enum Completion {
    private static let timeout = "2s"
    /// Names of a kind that are asked for.
    private static let namesMax = 500

    /// What rolls out, and what has copies.
    static let rolledOut = ["deployments", "daemonsets", "statefulsets"]
    static let scalable = ["deployments", "replicasets", "statefulsets"]

    /// `TYPE NAME…` or `TYPE/NAME…`.
    /// - Parameters:
    ///   - depth: how many words the verb has.
    ///   - kinds: the types that it takes; all if there are none.
    static func resources(behind depth: Int, of kinds: [String] = []) -> CompletionKind {
        .custom { words, index, _ in
            offer(words, index) { line, session in
                try resources(line, behind: depth, of: kinds, session)
            }
        }
    }

    /// `POD` or `TYPE/NAME`.
    static func pods(behind depth: Int) -> CompletionKind {
        .custom { words, index, _ in
            offer(words, index) { line, session in
                guard line.positionals.count == depth else { return [] }
                guard line.current.contains("/") else { return try names("pods", session) }
                return try resources(line, behind: depth, of: [], session)
            }
        }
    }

    /// The containers of the pod that stands behind the verb.
    static func containers(behind depth: Int) -> CompletionKind {
        .custom { words, index, _ in
            offer(words, index) { line, session in
                guard line.positionals.count > depth else { return [] }
                let pod = try PodChoice.pod(line.positionals[depth], session)
                return ["containers", "initContainers"].flatMap {
                    (pod["spec"][$0].arrayValue ?? []).compactMap { $0["name"].stringValue }
                }
            }
        }
    }

    /// Namespaces of the cluster.
    static var namespaces: CompletionKind {
        .custom { words, index, _ in
            offer(words, index) { _, session in try names("namespaces", session) }
        }
    }

    /// What the configuration calls contexts, clusters or users.
    static func configured(_ what: Kubeconfig.Section) -> CompletionKind {
        .custom { words, index, _ in
            let line = CompletedLine(words, index)
            // Without a configuration there is nothing to offer.
            guard let files = try? line.options().configuration() else { return [] }
            return files.names(of: what).filter { $0.hasPrefix(line.current) }
        }
    }

    private static func offer(
        _ words: [String], _ index: Int,
        _ list: (CompletedLine, Session) throws -> [String]
    ) -> [String] {
        let line = CompletedLine(words, index)
        guard !line.current.hasPrefix("-") else { return [] }
        do {
            var options = try line.options()
            options.requestTimeout = timeout
            return try list(line, try options.session()).filter { $0.hasPrefix(line.current) }
        } catch {
            // A message would land in the middle of the line that is being typed.
            return []
        }
    }

    private static func resources(
        _ line: CompletedLine, behind depth: Int, of kinds: [String], _ session: Session
    ) throws -> [String] {
        if let slash = line.current.firstIndex(of: "/") {
            let type = String(line.current[..<slash])
            return try names(type, session).map { type + "/" + $0 }
        }
        let before = line.positionals.dropFirst(depth)
        guard let type = before.first else {
            return kinds.isEmpty ? try types(session) : kinds
        }
        guard !type.contains("/") else { return [] }
        return try names(type, session).filter { !before.contains($0) }
    }

    private static func types(_ session: Session) throws -> [String] {
        try session.directory.all().filter { $0.verbs.contains("list") }.map(\.printedResource)
    }

    private static func names(_ type: String, _ session: Session) throws -> [String] {
        let kind = try session.directory.kind(named: type)
        var request = ClusterClient.Request("GET", kind.path(namespace: session.namespace))
        request.query = [("limit", "\(namesMax)")]
        request.accept =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
        return try (session.client.json(request)["items"].arrayValue ?? []).map(\.objectName)
    }
}

/// A command line while it is typed.
struct CompletedLine {
    /// The word that is being typed, as far as it is there.
    let current: String
    /// The words before it that are no flags and no values of flags, without the program.
    let positionals: [String]
    /// The flags before it that say where the cluster is.
    private let clusterWords: [String]

    /// Flags whose value is the word behind them, if it is not behind a `=`.
    private static let valued: Set = [
        "-c", "--container", "-f", "--filename", "-l", "--selector", "-o", "--output", "-p",
        "--field-selector", "--for", "--timeout", "--type", "--patch", "--replicas", "--tail",
        "--since", "-L", "--sort-by", "--dry-run", "--cascade", "--to-revision",
    ]
    private static let cluster: Set = [
        "-n", "--namespace", "--kubeconfig", "--context", "--cluster", "--user", "-s", "--server",
        "--token", "--certificate-authority", "--as", "--as-group",
    ]

    init(_ words: [String], _ index: Int) {
        current = words.indices.contains(index) ? words[index] : ""
        var positionals: [String] = []
        var clusterWords: [String] = []
        var rest = words.prefix(max(0, index)).dropFirst()
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else {
                positionals.append(word)
                continue
            }
            var own = [word]
            // bash takes `=` for a word of its own.
            if rest.first == "=" {
                own += rest.dropFirst().prefix(1)
                rest = rest.dropFirst(2)
            } else if Self.valued.contains(word) || Self.cluster.contains(word) {
                own += rest.prefix(1)
                rest = rest.dropFirst()
            }
            let name = String(word.prefix { $0 != "=" })
            let isJoined = !word.hasPrefix("--") && Self.cluster.contains(String(word.prefix(2)))
            // The value of the last one is yet to come.
            let isWhole = own.count > 1 || word != name || isJoined && word.count > 2
            if isWhole && (isJoined || Self.cluster.contains(name))
                || word == "--insecure-skip-tls-verify"
            {
                clusterWords += own
            }
        }
        self.positionals = positionals
        self.clusterWords = clusterWords
    }

    /// What the flags say about the cluster.
    func options() throws -> ClusterOptions {
        try ClusterOptions.parse(clusterWords)
    }
}
