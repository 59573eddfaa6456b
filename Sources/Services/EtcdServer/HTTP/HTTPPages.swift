internal import Primitives
internal import ReplicatedStore
internal import StoreModel
internal import Transport

/// The pages beside gRPC: health, readiness, version and metrics.
final class HTTPPages: HTTPResponder {
    private unowned let node: StoreNode

    private static let paths: Set<Substring> = [
        "/health", "/livez", "/readyz", "/version", "/metrics",
    ]

    init(node: StoreNode) {
        self.node = node
    }

    func accept(_ stream: HTTPStream) {
        let isKnown = Self.paths.contains(stream.head.path)
        guard !isKnown || ["GET", "HEAD"].contains(stream.head.method) else {
            answer(
                stream, 405, "text/plain; charset=utf-8", "Method Not Allowed\n",
                [("allow", "GET")])
            return
        }
        switch stream.head.path {
        case "/health": health(stream)
        case "/livez": checks(stream, ["serializable_read"], "livez")
        case "/readyz":
            checks(stream, ["data_corruption", "serializable_read", "linearizable_read"], "readyz")
        case "/version":
            answer(
                stream, 200, "application/json",
                "{\"etcdserver\":\"\(ServerVersion.etcd)\",\"etcdcluster\":"
                    + "\"\(ServerVersion.cluster)\",\"storage\":\"\(ServerVersion.storage)\"}")
        case "/metrics":
            answer(
                stream, 200, "text/plain; version=0.0.4; charset=utf-8", node.metricsText)
        default: answer(stream, 404, "text/plain; charset=utf-8", "404 page not found\n")
        }
    }

    /// Sends a whole answer.
    private func answer(
        _ stream: HTTPStream, _ status: Int, _ type: String, _ text: String,
        _ more: [(name: String, value: String)] = []
    ) {
        let body = Bytes(text.utf8)
        let headers =
            [
                (name: "content-type", value: type),
                (name: "content-length", value: String(body.count)),
            ] + more
        guard stream.head.method != "HEAD" else {
            stream.finishWithoutBody(status: status, headers: headers)
            return
        }
        stream.start(status: status, headers: headers)
        stream.send(body)
        stream.finish()
    }

    /// etcd's health page: alarms first, then the leader, then a read.
    private func health(_ stream: HTTPStream) {
        let query = stream.head.query.split(separator: "&")
        let excluded = query.filter { $0.hasPrefix("exclude=") }.map { $0.dropFirst(8) }
        let isSerializable = query.contains("serializable=true")
        let alarm = node.member.alarms.first { !excluded.contains(Substring($0.kind.wireName)) }
        if let alarm {
            sayHealth(stream, "ALARM \(alarm.kind.wireName)")
        } else if !isSerializable, node.member.leader == .zero {
            sayHealth(stream, "RAFT NO LEADER")
        } else {
            read(stream, isSerializable) { [weak self] error in
                self?.sayHealth(stream, error.map { "RANGE ERROR:\($0.status.message)" } ?? "")
            }
        }
    }

    private func sayHealth(_ stream: HTTPStream, _ reason: String) {
        let isHealthy = reason.isEmpty
        answer(
            stream, isHealthy ? 200 : 503, "application/json",
            "{\"health\":\"\(isHealthy)\",\"reason\":\"\(reason)\"}")
    }

    /// Reads a key that need not exist.
    private func read(
        _ stream: HTTPStream, _ isSerializable: Bool, _ done: @escaping (RequestError?) -> Void
    ) {
        let request = RangeRequest(KeyRange(key: Bytes("health".utf8)), limit: 1)
        node.ask(.range(request, isSerializable: isSerializable)) { result in
            switch result {
            case .success: done(nil)
            case .failure(let error): done(error)
            }
        }
    }

    /// One line for each check where details are asked for or one fails.
    private func checks(_ stream: HTTPStream, _ names: [String], _ page: String) {
        let query = stream.head.query.split(separator: "&")
        let isVerbose = query.contains { $0 == "verbose" || $0.hasPrefix("verbose=") }
        let excluded = query.filter { $0.hasPrefix("exclude=") }.map { $0.dropFirst(8) }
        let wanted = names.filter { !excluded.contains(Substring($0)) }
        run(wanted[...], [], stream) { [weak self] lines, isHealthy in
            let text: String
            if isHealthy, !isVerbose {
                text = "ok\n"
            } else {
                let end = isHealthy ? "ok\n" : "\(page) check failed\n"
                text = lines.map { $0 + "\n" }.joined() + end
            }
            self?.answer(stream, isHealthy ? 200 : 503, "text/plain; charset=utf-8", text)
        }
    }

    private func run(
        _ names: ArraySlice<String>, _ lines: [String], _ stream: HTTPStream,
        _ done: @escaping ([String], Bool) -> Void
    ) {
        guard let name = names.first else {
            done(lines, lines.allSatisfy { $0.hasPrefix("[+]") })
            return
        }
        let next: (String?) -> Void = { [weak self] problem in
            let line = problem.map { "[-]\(name) failed: \($0)" } ?? "[+]\(name) ok"
            self?.run(names.dropFirst(), lines + [line], stream, done)
        }
        switch name {
        case "data_corruption":
            let isCorrupt = node.member.alarms.contains { $0.kind == .corrupt }
            next(isCorrupt ? "alarm activated: CORRUPT" : nil)
        default:
            read(stream, name == "serializable_read") { next($0?.status.message) }
        }
    }
}

/// What is served on `--listen-metrics-urls`: the pages, without gRPC.
final class MetricsOnly: StreamRouter {
    private let pages: HTTPPages

    init(pages: HTTPPages) {
        self.pages = pages
    }

    func accept(_ stream: HTTPStream) {
        pages.accept(stream)
    }
}
