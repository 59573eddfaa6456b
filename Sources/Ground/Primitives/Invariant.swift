/// Stops the process when `condition` is false: a bug of ours, never bad input.
///
/// Unlike `precondition` the message survives in release builds. `message` is evaluated only on
/// failure, so it may be costly to build.
@inlinable
public func invariant(
    _ condition: @autoclosure () -> Bool,
    _ message: @autoclosure () -> String,
    file: StaticString = #fileID,
    line: UInt = #line
) {
    if !condition() {
        invariantFailed(message(), file: file, line: line)
    }
}

/// Stops the process where no answer is possible: a bug of ours, never bad input.
public func invariantBroken(
    _ message: String, file: StaticString = #fileID, line: UInt = #line
) -> Never {
    invariantFailed(message, file: file, line: line)
}

/// Prints the broken invariant to standard error and traps.
@usableFromInline
@inline(never)
func invariantFailed(_ message: String, file: StaticString, line: UInt) -> Never {
    fatalError("invariant broken: \(message)", file: file, line: line)
}
