/// How much of a run is told.
package enum TraceMode: Sendable, Equatable {
    case off
    /// The last so many lines are kept.
    case last(Int)
    /// All lines are kept.
    case everything
}

/// What happened in a run, for people: lines of time, member and event. Costs nothing while it is
/// off, since the lines are not even made.
struct Trace {
    private let mode: TraceMode
    /// Gets each line at once, so that nothing is lost should the process end.
    private let sink: ((String) -> Void)?
    private var lines: [String] = []
    private var start = 0

    /// Starts empty.
    init(_ mode: TraceMode, sink: ((String) -> Void)? = nil) {
        self.mode = mode
        self.sink = sink
    }

    /// Whether lines are wanted at all.
    var isOn: Bool { mode != .off || sink != nil }

    /// Adds a line.
    mutating func add(_ line: String) {
        sink?(line)
        switch mode {
        case .off: return
        case .everything: lines.append(line)
        case .last(let count):
            if lines.count < count {
                lines.append(line)
            } else {
                lines[start] = line
                start = (start + 1) % count
            }
        }
    }

    /// The lines that were kept, oldest first.
    var kept: [String] { Array(lines[start...] + lines[..<start]) }
}
