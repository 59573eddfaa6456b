import Environment
import Foundation
import HTTPClient
import Logging
import NodeAgent
import Planning
import PodModel
import Reconciliation
import ResourceModel
import Synchronization

/// A cache of models in a folder of its own, with a clock that stands still.
final class CacheBench: Sendable {
    let folder: String
    private let clock = Mutex((now: MonotonicInstant(nanoseconds: 0), sleepers: [Sleeper]()))

    private struct Sleeper {
        var until: MonotonicInstant
        var waker: AsyncStream<Void>.Continuation
    }

    init() {
        folder = NSTemporaryDirectory() + "keelson-cache-" + UUID().uuidString
    }

    deinit {
        // What cannot be removed is left to whoever cleans the temporary folder.
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs a cache while the test does.
    func withCache(_ body: (ModelCache) async throws -> Void) async throws {
        var bounds = ModelShelf.Bounds(bytesMax: 15_000)
        bounds.modelBytesMax = 10_000
        let cache = ModelCache(
            folder: folder, bounds: bounds, web: HTTPConnectionPool(), clockwork: clockwork,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await cache.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await cache.run() }
            try await body(cache)
            group.cancelAll()
        }
    }

    /// Lets time pass.
    func advance(seconds: Int64) {
        clock.withLock { clock in
            clock.now = clock.now.adding(milliseconds: seconds * 1_000)
            for sleeper in clock.sleepers where sleeper.until <= clock.now {
                sleeper.waker.finish()
            }
            clock.sleepers.removeAll { $0.until <= clock.now }
        }
    }

    private var clockwork: Clockwork {
        Clockwork(
            wall: { WallTime(seconds: 0) }, monotonic: { self.clock.withLock { $0.now } },
            wait: { instant in
                let (wakes, waker) = AsyncStream<Void>.makeStream()
                self.clock.withLock { clock in
                    if instant <= clock.now { return waker.finish() }
                    clock.sleepers.append(Sleeper(until: instant, waker: waker))
                }
                for await _ in wakes {}
            })
    }
}

extension ModelCache {
    /// Waits until a model is there or could not be had.
    func outcome(of volume: ModelVolume, for uid: String) async -> ModelShelf.State {
        let (wakes, waker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        var iterator = wakes.makeAsyncIterator()
        while true {
            let state = look(at: [volume], for: uid) { waker.yield() }[0]
            guard case .fetching = state else { return state }
            await iterator.next()
        }
    }
}
