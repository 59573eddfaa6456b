internal import NIOCore

/// Which pings of a client are too many: grpc-go's rule, which etcd's clients are tuned to.
///
/// Pings are for finding out whether a silent server is there. While a client has calls they may
/// come every few seconds, without calls every two hours. Two pings that come too early are
/// forgiven, and all are once something was sent to the client, which is when it measures how
/// wide the connection is.
struct PingPolicy {
    private static let forgiven = 2
    private static let idleNanosecondsMin: Int64 = 7_200_000_000_000

    private var last: NIODeadline?
    private var strikes = 0
    /// Something was sent since the last ping.
    var hasSent = false

    /// Takes a ping in; whether the connection is to be ended for it.
    mutating func isTooMany(
        at now: NIODeadline, hasCalls: Bool, nanosecondsMin: Int64
    ) -> Bool {
        defer { last = now }
        if hasSent {
            hasSent = false
            strikes = 0
            return false
        }
        guard let last else { return false }
        let least = hasCalls ? nanosecondsMin : Self.idleNanosecondsMin
        if (now - last).nanoseconds < least { strikes += 1 }
        return strikes > Self.forgiven
    }
}

/// Whether a client that is silent is still there.
struct Liveliness {
    /// When something came from it last.
    var heard: NIODeadline
    private var asked: NIODeadline?

    /// What is to be done now.
    enum Step {
        case nothing
        case ask
        case hangUp
    }

    init(_ now: NIODeadline) {
        heard = now
    }

    mutating func step(_ now: NIODeadline, _ limits: HTTP2Limits) -> Step {
        if let asked, heard <= asked {
            return (now - asked).nanoseconds < limits.answerNanosecondsMax ? .nothing : .hangUp
        }
        asked = nil
        guard (now - heard).nanoseconds >= limits.silenceNanosecondsMax else { return .nothing }
        asked = now
        return .ask
    }
}
