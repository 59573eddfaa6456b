public import Environment
public import Planning

/// The clocks of a machine, as controllers use them.
public struct Clockwork: Sendable {
    /// The time of day.
    public var wall: @Sendable () -> WallTime
    /// A clock that never goes back.
    public var monotonic: @Sendable () -> MonotonicInstant
    /// Waits until a time of that clock, or until the task is cancelled.
    public var wait: @Sendable (_ until: MonotonicInstant) async -> Void

    /// Takes the clocks.
    public init(
        wall: @escaping @Sendable () -> WallTime,
        monotonic: @escaping @Sendable () -> MonotonicInstant,
        wait: @escaping @Sendable (_ until: MonotonicInstant) async -> Void
    ) {
        self.wall = wall
        self.monotonic = monotonic
        self.wait = wait
    }

    /// Waits for so long, or until the task is cancelled.
    public func pause(milliseconds: Int64) async {
        await wait(monotonic().adding(milliseconds: milliseconds))
    }
}
