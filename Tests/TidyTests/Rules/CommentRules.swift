/// What must be said, and what must not be left unsaid.
let commentRules: [Rule] = [
    Rule(
        "every package or public declaration has a `///`",
        good: [
            "/// A.\npackage struct A {\n    /// B.\n    @inlinable\n    package var b: Int\n}",
            "package import Raft", "struct A { var b = 1 }", "let a = f(package: 1)",
            "/// A.\npublic enum A {\n    case b\n}", "// public var a = 1",
            "/// P.\npackage protocol P {\n    /// F.\n    func f()\n}",
            "/// A.\npackage private(set) var a = 1",
        ],
        bad: [
            "package struct A {}", "// A.\npublic func a() {}",
            "/// A.\npackage struct A {\n    package init() {}\n}", "public static let a = 1",
            "/// A.\n\npublic let a = 1", "package internal(set) var a = 1",
            "/// P.\npackage protocol P {\n    func f()\n}",
        ],
        inFile: undocumentedDeclarations),
    Rule(
        "access is said at the declaration, not at the extension",
        good: ["extension A {\n    /// B.\n    package func b() {}\n}"],
        bad: ["package extension A {}", "public extension A {}"],
        inFile: { file in
            file.tokens.indices.filter { index in
                file.text(index) == "extension"
                    && ["package", "public"].contains(file.text(index - 1))
            }.map { Finding(file.tokens[$0].line, "an extension with an access modifier") }
        }),
    Rule(
        "`try?` has a comment that says why loss is fine",
        good: [
            "// Best effort.\ntry? f()", "try? f() // Best effort.", "let a = \"try? f()\"",
            "try f()",
        ],
        bad: ["try? f()", "// Best effort.\n\nlet a = try? f()"],
        inFile: { file in
            file.tokens.indices.compactMap { index in
                guard file.text(index) == "try", file.text(index + 1) == "?" else { return nil }
                let line = file.tokens[index].line
                let hasComment =
                    file.comments[line - 1] != nil || (line > 1 && file.comments[line - 2] != nil)
                return hasComment ? nil : Finding(line, "`try?` without a comment")
            }
        }),
    Rule(
        "what is left to do has an issue's number",
        good: ["// TODO(#12): shrink it", "let a = \"TODO\"", "// METHODTODO"],
        bad: ["// TODO: shrink it", "/* FIXME */", "// XXX", "// TODO(later): it"],
        inFile: { file in
            file.comments.indices.filter { isBareToDo(file.comments[$0] ?? "") }
                .map { Finding($0 + 1, "a bare TODO; write `TODO(#n): …`") }
        }),
]

private func isBareToDo(_ comment: String) -> Bool {
    let marks = ["TODO", "FIXME", "XXX", "HACK"]
    let words = comment.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    guard words.contains(where: { marks.contains(String($0)) }) else { return false }
    return comment.wholeMatch(of: #/(?s).*TODO\(#\d+\): .*/#) == nil
}

/// Package and public declarations, and the requirements of such protocols, without a comment.
private func undocumentedDeclarations(in file: SourceFile) -> [Finding] {
    file.tokens.indices.flatMap { index -> [Finding] in
        guard let keyword = interfaceKeyword(file, index) else { return [] }
        var findings: [Finding] = []
        if !isDocumented(file, line: file.tokens[index].line) {
            findings.append(
                Finding(
                    file.tokens[index].line,
                    "`\(file.text(keyword)) \(file.text(keyword + 1))` has no `///`"))
        }
        if file.text(keyword) == "protocol" { findings += undocumentedRequirements(file, keyword) }
        return findings
    }
}

/// Where the keyword is of the declaration that the access modifier at `index` belongs to; nil
/// if the token is none, or belongs to an import or an extension.
private func interfaceKeyword(_ file: SourceFile, _ index: Int) -> Int? {
    guard ["package", "public", "open"].contains(file.text(index)),
        !["(", ":", "."].contains(file.text(index + 1)), file.text(index - 1) != "."
    else { return nil }
    var next = index + 1
    while next < file.tokens.count {
        let word = file.text(next)
        if file.text(next + 1) == "(",
            SourceFile.modifiers.contains(word) || word.hasPrefix("@")
        {
            next = file.closing(next + 1) + 1
        } else if word == "class", SourceFile.declarationKeywords.contains(file.text(next + 1)) {
            next += 1
        } else if SourceFile.declarationKeywords.contains(word) {
            return ["import", "extension", "case"].contains(word) ? nil : next
        } else if SourceFile.modifiers.contains(word) || word.hasPrefix("@") {
            next += 1
        } else {
            return nil
        }
    }
    return nil
}

private func undocumentedRequirements(_ file: SourceFile, _ keyword: Int) -> [Finding] {
    guard let open = (keyword..<file.tokens.count).first(where: { file.text($0) == "{" }) else {
        return []
    }
    let kinds: Set = ["func", "var", "init", "subscript", "associatedtype"]
    let inside = file.tokens[open].depth + 1
    return (open..<file.closing(open)).compactMap { index in
        let token = file.tokens[index]
        guard kinds.contains(token.text), token.depth == inside,
            !isDocumented(file, line: token.line)
        else { return nil }
        return Finding(token.line, "`\(token.text) \(file.text(index + 1))` has no `///`")
    }
}

/// Whether the line above is a documentation comment, attributes in between left aside.
private func isDocumented(_ file: SourceFile, line: Int) -> Bool {
    var above = line - 2
    while above >= 0 {
        let text = file.lines[above].drop { $0 == " " }
        if text.hasPrefix("@") || text.hasPrefix("#if") {
            above -= 1
        } else {
            return text.hasPrefix("///")
        }
    }
    return false
}
