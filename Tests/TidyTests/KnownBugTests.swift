import Foundation
import Testing

/// The known bugs of systems like this one, and the tests that keep them out.
@Suite struct KnownBugTests {
    @Test func `every known bug has a test or a reason to have none`() throws {
        let tests = Citations(try Tree.load()).tests
        let missing = knownBugs.filter { tests[$0] == nil && bugsWithoutTests[$0] == nil }
        #expect(missing.isEmpty, "no test cites \(missing.map { "B\($0)" }.joined(separator: " "))")
        let idle = knownBugs.filter { tests[$0] != nil && bugsWithoutTests[$0] != nil }
        #expect(idle.isEmpty, "tests cite \(idle), which BugsWithoutTests.swift excuses")
        let unknown = tests.keys.filter { !knownBugs.contains($0) }.sorted()
        #expect(unknown.isEmpty, "tests cite \(unknown), which docs/BUGS.md does not have")
    }

    /// The last column is recorded output: `make golden` rewrites it.
    @Test func `the recorded table of known bugs names the tests that cite them`() throws {
        let tree = try Tree.load()
        let recorded = try #require(tree.texts["docs/BUGS.md"])
        let expected = Self.filled(recorded, Citations(tree).tests)
        if ProcessInfo.processInfo.environment["KEELSON_REWRITE_GOLDEN"] == "1" {
            try expected.write(
                to: Tree.root.appending(path: "docs/BUGS.md"), atomically: true, encoding: .utf8)
            return
        }
        for (line, (old, new)) in zip(1..., zip(Self.lines(recorded), Self.lines(expected))) {
            #expect(old == new, "docs/BUGS.md:\(line): out of date; run `make golden`")
        }
        let rows = recorded.matches(of: #/(?m)^\| B(\d+) /#).compactMap { Int($0.1) }
        #expect(rows == Array(knownBugs), "the table has one row for each bug, in order")
    }

    @Test func `a citation belongs to the test around it or to the next one`() {
        let text = """
            struct A {
                // RELIABILITY B1, B3–B4: why.
                @Test func `one "}" two`() {}
                func helper() {}  // RELIABILITY B5
                @Test(arguments: [1]) func `three`(_ a: Int) {
                    // RELIABILITY B6/B7
                }
                // Only B8, and a string:
                @Test func four() { fail("RELIABILITY B9") }
            }
            """
        let tree = Tree(["Tests/ATests/A.swift": text, "Tests/ATests/s.txt": "# RELIABILITY B2"])
        let tests = Citations(tree).tests
        #expect(tests[1] == ["`one \"}\" two`"])
        #expect(tests[2] == ["`s.txt`"])
        #expect(tests[3] == tests[1] && tests[4] == tests[1])
        #expect(tests[5] == ["`three`"] && tests[6] == tests[5] && tests[7] == tests[5])
        #expect(tests[8] == nil)
        #expect(tests[9] == ["`four`"])
    }

    @Test func `filling the table changes only its last column`() {
        let table = "| B1 | a | old |\n| B2 | b | |\n| B29 | c | x |\ntext | B1 |"
        let filled = Self.filled(table, [1: ["`one`", "`two`"]])
        #expect(
            filled == "| B1 | a | `one`; `two` |\n| B2 | b | none yet |\n"
                + "| B29 | c | none: \(bugsWithoutTests[29]!) |\ntext | B1 |")
    }

    /// The document with the last column of its table made anew.
    private static func filled(_ document: String, _ tests: [Int: [String]]) -> String {
        lines(document).map { line in
            guard let match = line.wholeMatch(of: #/(\| B(\d+) \| [^|]* \|).*/#),
                let number = Int(match.2)
            else { return String(line) }
            let reason = bugsWithoutTests[number].map { "none: \($0)" } ?? "none yet"
            return "\(match.1) \(tests[number]?.joined(separator: "; ") ?? reason) |"
        }.joined(separator: "\n")
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}
