private let corePath = "Sources/Cores/Example/Example.swift"

/// What a core, a pure value, must do without.
let coreRules: [Rule] = [
    Rule(
        "a core imports no Foundation, C library, NIO, logging or locks", path: corePath,
        good: ["import Primitives", "// import Foundation"],
        bad: [
            "import Foundation", "internal import Glibc", "import NIOCore", "import Logging",
            "import Synchronization", "import Dispatch",
        ],
        inFile: { file in
            guard file.layer == "Cores" else { return [] }
            let banned: Set = [
                "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Dispatch",
                "Logging", "Metrics", "Synchronization", "os",
            ]
            return file.imports
                .filter { banned.contains($0.module) || $0.module.hasPrefix("NIO") }
                .map { Finding($0.line, "\($0.module) is imported in a core") }
        }),
    Rule(
        "a core has no tasks, actors, locks, clocks or output", path: corePath,
        good: [
            "let a = \"await Task\" // async", "struct MyTask {}", "let asyncMark = 1",
            "func hash(into hasher: inout Hasher) {}",
        ],
        bad: [
            "func f() async {}", "let a = Task { 1 }", "actor A {}", "let l = NSLock()",
            "let d = Date()", "let c = ContinuousClock()", "func f() { print(1) }",
            "let h = a.hashValue", "var h = Hasher()", "let a: Atomic<Int>",
        ],
        inFile: { file in
            guard file.layer == "Cores" else { return [] }
            return file.tokens.indices.compactMap { index in
                let word = file.text(index)
                let isCall = coreBannedCalls.contains(word) && file.text(index + 1) == "("
                guard (coreBannedWords.contains(word) || isCall), file.text(index - 1) != "func"
                else { return nil }
                return Finding(file.tokens[index].line, "`\(word)` in a core")
            }
        }),
    Rule(
        "a core draws random numbers only from a given generator", path: corePath,
        good: ["let a = Int.random(in: 0..<2, using: &g)", "let a = b.shuffled(using: &g)"],
        bad: [
            "let a = Int.random(in: 0..<2)", "let a = b.shuffled()", "let a = b.randomElement()",
            "var g = SystemRandomNumberGenerator()",
        ],
        inFile: { file in
            guard file.layer == "Cores" else { return [] }
            return file.tokens.indices.compactMap { unseededRandom(file, $0) }
        }),
    Rule(
        "a core has no global mutable state", path: corePath,
        good: [
            "struct A { static let b = 1 }", "struct A { static var b: Int { 1 } }",
            "let a = 1", "struct A { var b = 1 }", "func f() { var a = 1 }",
            "var answer: Int { 42 }",
        ],
        bad: [
            "struct A { static var b = 1 }", "var a = 1", "struct A { static var b: Int = 1 }",
            "nonisolated(unsafe) var a: Int = 1", "@TaskLocal let b: Int",
        ],
        inFile: { file in
            guard file.layer == "Cores" else { return [] }
            return file.tokens.indices.compactMap { globalState(file, $0) }
        }),
]

private let coreBannedWords: Set = [
    "async", "await", "Task", "TaskGroup", "actor", "NSLock", "Mutex", "Atomic",
    "DispatchQueue", "DispatchSemaphore", "ContinuousClock", "SuspendingClock", "hashValue",
    "AsyncStream", "withTaskGroup", "MainActor", "@MainActor",
]

private let coreBannedCalls: Set = [
    "Date", "Hasher", "print", "debugPrint", "dump", "readLine", "clock_gettime",
]

private func unseededRandom(_ file: SourceFile, _ index: Int) -> Finding? {
    let word = file.text(index)
    let line = file.tokens[index].line
    if word == "SystemRandomNumberGenerator" { return Finding(line, "`\(word)` in a core") }
    let draws: Set = ["random", "shuffled", "shuffle", "randomElement"]
    guard draws.contains(word), file.text(index - 1) == ".", file.text(index + 1) == "(" else {
        return nil
    }
    let arguments = index + 1...file.closing(index + 1)
    if arguments.contains(where: { file.text($0) == "using" }) { return nil }
    return Finding(line, "`.\(word)` without `using:` in a core")
}

private func globalState(_ file: SourceFile, _ index: Int) -> Finding? {
    let line = file.tokens[index].line
    if file.text(index) == "@TaskLocal" { return Finding(line, "`@TaskLocal` in a core") }
    guard file.text(index) == "var" else { return nil }
    let isStatic = file.text(index - 1) == "static"
    guard isStatic || file.tokens[index].depth == 0 else { return nil }
    // A computed property has a body before any `=`.
    var next = index + 1
    while next < file.tokens.count, file.text(next) != "=" {
        if file.text(next) == "{" { return nil }
        if file.text(next) == "}" || (file.startsLine(next) && file.text(next - 1) != ":") {
            break
        }
        next += 1
    }
    return Finding(line, isStatic ? "stored `static var` in a core" : "global `var` in a core")
}
