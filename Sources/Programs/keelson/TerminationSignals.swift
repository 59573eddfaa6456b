internal import Dispatch
internal import Glibc

/// SIGTERM and SIGINT, taken from the process so that it can stop in order.
///
/// SAFETY: the set is filled by `sigemptyset` before use; the C functions keep no pointer.
struct TerminationSignals {
    private var set = sigset_t()

    /// Blocks the signals in this thread and in those that it starts later.
    init() {
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for one of them and answers its name.
    func wait() -> String {
        var set = set
        var number: Int32 = 0
        while unsafe sigwait(&set, &number) != 0 {}
        return number == SIGINT ? "interrupt" : "terminated"
    }

    /// Waits on a thread of its own: it may be for long.
    /// - Throws: `CancellationError`; the thread waits on, until the process ends.
    func next() async throws -> String {
        let (signals, signal) = AsyncStream<String>.makeStream()
        DispatchQueue(label: "keelson.signals").async { signal.yield(wait()) }
        for await name in signals { return name }
        throw CancellationError()
    }
}
