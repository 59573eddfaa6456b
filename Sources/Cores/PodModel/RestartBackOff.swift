/// How long a container that keeps ending waits for its next start: nothing at first, then the
/// base, doubled from start to start up to a bound; from the beginning again once it has run long
/// enough. Kubelet's rule; one value for each container.
package struct RestartBackOff: Sendable, Equatable {
    /// The pace of restarts.
    package struct Pace: Sendable, Equatable {
        /// The wait before the second restart.
        package var base: Duration
        /// The longest wait.
        package var bound: Duration

        /// After twice the bound without a restart the next wait is the base again.
        package var forgetsAfter: Duration { bound * 2 }

        /// A pace; kubelet's is 10 seconds up to 5 minutes.
        package init(base: Duration = .seconds(10), bound: Duration = .seconds(300)) {
            self.base = base
            self.bound = bound
        }
    }

    private let pace: Pace
    /// The wait that the next restart must keep.
    private var wait: Duration?
    private var lastStart: Duration = .zero

    /// For a container that has not been started yet.
    package init(_ pace: Pace) {
        self.pace = pace
    }

    /// How long to wait still, at `now`, for a container that ended at `end`; nil if it may be
    /// started. Times are since any fixed moment.
    package func remaining(since end: Duration, at now: Duration) -> Duration? {
        guard let wait = current(at: end) else { return nil }
        let rest = end + wait - now
        return rest > .zero ? rest : nil
    }

    /// The whole wait that a container is in which ended at `end`, for its message.
    package func current(at end: Duration) -> Duration? {
        end - lastStart > pace.forgetsAfter ? nil : wait
    }

    /// Takes note of a restart.
    package mutating func restarted(at now: Duration) {
        let isForgotten = now - lastStart > pace.forgetsAfter
        if let wait, !isForgotten {
            self.wait = min(pace.bound, wait * 2)
        } else {
            wait = pace.base
        }
        lastStart = now
    }

    /// The message of `CrashLoopBackOff`.
    package static func message(
        wait: Duration, container: String, pod: String, namespace: String, uid: String
    ) -> String {
        "back-off \(text(wait)) restarting failed container=\(container) "
            + "pod=\(pod)_\(namespace)(\(uid))"
    }

    /// As Go writes durations: `10s`, `2m40s`, `5m0s`.
    static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        if seconds == 0, duration > .zero {
            return "\(duration.components.attoseconds / 1_000_000_000_000_000)ms"
        }
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m\(seconds % 60)s" }
        return "\(seconds / 3600)h\(seconds / 60 % 60)m\(seconds % 60)s"
    }
}
