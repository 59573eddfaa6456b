import Environment
import Planning
import Reconciliation
import Synchronization

/// A clock that goes on when a test says so.
final class ManualClock: Sendable {
    private struct Sleeper {
        var until: Int64
        var wake: CheckedContinuation<Void, Never>
    }

    private struct Watcher {
        var count: Int
        var until: Int64
        var wake: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Int64 = 0
        var sleepers: [Int: Sleeper] = [:]
        var nextID = 0
        /// Those who wait for somebody to fall asleep.
        var watchers: [Watcher] = []
        var pauses: [Int64] = []

        func count(until instant: Int64) -> Int {
            sleepers.values.count { $0.until == instant }
        }
    }

    private let state = Mutex(State())
    private let isAutomatic: Bool

    /// - Parameter isAutomatic: whether waiting makes the time pass.
    init(isAutomatic: Bool = false) {
        self.isAutomatic = isAutomatic
    }

    /// Milliseconds since the start.
    var now: Int64 { state.withLock { $0.now } }

    /// How long was waited for, each time.
    var pauses: [Int64] { state.withLock { $0.pauses } }

    /// How many wait for a time.
    var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    var clockwork: Clockwork {
        Clockwork(
            wall: { WallTime(seconds: 1_800_000_000 + self.now / 1_000) },
            monotonic: { MonotonicInstant(nanoseconds: self.now * 1_000_000) },
            wait: { await self.wait(until: $0.nanoseconds / 1_000_000) })
    }

    /// Lets the time pass.
    func advance(to now: Int64) {
        let due = state.withLock { state in
            state.now = max(state.now, now)
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.wake)
        }
        for wake in due { wake.resume() }
    }

    /// Waits until so many wait for this time.
    func sleepers(_ count: Int, until instant: Int64) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.count(until: instant) >= count { return true }
                state.watchers.append(
                    Watcher(count: count, until: instant, wake: continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func wait(until instant: Int64) async {
        let id = state.withLock { state in
            state.nextID += 1
            state.pauses.append(instant - state.now)
            if isAutomatic { state.now = max(state.now, instant) }
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let woken = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                    if instant <= state.now || Task.isCancelled { return [continuation] }
                    state.sleepers[id] = Sleeper(until: instant, wake: continuation)
                    let count = state.count(until: instant)
                    let isMet = { (one: Watcher) in one.until == instant && one.count <= count }
                    let watchers = state.watchers.filter(isMet)
                    state.watchers.removeAll(where: isMet)
                    return watchers.map(\.wake)
                }
                for one in woken { one.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.wake.resume()
        }
    }
}
