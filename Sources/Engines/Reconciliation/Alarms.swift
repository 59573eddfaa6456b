package import Environment

/// When a loop is to wake up by itself: there is a task asleep for each. A new one begins only
/// before all others, so there are no more of them than different delays, however often it wakes.
package struct Alarms: Sendable {
    private var instants: Set<MonotonicInstant> = []

    /// None yet.
    package init() {}

    /// Whether a task has to be put to sleep until this instant; it says so with `remove`.
    package mutating func add(_ instant: MonotonicInstant) -> Bool {
        guard instants.allSatisfy({ instant < $0 }) else { return false }
        return instants.insert(instant).inserted
    }

    /// A task has woken up.
    package mutating func remove(_ instant: MonotonicInstant) {
        instants.remove(instant)
    }

    /// How many tasks are asleep.
    var count: Int { instants.count }
}
