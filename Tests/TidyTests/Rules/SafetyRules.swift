/// What the compiler cannot prove and what it would not forbid.
let safetyRules: [Rule] = [
    Rule(
        "unsafe code is in listed files, each with a `SAFETY:` comment",
        good: [
            Tree([unsafeFiles[0]: "// SAFETY: one thread.\nfinal class A: @unchecked Sendable {}"]),
            Tree(["Sources/A/B/C.swift": "let a = \"unsafe\" // unsafe"]),
            Tree(["Sources/A/B/Generated/C.swift": "final class A: @unchecked Sendable {}"]),
            Tree(["Tests/A/B.swift": "// SAFETY: one thread.\nclass A: @unchecked Sendable {}"]),
        ],
        bad: [
            Tree([unsafeFiles[0]: "final class A: @unchecked Sendable {}"]),
            Tree(["Sources/A/B/C.swift": "// SAFETY: none.\nlet a = unsafe f()"]),
            Tree(["Sources/A/B/C.swift": "// SAFETY: none.\nnonisolated(unsafe) let a = 1"]),
            Tree(["Tests/A/B.swift": "class A: @unchecked Sendable {}"]),
            Tree([unsafeFiles[0]: "// SAFETY: long gone.\nlet a = 1"]),
        ],
        check: unsafeViolations),
    Rule(
        "tasks are structured: no bare `Task { }`",
        good: ["try Task.checkCancellation()", "struct Task2 {}", "// Task { }"],
        bad: [
            "Task { f() }", "Task(priority: .low) { f() }", "Task.detached { f() }",
            "let a = Task<Void, Never> { f() }",
        ],
        inFile: { file in
            file.tokens.indices.compactMap { index in
                guard file.text(index) == "Task", startsTask(file, index + 1) else { return nil }
                return Finding(file.tokens[index].line, "a bare task")
            }
        }),
    Rule(
        "nothing is a singleton",
        good: ["let shared = 1", "static let sharedName = 1"],
        bad: ["static let shared = A()", "static var shared: A { a }"],
        inFile: { file in
            file.tokens.indices.compactMap { index in
                guard file.text(index) == "shared", file.text(index - 2) == "static" else {
                    return nil
                }
                return Finding(file.tokens[index].line, "a singleton")
            }
        }),
]

/// The lines of unsafe code.
private func unsafeLines(in file: SourceFile) -> [Int] {
    file.tokens.indices.filter { index in
        file.text(index) == "unsafe" || file.text(index) == "@unsafe"
            || (file.text(index) == "@unchecked" && file.text(index + 1) == "Sendable")
    }.map { file.tokens[$0].line }
}

/// Tests need the comment, but no place on the list: nothing ships with them.
private func unsafeViolations(in tree: Tree) -> [Violation] {
    tree.swiftFiles.filter { !$0.isGenerated }.compactMap { file in
        let lines = unsafeLines(in: file)
        let isListed = unsafeFiles.contains(file.path)
        let isExplained = file.comments.contains { $0?.contains("SAFETY:") == true }
        guard let first = lines.first else {
            guard isListed else { return nil }
            return Violation(
                path: file.path, line: 0, message: "listed in UnsafeFiles.swift for nothing")
        }
        if !isListed && !file.isTest {
            return Violation(
                path: file.path, line: first, message: "unsafe code; not in UnsafeFiles.swift")
        }
        guard isExplained else {
            return Violation(
                path: file.path, line: first, message: "unsafe code without a `SAFETY:` comment")
        }
        return nil
    }
}

/// Whether what follows the word `Task` makes one.
private func startsTask(_ file: SourceFile, _ index: Int) -> Bool {
    switch file.text(index) {
    case "{": return true
    case "(": return file.text(file.closing(index) + 1) == "{"
    case ".": return ["detached", "immediate"].contains(file.text(index + 1))
    case "<":
        let end = (index..<file.tokens.count).first { file.text($0) == ">" }
        return end.map { startsTask(file, $0 + 1) } ?? false
    default: return false
    }
}
