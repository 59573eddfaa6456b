/// How large and wide things may be. Generated files are exempt.
let sizeRules: [Rule] = [
    Rule(
        "a file has at most 400 lines",
        good: [lines(400, "let a = 1")],
        bad: [lines(401, "let a = 1")],
        inFile: { file in
            // The newline at the end of the last line begins no line of its own.
            let count = file.lines.count - (file.lines.last == "" ? 1 : 0)
            return count > 400 ? [Finding(401, "the file has \(count) lines")] : []
        }),
    Rule(
        "a function has at most 60 lines",
        good: [
            "func f() {\n" + lines(58, "a()") + "}",
            "func f() {\n" + lines(58, "// }") + "}\nfunc g() {}",
            "protocol P {\n" + lines(70, "func f()") + "}",
            "struct A {\n" + lines(70, "var a: Int") + "}",
        ],
        bad: [
            "func f() {\n" + lines(59, "a()") + "}",
            "func f() -> [() -> Int] where A: B {\n" + lines(59, "a(\"}\")") + "}",
            "init(a: Int = { 1 }()) throws(E) {\n" + lines(59, "a(\"\\(b { c })\")") + "}",
            "var a: Int {\n" + lines(59, "/* } */ a()") + "}",
            "func f() {\n" + lines(59, "let a = #\"}\"#") + "}",
            "deinit {\n" + lines(59, "a()") + "}",
        ],
        inFile: { file in
            file.functions.compactMap { function in
                let count = function.lastLine - function.firstLine + 1
                guard count > 60 else { return nil }
                return Finding(function.firstLine, "`\(function.name)` has \(count) lines")
            }
        }),
    Rule(
        "a line has at most 100 columns",
        good: [
            Tree(["Sources/A/B/C.swift": String(repeating: "é", count: 100)]),
            Tree(["Sources/A/B/Generated/C.swift": String(repeating: "x", count: 101)]),
        ],
        bad: ["Sources/A/B/C.swift", "Package.swift", "Makefile", ".ci/run"].map {
            Tree([$0: String(repeating: "x", count: 101)])
        },
        check: { tree in
            codeTexts(of: tree).flatMap { path, text in
                numberedLines(text).filter { $0.1.count > 100 }.map {
                    Violation(
                        path: path, line: $0.0, message: "the line has \($0.1.count) columns")
                }
            }
        }),
    Rule(
        "Swift is indented with spaces",
        good: ["func f() {\n    a()\n}"],
        bad: ["func f() {\n\ta()\n}", "let a = 1\t"],
        inFile: { file in
            file.lines.indices.filter { file.lines[$0].utf8.contains(UInt8(ascii: "\t")) }
                .map { Finding($0 + 1, "the line has a tab") }
        }),
    Rule(
        "no line ends with spaces",
        good: ["let a = 1\n"],
        bad: ["let a = 1 \n", "/// Text. \nlet a = 1\n"],
        inFile: { file in
            file.lines.indices.filter { file.lines[$0].last == " " }
                .map { Finding($0 + 1, "the line ends with a space") }
        }),
    Rule(
        "the rules can read every file",
        good: ["let a = \"\\(b(\"}\"))\" /* { /* */ */", "let a = #/[\"{]/#", "func `a } b`() {}"],
        bad: ["let a = \"", "func f() {", "}", "/* /* */"],
        inFile: { file in
            file.lostAtLine.map { [Finding($0, "braces or quotes don't match here")] } ?? []
        }),
]

/// The files with code that people write.
private func codeTexts(of tree: Tree) -> [(String, String)] {
    tree.texts.keys.sorted().filter { path in
        (path.hasSuffix(".swift") && !path.contains("/Generated/")) || path == "Makefile"
            || path.hasPrefix(".ci/")
    }.map { ($0, tree.texts[$0] ?? "") }
}

/// The lines of a text with their numbers from 1.
func numberedLines(_ text: String) -> [(Int, Substring)] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return Array(zip(1..., lines))
}

private func lines(_ count: Int, _ line: String) -> String {
    String(repeating: line + "\n", count: count)
}
