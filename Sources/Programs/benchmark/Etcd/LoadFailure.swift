// SAFETY: strerror answers a text that is copied before any other call.

import Glibc

/// Why the comparison cannot go on.
enum LoadFailure: Error, CustomStringConvertible {
    /// The user wants the run to end.
    case interrupted
    /// No such program was found; the text says where it was looked for.
    case noProgram(String)
    /// A system call failed.
    case system(call: String, errorNumber: Int32)
    /// A server ended by itself; with the last lines of its log.
    case serverEnded(name: String, log: String)
    /// A server did not serve in time; with the last lines of its log.
    case serverNotReady(name: String, seconds: Int, log: String)
    /// A connection was refused or broke.
    case connection(String)
    /// So many requests failed that a figure would say nothing.
    case tooManyErrors(measurement: String, first: String)

    var description: String {
        switch self {
        case .interrupted: return "interrupted"
        case .noProgram(let text): return text
        case .system(let call, let number):
            return "\(call): \(unsafe String(cString: strerror(number)))"
        case .serverEnded(let name, let log): return "\(name) ended:\n\(log)"
        case .serverNotReady(let name, let seconds, let log):
            return "\(name) does not serve after \(seconds) s:\n\(log)"
        case .connection(let text): return "connection: \(text)"
        case .tooManyErrors(let measurement, let first):
            return "\(measurement): too many errors, the first: \(first)"
        }
    }

    /// The failure of a system call that has just set errno.
    static func lastCall(_ call: String) -> LoadFailure {
        .system(call: call, errorNumber: errno)
    }
}
