import Primitives

/// A client: at any time it has at most one call, on one stream of its connection.
struct LoadStream {
    /// The connection that it uses.
    let connection: Int
    /// What the next or present call sends: one message with gRPC's prefix.
    var body: Bytes = []
    /// How many bytes the answer may have, the prefix included; anything else is an error.
    var answerBytes: ClosedRange<Int> = 0...Int.max
    /// The statuses that mean success: gRPC's, or HTTP's where that is all there is.
    var successes: ClosedRange<Int> = 0...0
    /// Whether the call goes on after the request: a watch.
    var staysOpen = false
    /// Bytes of `body` that have been given to the session.
    var sentBytes = 0
    /// Bytes of the answer so far.
    var receivedBytes = 0
    /// HTTP's status, and then grpc-status; -1 until one has come.
    var status = -1

    /// Forgets the call before.
    mutating func begin() {
        sentBytes = 0
        receivedBytes = 0
        status = -1
    }

    /// Whether the call that has just ended was answered as it should be.
    var isAnswered: Bool { successes.contains(status) && answerBytes.contains(receivedBytes) }
}
