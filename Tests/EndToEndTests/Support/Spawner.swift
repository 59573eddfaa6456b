import Dispatch
import Foundation
import Synchronization

/// The one thread that starts all processes. The kernel ends a child when the thread that started
/// it ends, so that nothing is left behind whatever becomes of the tests; this thread ends with
/// the test process.
final class Spawner: Sendable {
    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let waiting = DispatchSemaphore(value: 0)

    static let thread = Spawner()

    private init() {
        // A child that reads no more must not end the tests.
        signal(SIGPIPE, SIG_IGN)
        Thread.detachNewThread { [jobs = self] in
            while true {
                jobs.waiting.wait()
                jobs.jobs.withLock { $0.removeFirst() }()
            }
        }
    }

    /// Runs `work` on the thread and waits for it.
    func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) throws -> T {
        let outcome = Outcome<T>()
        jobs.withLock { $0.append { outcome.set(Result { try work() }) } }
        waiting.signal()
        return try outcome.get()
    }
}

/// A value that one thread makes and another waits for.
private final class Outcome<T: Sendable>: Sendable {
    private let result = Mutex<Result<T, any Error>?>(nil)
    private let isSet = DispatchSemaphore(value: 0)

    func set(_ value: Result<T, any Error>) {
        result.withLock { $0 = value }
        isSet.signal()
    }

    func get() throws -> T {
        isSet.wait()
        return try result.withLock { $0! }.get()
    }
}
