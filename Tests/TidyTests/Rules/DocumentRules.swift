/// What README and docs say must be so.
let documentRules: [Rule] = [
    Rule(
        "relative links lead to files",
        good: [
            Tree(["docs/A.md": "[b](B.md#top), [c](../README.md)"], otherPaths: documents),
            Tree(["README.md": "[a](https://a.org/a) [b](#top) [c](docs/)"], otherPaths: documents),
            Tree(["README.md": "`[a](b.md)` is a link\n```\n[a](b.md)\n```"]),
        ],
        bad: [
            Tree(["README.md": "[a](docs/A.md)"]),
            Tree(["docs/A.md": "a\n[b](B.md#top)"]),
            Tree(["docs/decisions/A.md": "[b](../../LICENSE.md)"]),
        ],
        check: brokenLinks),
    Rule(
        "README has at most 80 lines",
        good: [Tree(["README.md": String(repeating: "a\n", count: 80)])],
        bad: [Tree(["README.md": String(repeating: "a\n", count: 81)])],
        check: { tree in
            let text = tree.texts["README.md"] ?? ""
            let count = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            guard count > 80 else { return [] }
            return [Violation(path: "README.md", line: 81, message: "README has \(count) lines")]
        }),
    Rule(
        "the make targets that the documents name exist",
        good: [
            Tree(["README.md": "We make sure.\n`make test SEED=1`", "Makefile": "test: ## T"]),
            Tree(["README.md": "```\nmake a b=1 # and\n```", "Makefile": "a:\n"]),
        ],
        bad: [
            Tree(["README.md": "Run `make tset`.", "Makefile": "test:\n"]),
            Tree(["docs/A.md": "```\n$ make tset\n```", "Makefile": "test:\n"]),
            Tree(["docs/A.md": "    make tset", "Makefile": "test:\n"]),
        ],
        check: unknownMakeTargets),
    Rule(
        "every make target says in one line what it does",
        good: [Tree(["Makefile": "a: b ## Does a\nb: ## Does b\nX := 1\n.PHONY: a"])],
        bad: [Tree(["Makefile": "a: b\nb: ## Does b"])],
        check: { tree in
            let target = #/^([a-z][a-z0-9-]*):([^=].*)?$/#
            return numberedLines(tree.texts["Makefile"] ?? "")
                .filter { $0.1.contains(target) && !$0.1.contains(" ## ") }
                .map {
                    Violation(path: "Makefile", line: $0.0, message: "a target without `## …`")
                }
        }),
]

private let documents = ["README.md", "docs/B.md"]

/// The lines of a document, with code taken out or nothing but code left in.
private func lines(of text: String, onlyCode: Bool) -> [(Int, String)] {
    var isFenced = false
    return numberedLines(text).map { number, line in
        if line.hasPrefix("```") {
            isFenced.toggle()
            return (number, "")
        }
        if isFenced || line.hasPrefix("    ") { return (number, onlyCode ? String(line) : "") }
        let parts = line.split(separator: "`", omittingEmptySubsequences: false)
        let kept = parts.enumerated().filter { ($0.offset % 2 == 1) == onlyCode }
        return (number, kept.map { String($0.element) }.joined(separator: " ; "))
    }
}

private func brokenLinks(in tree: Tree) -> [Violation] {
    tree.documents.flatMap { path, text in
        lines(of: text, onlyCode: false).flatMap { number, line in
            line.matches(of: #/\]\(([^)\s]+)\)/#).compactMap { match -> Violation? in
                let link = String(match.1)
                let target = String(link.prefix { $0 != "#" })
                if target.isEmpty || link.contains("://") || link.hasPrefix("mailto:") {
                    return nil
                }
                let found = resolve(target, from: path)
                guard found.isEmpty || !tree.paths.contains(found) else { return nil }
                return Violation(path: path, line: number, message: "no file at `\(link)`")
            }
        }
    }
}

/// The path from the root of what a document links to.
private func resolve(_ target: String, from path: String) -> String {
    var parts = path.split(separator: "/").dropLast().map(String.init)
    for part in target.split(separator: "/") where part != "." {
        if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
}

private func unknownMakeTargets(in tree: Tree) -> [Violation] {
    let declarations = (tree.texts["Makefile"] ?? "").matches(of: #/(?m)^([a-z][a-z0-9-]*):/#)
    let targets = Set(declarations.map { String($0.1) })
    return tree.documents.flatMap { path, text in
        lines(of: text, onlyCode: true).flatMap { number, line in
            line.matches(of: #/(?:^|[;&]|\$)\s*make ([a-z][a-z0-9-]*)/#)
                .map { String($0.1) }
                .filter { !targets.contains($0) }
                .map {
                    Violation(path: path, line: number, message: "`make \($0)` does not exist")
                }
        }
    }
}
