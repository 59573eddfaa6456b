internal import Glibc

/// What all calls of the operating system here share.
///
/// SAFETY: the C library's text for an errno is copied before anything else runs.
enum HostCalls {
    /// Makes a call until no signal interrupts it.
    @discardableResult
    static func check<Number: SignedInteger>(
        _ operation: String, _ path: String, _ call: () -> Number
    ) throws(HostFailure) -> Number {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw HostFailure(operation, path, code) }
        }
    }

    /// An errno in words, with a small letter.
    static func words(_ code: Int32) -> String {
        let text = unsafe String(cString: strerror(code))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

/// Calls the operating system; what it refuses is the runtime's failure.
func host<Result>(_ body: () throws(HostFailure) -> Result) throws(RuntimeFailure) -> Result {
    do { return try body() } catch { throw .host(error) }
}

/// The times that this module needs.
///
/// SAFETY: the kernel fills a local.
enum HostClock {
    /// Nanoseconds since 1970.
    static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// A descriptor that is closed with this object.
final class Descriptor: Sendable {
    /// Its number.
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit { close(number) }
}
