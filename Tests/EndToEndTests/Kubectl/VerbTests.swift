import Foundation
import Testing

/// Every verb of the program is recorded on a pipe and on a terminal, and is told of in
/// docs/compatibility/kubectl.md, beside every verb of kubectl.
@Suite struct VerbTests {
    /// Verbs of which nothing is recorded, and why. Nothing else may be missing.
    private static let unrecorded = [
        "server": "serves until it is ended; every test here runs it",
        "store": "serves until it is ended; the stories run it",
        "check perf": "loads a store for a minute; EtcdClientTests compare it with etcdctl's",
        "check datascale": "writes for minutes; EtcdClientTests compare it with etcdctl's",
        "member add": "EtcdClientTests compare what it prints with etcdctl's",
        "member remove": "EtcdClientTests compare what it prints with etcdctl's",
        "member update": "EtcdClientTests compare what it prints with etcdctl's",
        "member promote": "EtcdClientTests compare what it prints with etcdctl's",
    ]
    /// Where verbs are recorded.
    private static let recordings = "Tests/EndToEndTests/Kubectl/Keelson/*.txt"
    private static let page = "docs/compatibility/kubectl.md"

    @Test(arguments: ["keelson", "terminal"])
    func `every verb is recorded on a pipe and on a terminal`(_ caller: String) throws {
        let recorded = try Self.recordedCommands(of: caller)
        let missing = try Program.verbs().filter { verb in
            Self.unrecorded[verb] == nil
                && !recorded.contains { ($0 + " ").hasPrefix("\(caller) \(verb) ") }
        }
        let list = missing.joined(separator: ", ")
        let advice = "add lines `$ \(caller) VERB …` to \(Self.recordings) and run `make golden`"
        #expect(missing.isEmpty, "\(advice) for: \(list)")
    }

    @Test func `what is excused from being recorded is there`() throws {
        let gone = Set(Self.unrecorded.keys).subtracting(try Program.verbs())
        #expect(gone.isEmpty, "remove from VerbTests.unrecorded: \(gone.sorted())")
    }

    @Test func `every verb of keelson has a row in the table of verbs`() throws {
        let told = Set(try Row.all(of: Self.page).flatMap(\.verbs))
        let missing = try Program.verbs().filter { !told.contains($0) }
        let list = missing.joined(separator: ", ")
        #expect(missing.isEmpty, "add rows to the table of verbs of \(Self.page) for: \(list)")
    }

    @Test func `the table of verbs is true`() throws {
        let own = Set(try Program.verbs() + Program.families())
        for row in try Row.all(of: Self.page) {
            #expect(["yes", "partly", "no"].contains(row.state), "state of \(row.verbs)")
            for verb in row.verbs {
                #expect(
                    own.contains(verb) == (row.state != "no"),
                    "\(Self.page) says `\(row.state)` of `\(verb)`")
            }
        }
    }

    @Test func `every verb of kubectl has a row in the table of verbs`() throws {
        let kubectl = try #require(Programs.kubectls.last)
        let help = try ChildProcess.run([kubectl.path, "--help"]).output
        let verbs = help.matches(of: #/\n  ([a-z-]+)  +\S/#).map { String($0.1) }
        #expect(verbs.count > 30)
        let told = try Row.all(of: Self.page).flatMap(\.verbs)
        let missing = verbs.filter { verb in !told.contains { ($0 + " ").hasPrefix(verb + " ") } }
        let list = missing.joined(separator: ", ")
        #expect(missing.isEmpty, "add rows to the table of verbs of \(Self.page) for: \(list)")
    }

    /// What a program says in a transcript, as in `keelson rollout status deployment/web`.
    private static func recordedCommands(of caller: String) throws -> [String] {
        let call = try Regex(
            "(?:^|[^a-z/.])(\(caller) [^|;&>\n]*)", as: (Substring, Substring).self)
        return try TranscriptFolder.keelsons.names.flatMap { name in
            Transcript(parsing: try TranscriptFolder.keelsons.read(name)).steps
                .filter { !$0.output.isEmpty }
                .flatMap { $0.line.matches(of: call).map { String($0.output.1) } }
        }
    }
}

/// The program that is tested, as it describes itself.
private enum Program {
    private struct Description: Decodable {
        var command: Command
    }

    private struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]?
    }

    /// All verbs that do something, as in `get` and `rollout status`.
    static func verbs() throws -> [String] {
        try all().filter { $0.1.subcommands == nil }.map(\.0)
    }

    /// The verbs that have others below them.
    static func families() throws -> [String] {
        try all().filter { $0.1.subcommands != nil }.map(\.0)
    }

    private static func all() throws -> [(String, Command)] {
        let text = try ChildProcess.run([Programs.keelson, "--experimental-dump-help"]).output
        let root = try JSONDecoder().decode(Description.self, from: Data(text.utf8)).command
        func below(_ command: Command, _ path: String) -> [(String, Command)] {
            (command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap { child in
                [(path + child.commandName, child)] + below(child, path + child.commandName + " ")
            }
        }
        return below(root, "")
    }
}

/// A row of a table of verbs: those in backquotes in its first cell, and whether keelson has them.
private struct Row {
    var verbs: [String]
    var state: String

    /// The rows of the page's table that begins with `| verb | keelson |`.
    static func all(of page: String) throws -> [Row] {
        let text = try String(contentsOfFile: Programs.root + "/" + page, encoding: .utf8)
        let lines = text.components(separatedBy: "\n")
        let start = try #require(
            lines.firstIndex { $0.hasPrefix("| verb | keelson |") },
            "\(page) has no table of verbs")
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.components(separatedBy: "|")
            let names = cells[1].components(separatedBy: "`").enumerated()
                .filter { $0.offset % 2 == 1 }.map(\.element)
            return Row(verbs: names, state: cells[2].trimmingCharacters(in: .whitespaces))
        }
    }
}
