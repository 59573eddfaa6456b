internal import APIClient
internal import ClusterAccess
internal import Dispatch
internal import Synchronization

/// Shows what comes line by line, each behind a label.
struct LogStream: Sendable {
    /// Before each line; empty for none.
    var label: String

    /// Shows an answer to its end.
    func show(_ request: ClusterClient.Request, _ client: ClusterClient) throws {
        guard !label.isEmpty else {
            return try client.stream(request) { piece in
                Standard.write(piece)
                return true
            }
        }
        var lines = LineBuffer()
        var isTooLong = false
        try client.stream(request) { piece in
            isTooLong = !lines.append(piece)
            while let line = lines.take() { say(line) }
            return !isTooLong
        }
        guard !isTooLong else { throw CommandFailure("\(label)a line does not end") }
        // The last words of a process need no end of line.
        if !lines.rest.isEmpty { say(lines.rest) }
    }

    private func say(_ line: [UInt8]) { Standard.write(Array(label.utf8) + line + [0x0A]) }

    /// Shows several answers at once, each on a thread of its own, to the end of all.
    /// - Returns: what went wrong.
    static func showAll(
        _ streams: [(LogStream, ClusterClient.Request)], _ endpoint: ClusterEndpoint
    ) -> [String] {
        let group = DispatchGroup()
        let problems = Problems()
        for (stream, request) in streams {
            DispatchQueue(label: "keelson.logs").async(group: group) {
                do {
                    let client = ClusterClient(endpoint) { Standard.complain("Warning: \($0)") }
                    try stream.show(request, client)
                } catch {
                    problems.add(CommandFailure.text(error, place: endpoint.place))
                }
            }
        }
        group.wait()
        return problems.all
    }
}

/// What several threads have met.
private final class Problems: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) {
        texts.withLock { $0.append(text) }
    }
}
