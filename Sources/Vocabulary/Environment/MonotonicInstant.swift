/// A reading of a clock that never goes back, in nanoseconds from an arbitrary start.
@frozen
public struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's start.
    public var nanoseconds: Int64

    /// Wraps a reading.
    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Orders by time.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant `milliseconds` later.
    @inlinable
    public func adding(milliseconds: Int64) -> Self {
        Self(nanoseconds: nanoseconds + milliseconds * 1_000_000)
    }

    /// The instant `seconds` later.
    @inlinable
    public func adding(seconds: Int64) -> Self {
        adding(milliseconds: seconds * 1_000)
    }

    /// Nanoseconds from `earlier` to this instant.
    @inlinable
    public func nanoseconds(since earlier: Self) -> Int64 {
        nanoseconds - earlier.nanoseconds
    }
}
