import Glibc

/// How long something may take. Other processes live in real time, so these tests look at the
/// clock, here and nowhere else.
struct Deadline {
    private let end: Int64

    /// So far from now.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        end = Self.now + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Nanoseconds of a clock that only goes forward.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// What is left, for poll(2).
    var milliseconds: Int32 {
        Int32(clamping: max(0, (end - Self.now + 999_999) / 1_000_000))
    }

    var hasPassed: Bool { Self.now >= end }
}

/// Something did not come about in time.
struct TooLate: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again, at most `duration` long, until `answer` has something to say. An error
/// counts as no answer yet; the last one is told if it stays so.
@discardableResult
func eventually<T>(
    _ what: String, within duration: Duration = .seconds(30), _ answer: () throws -> T?
) throws -> T {
    let deadline = Deadline(duration)
    var lastError: (any Error)?
    repeat {
        do {
            if let value = try answer() { return value }
        } catch {
            lastError = error
        }
        // Lets others run before the next try.
        poll(nil, 0, 5)
    } while !deadline.hasPassed
    let reason = lastError.map { "; \($0)" } ?? ""
    throw TooLate(description: "\(what): not within \(duration)\(reason)")
}
