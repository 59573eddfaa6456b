/// What the comparison is to show: keelson's figure divided by etcd's.
struct RatioGoal {
    /// Which figure.
    enum Figure: String {
        case rate = "throughput"
        case p50
        case p99
        case cpu = "CPU per request"
        case memory
        case disk = "size on disk"
        case time
    }

    /// Goals that name no number of clients are judged at this one.
    static let referenceClients = 100

    var figure: Figure
    var bound: Double
    /// Whether more is better.
    var isFloor: Bool

    /// At least so many times etcd's.
    static func atLeast(_ figure: Figure, _ bound: Double) -> RatioGoal {
        RatioGoal(figure: figure, bound: bound, isFloor: true)
    }

    /// At most this part of etcd's.
    static func atMost(_ figure: Figure, _ bound: Double) -> RatioGoal {
        RatioGoal(figure: figure, bound: bound, isFloor: false)
    }

    /// Whether a ratio of this size reaches the goal. A ratio of figures that are missing (zero
    /// or not a number) does not.
    func isReached(by ratio: Double) -> Bool {
        guard ratio.isFinite, ratio > 0 else { return false }
        return isFloor ? ratio >= bound : ratio <= bound
    }

    /// The goal in print.
    var text: String {
        isFloor ? "≥ \(rounded(bound)) ×" : "≤ \(rounded(bound)) ×"
    }

    /// The goals of a closed loop.
    static func goals(_ kind: WorkloadKind, members: Int, clients: Int) -> [RatioGoal] {
        guard members == 1 else {
            let isJudged = kind == .put && members == 3 && clients == referenceClients
            return isJudged ? [.atLeast(.rate, 2)] : []
        }
        if kind == .put, clients == 1 { return [.atLeast(.rate, 2)] }
        guard clients == referenceClients else { return [] }
        let all: [RatioGoal] = [.atMost(.p99, 1.0 / 2), .atMost(.cpu, 1.0 / 3)]
        switch kind {
        case .put: return [.atLeast(.rate, 3)] + all
        case .get: return [.atLeast(.rate, 2.5)] + all
        default: return all
        }
    }

    /// The goals of watchers.
    static func watchGoals(members: Int) -> [RatioGoal] {
        members == 1 ? [.atMost(.p99, 1.0 / 2)] : []
    }
}
