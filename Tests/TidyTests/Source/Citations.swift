/// Which tests cite which known bugs (docs/BUGS.md) in a comment or message with the words
/// `RELIABILITY B<number>`, several numbers after a comma, a slash or as a range.
struct Citations {
    /// The names of the tests for each bug, sorted.
    private(set) var tests: [Int: [String]] = [:]

    /// Reads the tests and the scripts of a tree. TidyTests speak of the bugs without testing them.
    init(_ tree: Tree) {
        for file in tree.swiftFiles where file.isTest && file.module != "TidyTests" {
            addTests(of: file)
        }
        for (path, text) in tree.texts where path.hasPrefix("Tests/") && path.hasSuffix(".txt") {
            let name = path.split(separator: "/").last ?? ""
            for number in Self.numbers(in: text) { add(String(name), number) }
        }
    }

    private mutating func addTests(of file: SourceFile) {
        let tests = file.tests
        for (index, comment) in file.comments.enumerated() {
            let words = (comment ?? "") + "\n" + file.literals[index]
            for number in Self.numbers(in: words) {
                let line = index + 1
                let around = tests.first { ($0.firstLine...$0.lastLine).contains(line) }
                let next = tests.first { $0.firstLine > line }
                if let test = around ?? next { add(test.name, number) }
            }
        }
    }

    private mutating func add(_ test: String, _ number: Int) {
        let name = test.hasPrefix("`") ? test : "`\(test)`"
        var names = Set(tests[number] ?? [])
        names.insert(name)
        tests[number] = names.sorted()
    }

    /// The bugs that a text cites.
    static func numbers(in text: String) -> [Int] {
        text.split(separator: "\n").flatMap { line -> [Int] in
            guard let start = line.firstRange(of: "RELIABILITY") else { return [] }
            return line[start.upperBound...].matches(of: #/\bB(\d+)(?:[–-]B?(\d+))?/#)
                .flatMap { match -> [Int] in
                    let first = Int(match.1) ?? 0
                    let last = match.2.flatMap { Int($0) } ?? first
                    return first <= last ? Array(first...last) : []
                }
        }
    }
}

extension SourceFile {
    /// The functions marked `@Test`, in order.
    var tests: [Function] {
        let marked = tokens.indices.filter { text($0) == "@Test" }.compactMap { index in
            (index..<tokens.count).first { text($0) == "func" }
        }
        let lines = Set(marked.map { tokens[$0].line })
        return functions.filter { lines.contains($0.firstLine) && $0.name != "init" }
    }
}
