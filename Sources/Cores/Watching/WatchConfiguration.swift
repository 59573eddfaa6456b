package import Primitives

/// Bounds and times of a member's watches.
package struct WatchConfiguration: Sendable {
    /// Ticks of silence after which a watch that wants progress notifications gets one (etcd's
    /// `--watch-progress-notify-interval`: 10 minutes, at 100 ms a tick). At least 1.
    package var progressTicks: Int
    /// Bytes of events in one delivery. A revision that is larger comes alone, in fragments of
    /// that size where the watch allows them (etcd: the largest request, 1.5 MiB). At least 1.
    package var deliveryBytesMax: Int
    /// Bytes of events read from history for lagging watches at once; a larger revision is read
    /// all the same.
    package var catchUpBytesMax: Int
    /// Lagging watches looked at in one call of `catchUp`; at least 1.
    package var catchUpWatchesMax: Int
    /// Watches on all streams together; more are refused.
    package var watchesMax: Int
    /// A deliberate bug; only simulator builds honour it.
    package var mutation: Mutation?

    /// etcd's defaults.
    package init(mutation: Mutation? = nil) {
        progressTicks = 6_000
        deliveryBytesMax = 1_572_864
        catchUpBytesMax = 4 << 20
        catchUpWatchesMax = 1_024
        watchesMax = 1_000_000
        self.mutation = mutation
    }
}
