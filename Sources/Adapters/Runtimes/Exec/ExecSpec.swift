/// A process to be started in a container beside its main one.
package struct ExecSpec: Sendable, Equatable {
    /// The program and its arguments.
    package var command: [String]
    /// Whether it is given input; without, its input is empty.
    package var hasInput: Bool
    /// Whether it has a terminal; both outputs are one then.
    package var hasTerminal: Bool

    /// A process to be started.
    package init(_ command: [String], hasInput: Bool = false, hasTerminal: Bool = false) {
        self.command = command
        self.hasInput = hasInput
        self.hasTerminal = hasTerminal
    }
}

/// An output of a process.
package enum ExecOutput: Sendable {
    case stdout
    case stderr
}
