internal import Synchronization

/// Counts requests, under Kubernetes' names.
final class APIMetrics: Sendable {
    private struct Series: Hashable {
        var method: String
        var code: Int
    }

    private struct State {
        var requests: [Series: Int] = [:]
        var nanoseconds: Int64 = 0
        var answered = 0
    }

    private let state = Mutex(State())
    private static let methods: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    /// A request has been answered.
    func count(_ request: HTTPRequest, _ code: Int, since start: Int64, until end: Int64) {
        // Methods come from clients; unknown ones must not make new series.
        let method = Self.methods.contains(request.method) ? request.method : "other"
        state.withLock { state in
            state.requests[Series(method: method, code: code), default: 0] += 1
            state.nanoseconds += end - start
            state.answered += 1
        }
    }

    /// The page.
    func text(watches: Int) -> String {
        let now = state.withLock { $0 }
        var text = """
            # HELP apiserver_request_total Requests answered, by method and status.
            # TYPE apiserver_request_total counter

            """
        let order = now.requests.sorted {
            ($0.key.method, $0.key.code) < ($1.key.method, $1.key.code)
        }
        for (series, count) in order {
            text += "apiserver_request_total{verb=\"\(series.method)\",code=\"\(series.code)\"} "
            text += "\(count)\n"
        }
        text += """
            # HELP apiserver_request_duration_seconds Time from a complete request to its answer.
            # TYPE apiserver_request_duration_seconds summary
            apiserver_request_duration_seconds_sum \(Double(now.nanoseconds) / 1e9)
            apiserver_request_duration_seconds_count \(now.answered)
            # HELP apiserver_longrunning_requests Watches that are open.
            # TYPE apiserver_longrunning_requests gauge
            apiserver_longrunning_requests{verb="WATCH"} \(watches)

            """
        return text
    }
}
