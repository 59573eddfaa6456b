/// What one HTTP/2 connection may do to us (RELIABILITY D).
package struct HTTP2Limits: Sendable {
    /// Streams open at once.
    package var streamsMax = 1_024
    /// Bytes of one request's header list, as HPACK counts them.
    package var headerListBytesMax = 16 << 10
    /// Bytes that a client may send on one stream before we have read them.
    package var streamWindowBytes: Int32 = 1 << 20
    /// Bytes that a client may send on all streams before we have read them.
    package var connectionWindowBytes: Int32 = 16 << 20
    /// Streams that may be reset in one burst, and each second thereafter.
    package var resetBurst: UInt64 = 1_000
    /// Resets a second beyond the burst.
    package var resetsPerSecond: UInt64 = 33
    /// CONTINUATION frames behind one HEADERS frame.
    package var continuationsMax = 8
    /// Acknowledgements of pings and settings that may wait for a client that does not read.
    package var waitingAcknowledgementsMax = 10_000

    /// Nanoseconds that must lie between a client's pings while it has calls (etcd's
    /// `--grpc-keepalive-min-time`).
    package var pingNanosecondsMin: Int64 = 5_000_000_000
    /// Nanoseconds of silence after which a client is asked whether it is there (etcd's
    /// `--grpc-keepalive-interval`).
    package var silenceNanosecondsMax: Int64 = 7_200_000_000_000
    /// Nanoseconds that it has for its answer (etcd's `--grpc-keepalive-timeout`).
    package var answerNanosecondsMax: Int64 = 20_000_000_000

    /// The defaults.
    package init() {}
}
