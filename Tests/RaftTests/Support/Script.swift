import Foundation

/// A story as a text: blocks of comments and commands, each with the output recorded for it
/// after a line of dashes.
///
///     # Why this is done.
///     campaign 1
///     stabilize
///     ----
///     1 becomes leader, term 1
///
struct Script {
    struct Block {
        /// Comments and blank lines, kept as they are.
        var preface: [String] = []
        var commands: [String] = []
        var output: [String] = []
    }

    var blocks: [Block] = []
    /// Comments behind the last block.
    var ending: [String] = []

    struct MalformedScript: Error, CustomStringConvertible {
        var description: String
    }

    init(parsing text: String) throws {
        var block = Block()
        var isOutput = false
        var lines = text.components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        for (number, line) in zip(1..., lines) {
            if isOutput {
                if line.isEmpty {
                    isOutput = false
                    blocks.append(block)
                    block = Block()
                } else {
                    block.output.append(line)
                }
            } else if line == "----" {
                guard !block.commands.isEmpty else {
                    throw MalformedScript(description: "line \(number): output of no command")
                }
                isOutput = true
            } else if line.isEmpty || line.hasPrefix("#") {
                guard block.commands.isEmpty else {
                    throw MalformedScript(description: "line \(number): `----` is missing")
                }
                block.preface.append(line)
            } else {
                block.commands.append(line)
            }
        }
        if isOutput {
            blocks.append(block)
            block = Block()
        }
        guard block.commands.isEmpty else {
            throw MalformedScript(description: "the last commands have no `----`")
        }
        ending = block.preface
    }

    /// The text again, with the present outputs.
    var text: String {
        var lines: [String] = []
        for (position, block) in blocks.enumerated() {
            if position > 0 { lines.append("") }
            lines += block.preface + block.commands + ["----"] + block.output
        }
        if !ending.isEmpty { lines += [""] + ending }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The folder of the scripts, found from this file.
enum ScriptFolder {
    static let url = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Scripts")

    /// The names of all scripts, sorted.
    static var names: [String] {
        let folder = url.path(percentEncoded: false)
        // Without a folder there are no scripts; a test says that there must be some.
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return found.filter { $0.hasSuffix(".txt") }.sorted()
    }

    static func read(_ name: String) throws -> String {
        try String(contentsOf: url.appending(path: name), encoding: .utf8)
    }

    static func write(_ text: String, to name: String) throws {
        try text.write(to: url.appending(path: name), atomically: true, encoding: .utf8)
    }

    /// Whether outputs are to be recorded instead of compared (`make golden`).
    static var isRecording: Bool {
        ProcessInfo.processInfo.environment["KEELSON_REWRITE_GOLDEN"] == "1"
    }
}
