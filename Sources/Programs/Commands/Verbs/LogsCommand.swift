internal import ArgumentParser
internal import ClusterAccess
internal import ResourceModel

/// `keelson logs`.
struct LogsCommand: ClusterCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show what containers have written.",
        discussion: """
            keelson logs web-7d4 -f
            keelson logs deployment/web --since=5m
            keelson logs -l app=web --prefix
            """)
    @Argument(
        help: "POD or TYPE/NAME, and perhaps the container.",
        completion: Completion.pods(behind: 1))
    var arguments: [String] = []
    @Option(
        name: [.customShort("l", allowingJoined: true), .long], help: "All pods with these labels.")
    var selector: String?
    @Option(
        name: [.customShort("c", allowingJoined: true), .long], help: "The container.",
        completion: Completion.containers(behind: 1))
    var container: String?
    @Flag(help: "All containers of the pods.") var allContainers = false
    @Flag(name: .shortAndLong, help: "Go on as the container writes.") var follow = false
    @Flag(name: .shortAndLong, help: "Of the container's run before.") var previous = false
    @Flag(help: "Say before each line where it comes from.") var prefix = false
    @Flag(help: "Say before each line when it was written.") var timestamps = false
    @Option(help: "So many lines at the end; -1 for all (10 with a selector).") var tail: Int?
    @Option(help: "Only of the last time, as in 5m.") var since: String?
    @Option(help: "Only from this time on, as in 2026-01-02T03:04:05Z.") var sinceTime: String?
    @Option(help: "At most so many bytes.") var limitBytes: Int?
    @Option(help: "How many containers may be followed at once.") var maxLogRequests = 5
    @Flag(help: "Go on where a container has no log.") var ignoreErrors = false
    @OptionGroup var cluster: ClusterOptions

    func run(_ session: Session) throws {
        let query = try query()
        let sources = try sources(session)
        guard !follow || sources.count <= maxLogRequests else {
            throw CommandFailure(
                "you are attempting to follow \(sources.count) log streams, but maximum allowed"
                    + " concurrency is \(maxLogRequests), use --max-log-requests to increase the"
                    + " limit")
        }
        let requests = sources.map { source in
            var request = ClusterClient.Request("GET", source.place.path("log"))
            request.accept = "*/*"
            request.query = [("container", source.container)] + query
            return request
        }
        guard follow, requests.count > 1 else {
            for (source, request) in zip(sources, requests) {
                do {
                    try LogStream(label: prefix ? source.label : "").show(request, session.client)
                } catch where ignoreErrors {
                    Standard.complain(session.text(error))
                }
            }
            return
        }
        let streams = zip(sources, requests).map { source, request in
            (LogStream(label: prefix ? source.label : ""), request)
        }
        for problem in LogStream.showAll(streams, session.client.endpoint) {
            if ignoreErrors { Standard.complain(problem) } else { session.tell(problem) }
        }
    }

    /// What is asked of each container.
    private func query() throws -> [(name: String, value: String)] {
        guard since == nil || sinceTime == nil else {
            throw CommandFailure("at most one of `sinceTime` or `sinceSeconds` may be specified")
        }
        let seconds = try since.flatMap { try ShortDuration.parse($0, flag: "since") }
        let lines = tail ?? (selector == nil ? -1 : 10)
        return [
            ("follow", follow ? "true" : ""), ("previous", previous ? "true" : ""),
            ("timestamps", timestamps ? "true" : ""),
            ("tailLines", lines < 0 ? "" : "\(lines)"), ("sinceTime", sinceTime ?? ""),
            ("sinceSeconds", seconds.map { "\(max(1, $0.components.seconds))" } ?? ""),
            ("limitBytes", limitBytes.map { "\($0)" } ?? ""),
        ]
    }

    private func sources(_ session: Session) throws -> [LogSource] {
        let podKind = try session.directory.kind(named: "pods")
        guard selector == nil else {
            guard arguments.isEmpty else {
                throw CommandFailure("only a selector (-l) or a POD name is allowed")
            }
            let pods = try session.list(
                podKind, namespace: session.namespace,
                labels: ClusterOptions.plain(selector) ?? "").items
            if pods.isEmpty {
                Standard.complain("No resources found in \(session.namespace) namespace.")
            }
            return try pods.flatMap { try sources(of: $0, podKind, session) }
        }
        guard let first = arguments.first, arguments.count <= 2 else {
            throw CommandFailure(
                "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a"
                    + " required argument for the logs command")
        }
        guard arguments.count < 2 || container == nil else {
            throw CommandFailure("only one of -c or an inline [CONTAINER] arg is allowed")
        }
        return try sources(of: try PodChoice.pod(first, session, tells: true), podKind, session)
    }

    private func sources(
        of pod: JSON, _ kind: ResourceKind, _ session: Session
    ) throws -> [LogSource] {
        let place = ObjectPlace(kind, namespace: pod.objectNamespace, name: pod.objectName)
        if allContainers {
            return ["initContainers", "containers"].flatMap { list in
                (pod["spec"][list].arrayValue ?? []).compactMap { $0["name"].stringValue }
            }.map { LogSource(place: place, container: $0) }
        }
        let wanted = ClusterOptions.plain(container) ?? arguments.dropFirst().first
        return [LogSource(place: place, container: try PodChoice.container(of: pod, named: wanted))]
    }
}

/// A container that has written something.
struct LogSource {
    var place: ObjectPlace
    var container: String

    var label: String { "[pod/\(place.name)/\(container)] " }
}
