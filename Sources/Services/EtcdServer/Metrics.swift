internal import Primitives
internal import Raft
internal import Wire

/// Counts of times in buckets, as Prometheus has them.
struct Histogram {
    /// Upper bounds in seconds: etcd's for disk operations, 1 ms doubling.
    static let bounds: [Double] = (0..<14).map { 0.001 * Double(1 << $0) }

    private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    private(set) var sumSeconds = 0.0
    var count: UInt64 { counts.reduce(0, +) }

    mutating func observe(nanoseconds: Int64) {
        let seconds = Double(nanoseconds) / 1e9
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        counts[bucket] += 1
        sumSeconds += seconds
    }
}

/// What the server counts. Belongs to the event loop.
struct ServerMetrics {
    /// One method with one status code.
    struct Handled: Hashable {
        var path: String
        var code: GRPCStatus.Code
    }

    /// Paths come from clients, so that the list needs a bound.
    private static let handledMax = 1_024

    private(set) var handled: [Handled: UInt64] = [:]
    var leaderChanges: UInt64 = 0
    var proposalsFailed: UInt64 = 0
    var puts: UInt64 = 0
    var deletes: UInt64 = 0
    var transactions: UInt64 = 0
    var ranges: UInt64 = 0
    var backendCommits = Histogram()

    mutating func count(_ path: String, _ code: GRPCStatus.Code) {
        let key = Handled(path: path, code: code)
        if let count = handled[key] {
            handled[key] = count + 1
        } else if handled.count < Self.handledMax {
            handled[key] = 1
        } else {
            handled[Handled(path: "/other/other", code: code), default: 0] += 1
        }
    }

    mutating func count(_ event: RaftEvent) {
        if case .leaderChanged(let leader, _) = event, leader != .zero { leaderChanges += 1 }
    }
}
