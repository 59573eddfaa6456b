import Glibc
import Synchronization

/// Whether the user wants the run to end. Everything that waits asks, so that the servers are
/// ended and the folders removed on the usual way out.
enum Interruption {
    private static let isRequested = Atomic<Bool>(false)

    /// From now on SIGINT, SIGTERM and SIGHUP ask for the end.
    static func install() {
        // Makes the lazy global before a signal can need it.
        isRequested.store(false, ordering: .relaxed)
        // The handler does nothing but store into an atomic.
        for number in [SIGINT, SIGTERM, SIGHUP] {
            _ = signal(number) { _ in
                Interruption.isRequested.store(true, ordering: .relaxed)
            }
        }
    }

    /// - Throws: `LoadFailure.interrupted` if the end was asked for.
    static func check() throws {
        if isRequested.load(ordering: .relaxed) { throw LoadFailure.interrupted }
    }

    /// Waits; a signal ends the wait early.
    static func pause(milliseconds: Int) throws {
        try check()
        let end = nanoseconds() + Int64(milliseconds) * 1_000_000
        while true {
            let left = end - nanoseconds()
            guard left > 0 else { return }
            usleep(UInt32(min(left / 1_000 + 1, 50_000)))
            try check()
        }
    }
}
