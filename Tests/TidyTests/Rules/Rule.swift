/// Something that broke a rule.
struct Violation: CustomStringConvertible, Comparable {
    var path: String
    /// From 1; 0 where the file as a whole is meant.
    var line: Int
    var message: String

    var description: String { line > 0 ? "\(path):\(line): \(message)" : "\(path): \(message)" }

    static func < (left: Self, right: Self) -> Bool {
        (left.path, left.line, left.message) < (right.path, right.line, right.message)
    }
}

/// One rule of docs/STYLE.md, with examples that show that it can be kept and can be broken.
struct Rule: Sendable, CustomStringConvertible {
    /// What must hold.
    let name: String
    /// Trees that keep it.
    let good: [Tree]
    /// Trees that break it, each exactly once.
    let bad: [Tree]
    /// Finds what breaks it.
    let check: @Sendable (Tree) -> [Violation]

    var description: String { name }

    /// A rule about the whole tree.
    init(
        _ name: String, good: [Tree], bad: [Tree],
        check: @escaping @Sendable (Tree) -> [Violation]
    ) {
        self.name = name
        self.good = good
        self.bad = bad
        self.check = check
    }

    /// A rule about Swift files one by one, with examples at `path`. Generated files are left out.
    init(
        _ name: String, path: String = "Sources/Engines/Example/Example.swift", good: [String],
        bad: [String], inFile check: @escaping @Sendable (SourceFile) -> [Finding]
    ) {
        self.init(
            name, good: good.map { Tree([path: $0]) }, bad: bad.map { Tree([path: $0]) }
        ) { tree in
            tree.swiftFiles.filter { !$0.isGenerated }.flatMap { file in
                check(file).map {
                    Violation(path: file.path, line: $0.line, message: $0.message)
                }
            }
        }
    }

    /// All rules.
    static let all: [Rule] =
        importRules + coreRules + sizeRules + nameRules + commentRules + safetyRules + testRules
        + packageRules + documentRules
}

/// What a rule about one file found.
struct Finding {
    var line: Int
    var message: String

    init(_ line: Int, _ message: String) {
        self.line = line
        self.message = message
    }
}
