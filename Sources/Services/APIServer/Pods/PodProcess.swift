internal import ResourceModel

/// A process in a pod, and the streams to it. Whoever has it ends it.
package protocol PodProcess: Sendable {
    /// Gives away what it says, in pieces, until it says no more.
    /// - Throws: also whatever `give` throws.
    func pass(
        _ output: PodOutput, to give: @Sendable ([UInt8]) async throws -> Void
    ) async throws
    /// Gives it input, when it has room for it.
    /// - Throws: if it does not listen.
    func write(_ bytes: [UInt8]) async throws
    /// Tells it that no more input comes.
    func closeInput() async throws
    /// Tells it the size of its terminal, if it has one.
    func resize(columns: UInt16, rows: UInt16)
    /// Waits for its end; above 128 the code is a signal, plus 128.
    func exitCode() async throws -> Int32
    /// Ends it, if it was started for this and runs.
    func end()
}

/// An output of a process.
package enum PodOutput: Sendable {
    case stdout
    case stderr
}

/// A process to be started in a container of a pod: the options of `pods/NAME/exec`.
package struct PodCommand: Sendable, Equatable {
    /// The program and its arguments.
    package var words: [String]
    /// What is connected.
    package var streams: PodStreamSet
}

/// Which streams of a process a client wants.
package struct PodStreamSet: Sendable, Equatable {
    /// Whether the client gives it input.
    package var hasInput: Bool
    /// Whether the client reads its standard output.
    package var hasOutput: Bool
    /// Whether the client reads its standard error; with a terminal both outputs are one.
    package var hasErrors: Bool
    /// Whether it has a terminal.
    package var hasTerminal: Bool

    /// Reads the options of a request.
    init(_ query: QueryParameters) throws(APIFailure) {
        hasInput = try query.flag("stdin") ?? false
        hasOutput = try query.flag("stdout") ?? false
        hasTerminal = try query.flag("tty") ?? false
        hasErrors = try query.flag("stderr") ?? false
        guard hasInput || hasOutput || hasErrors else {
            throw .badRequest("you must specify at least 1 of stdin, stdout, stderr")
        }
        if hasTerminal { hasErrors = false }
    }
}
