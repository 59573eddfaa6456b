import Foundation
import Testing

/// README.md, command by command, from an empty folder: what it shows must come, line by line, but
/// for numbers, times and names that differ from run to run.
@Suite struct NewcomerTests {
    @Test func `the commands of README lead from nothing to a restored backup`() throws {
        let steps = try Newcomer.steps()
        #expect(steps.count > 10)
        let newcomer = try Newcomer()
        for step in steps {
            let difference = try newcomer.follow(step)
            try #require(difference == nil, "$ \(step.command)\n\(difference ?? "")")
        }
    }

    @Test func `what is shown is told from what is not`() {
        let shown = ["...", "web-75cff6d5d6-htvxb   1/1   1 (1s ago)", "a ... d, ..."]
        func fits(_ said: [String]) -> Bool {
            Newcomer.difference(shown: shown, said: said) == nil
        }
        #expect(fits(["web-6559f5fd78-25gpq   2/2   1 (12s ago)", "a b c d, e"]))
        #expect(fits(["x", "y", "web-75cff6d5d6-htvxb 1/1 1 (1s ago)", "a d d, "]))
        #expect(!fits(["web-75cff6d5d6-htvxb   1/1   1 (1s ago)"]))
        #expect(!fits(["web-75cff6d5d6-htvxb   1/1   1", "a b d, e"]))
        #expect(!fits(["web-75cff6d5d6-htvxb   1/1   1 (1s ago)", "a b d, e", "f"]))
    }
}

/// Somebody with an empty folder, a home and a machine's network to himself.
private final class Newcomer {
    /// A command and what it says.
    struct Step {
        var command: String
        var shown: [String]

        /// Whether it only looks, so that one may look again until things have come about.
        var isLook: Bool { command.hasPrefix("keelson get ") || command.hasPrefix("curl ") }
    }

    private let scratch: Scratch
    private let shell: ChildProcess
    private var count = 0

    /// Whether the program is built anew, as a newcomer does (`make newcomer`).
    private static let builds =
        ProcessInfo.processInfo.environment["KEELSON_NEWCOMER_BUILDS"] == "1"

    /// The commands of the block of README that shows a console.
    static func steps() throws -> [Step] {
        let text = try String(contentsOfFile: Programs.root + "/README.md", encoding: .utf8)
        let block = try #require(text.firstMatch(of: #/\n```console\n((?s).*?)\n```\n/#)).1
        var steps: [Step] = []
        for line in block.split(separator: "\n").map(String.init) {
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2)), shown: []))
            } else {
                try #require(!steps.isEmpty)
                steps[steps.count - 1].shown.append(line)
            }
        }
        return steps
    }

    init() throws {
        scratch = try Scratch()
        for folder in ["home", "home/.cache", "empty", "origin"] {
            try FileManager.default.createDirectory(
                atPath: scratch.path + "/" + folder, withIntermediateDirectories: false)
        }
        // The ports of README are fixed: a network of its own, and processes that end with it.
        let alone = ["/usr/bin/unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        let user = geteuid() == 0 ? [] : ["--map-root-user"]
        var variables = ["HOME": scratch.path + "/home", "TZ": "UTC", "LC_ALL": "C.UTF-8"]
        if !Self.builds { variables["KEELSON"] = Programs.keelson }
        shell = try ChildProcess(alone + user + ["/bin/bash"], variables: variables)
        try set()
    }

    /// What is there before: the repository at its address, with all that is in the folder of the
    /// project and would be committed.
    private func set() throws {
        let built = (Programs.keelson as NSString).deletingLastPathComponent
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        // The packages that were fetched once need no network.
        let cache = ".cache/org.swift.swiftpm"
        let answer = try run(
            """
            exec 2>&1
            ip link set lo up
            export PATH='\(Self.builds ? "" : built + ":")\(path)'
            if [ -d '\(NSHomeDirectory())/\(cache)' ]; then
                ln -s '\(NSHomeDirectory())/\(cache)' ~/\(cache)
            fi
            git -C '\(Programs.root)' ls-files -co --exclude-standard -z |
                tar -C '\(Programs.root)' --null --files-from - --ignore-failed-read -cf - |
                tar -C '\(scratch.path)/origin' -xf -
            git config --global init.defaultBranch main
            git config --global user.name newcomer
            git config --global user.email newcomer@localhost
            git config --global url.'\(scratch.path)/origin'.insteadOf https://SERVER/keelson.git
            cd '\(scratch.path)/origin' && git init --quiet && git add . &&
                git commit --quiet --message all && cd '\(scratch.path)/empty'
            """, within: .seconds(60))
        guard answer.isGood else { throw TooLate(description: "set-up: \(answer.lines)") }
    }

    /// Runs a command.
    /// - Returns: what it says other than is shown, or how it fails; nil if all is well.
    func follow(_ step: Step) throws -> String? {
        let limit: Duration = Self.builds ? .seconds(3_600) : .seconds(120)
        let deadline = Deadline(.seconds(30))
        while true {
            let answer = try run(step.command, within: limit)
            let difference = answer.isGood
                ? Self.difference(shown: step.shown, said: answer.lines)
                : "it failed:\n" + answer.lines.joined(separator: "\n")
            guard difference != nil, step.isLook, !deadline.hasPassed else { return difference }
        }
    }

    private func run(
        _ command: String, within limit: Duration
    ) throws -> (lines: [String], isGood: Bool) {
        count += 1
        let before = shell.output.utf8.count
        let mark = "[[\(count) done "
        shell.write("\(command)\necho \"\(mark)$?]]\"\n")
        try shell.listen(for: "the end of \(command)", within: limit) { $0.contains(mark) }
        let said = String(decoding: shell.output.utf8.dropFirst(before), as: UTF8.self)
        let parts = said.components(separatedBy: mark)
        var lines = parts[0].components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return (lines, parts.count > 1 && parts[1].hasPrefix("0]]"))
    }

    /// Where what was said is not what is shown: `...` stands for any lines, and within a line for
    /// any words.
    static func difference(shown: [String], said: [String]) -> String? {
        let pattern = shown.map { line in
            line == "..." ? "(?:[^\n]*\n)*?" : regex(plain(line)) + "\n"
        }.joined()
        let text = said.map { plain($0) + "\n" }.joined()
        // A pattern made of quoted text is one.
        let found = try? Regex("\\A(?:\(pattern))\\z").firstMatch(in: text)
        return found == nil ? "said:\n" + said.joined(separator: "\n") : nil
    }

    private static func regex(_ line: String) -> String {
        line.components(separatedBy: "...").map(NSRegularExpression.escapedPattern)
            .joined(separator: "[^\n]*")
    }

    /// Numbers, identifiers, ages, ends of names and widths of columns do not count.
    private static func plain(_ line: String) -> String {
        line.replacing(#/-[b-z2-9]{8,10}-[b-z2-9]{5}\b/#, with: "-HASH-END")
            .replacing(#/\b[0-9a-f]{16}\b/#, with: "ID")
            .replacing(#/(\d+[smhd])+\b/#, with: "AGE")
            .replacing(#/\d+(\.\d+)*/#, with: "N")
            .replacing(#/ +/#, with: " ")
    }
}
