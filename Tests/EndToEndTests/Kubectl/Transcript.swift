import Foundation

/// What somebody did at a terminal, as a text: lines of comments, commands behind `$ ` (their
/// continuation behind `> `), and below each what it said.
struct Transcript {
    struct Step {
        /// Comments and blank lines, kept as they are.
        var preface: [String] = []
        /// The lines of the command.
        var command: [String] = []
        var output: [String] = []

        /// The command as the shell wants it.
        var line: String { command.joined(separator: "\n") }
    }

    var steps: [Step] = []

    init(parsing text: String) {
        var step = Step()
        for line in text.components(separatedBy: "\n") {
            if line.hasPrefix("$ ") || line.hasPrefix("# ") {
                close(&step)
            }
            if line.hasPrefix("$ ") || line.hasPrefix("> ") {
                step.command.append(String(line.dropFirst(2)))
            } else if step.command.isEmpty {
                step.preface.append(line)
            } else {
                step.output.append(line)
            }
        }
        close(&step)
    }

    /// Ends a step that has a command. Blank lines at its end belong to what follows.
    private mutating func close(_ step: inout Step) {
        guard !step.command.isEmpty else { return }
        var rest: [String] = []
        while step.output.last == "" { rest.append(step.output.removeLast()) }
        steps.append(step)
        step = Step(preface: rest)
    }

    /// The text again, with the present outputs.
    var text: String {
        var lines: [String] = []
        for step in steps {
            lines += step.preface
            lines += zip(step.command, ["$ "] + Array(repeating: "> ", count: step.command.count))
                .map { $1 + $0 }
            lines += step.output
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// A folder of transcripts, found from this file.
struct TranscriptFolder {
    /// What kubectl says.
    static let kubectls = TranscriptFolder("Transcripts")
    /// What keelson says.
    static let keelsons = TranscriptFolder("Keelson")

    private let url: URL

    private init(_ name: String) {
        url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: name)
    }

    /// The names of all transcripts, sorted.
    var names: [String] {
        // Without a folder there are no transcripts; a test says that there must be some.
        let found = (try? FileManager.default.contentsOfDirectory(atPath: url.path())) ?? []
        return found.filter { $0.hasSuffix(".txt") }.sorted()
    }

    func read(_ name: String) throws -> String {
        try String(contentsOf: url.appending(path: name), encoding: .utf8)
    }

    func write(_ text: String, to name: String) throws {
        try text.write(to: url.appending(path: name), atomically: true, encoding: .utf8)
    }

    /// Whether outputs are to be recorded instead of compared (`make golden`).
    static var isRecording: Bool {
        ProcessInfo.processInfo.environment["KEELSON_REWRITE_GOLDEN"] == "1"
    }
}
