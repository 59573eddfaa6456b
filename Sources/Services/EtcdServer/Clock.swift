internal import Environment
internal import Glibc

/// The machine's clocks.
enum Clock {
    /// The monotonic clock.
    // SAFETY: `clock_gettime` fills the structure that is passed to it.
    static func now() -> MonotonicInstant {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(
            nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Whole seconds since 1970, for identifiers.
    // SAFETY: as above.
    static func unixSeconds() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }
}
