/// A function, initialiser, subscript or computed property with a body.
struct Function {
    /// As written, with its backticks.
    var name: String
    /// The line of its keyword.
    var firstLine: Int
    /// The line of its closing brace.
    var lastLine: Int
}

/// An import of a module.
struct Import {
    var module: String
    var line: Int
}

extension SourceFile {
    /// All imports.
    var imports: [Import] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "import", index + 1 < tokens.count else { return nil }
            let next = kinds.contains(tokens[index + 1].text) ? index + 2 : index + 1
            guard next < tokens.count else { return nil }
            return Import(module: tokens[next].text, line: tokens[index].line)
        }
    }

    /// All functions with a body, also those inside others.
    var functions: [Function] {
        tokens.indices.compactMap { index in
            guard let open = bodyStart(ofDeclarationAt: index) else { return nil }
            let close = closing(open)
            let isNamed = ["func", "var"].contains(tokens[index].text)
            return Function(
                name: isNamed ? tokens[index + 1].text : tokens[index].text,
                firstLine: tokens[index].line, lastLine: tokens[close].line)
        }
    }

    /// The token that closes what the one at `open` opens, or the last token.
    func closing(_ open: Int) -> Int {
        let pairs = ["(": ")", "[": "]", "{": "}"]
        let (opener, closer) = (tokens[open].text, pairs[tokens[open].text] ?? "")
        var depth = 0
        for index in open..<tokens.count {
            if tokens[index].text == opener { depth += 1 }
            if tokens[index].text == closer { depth -= 1 }
            if depth == 0 { return index }
        }
        return tokens.count - 1
    }

    /// The token's text, empty beyond the ends.
    func text(_ index: Int) -> String {
        tokens.indices.contains(index) ? tokens[index].text : ""
    }

    /// Where the body of the declaration whose keyword is at `index` opens; nil if the token is no
    /// such keyword or the declaration has no body.
    private func bodyStart(ofDeclarationAt index: Int) -> Int? {
        guard text(index - 1) != "." else { return nil }
        switch text(index) {
        case "func":
            return bodyStart(behindParametersFrom: index + 1)
        case "init", "subscript":
            guard ["(", "<", "?", "!"].contains(text(index + 1)) else { return nil }
            return bodyStart(behindParametersFrom: index + 1)
        case "deinit":
            return text(index + 1) == "{" ? index + 1 : nil
        case "var":
            return text(index + 2) == ":" ? propertyBodyStart(from: index + 3) : nil
        default: return nil
        }
    }

    private func bodyStart(behindParametersFrom start: Int) -> Int? {
        guard let open = (start..<tokens.count).first(where: { text($0) == "(" }) else {
            return nil
        }
        var index = closing(open) + 1
        while index < tokens.count {
            switch text(index) {
            case "{": return index
            case "}", ";": return nil
            case "(", "[": index = closing(index)
            case let word where startsLine(index) && Self.startsDeclaration(word): return nil
            default: break
            }
            index += 1
        }
        return nil
    }

    private func propertyBodyStart(from start: Int) -> Int? {
        var index = start
        while index < tokens.count {
            switch text(index) {
            case "{": return index
            case "}", ";", "=": return nil
            case "(", "[": index = closing(index)
            default: if index > start && startsLine(index) { return nil }
            }
            index += 1
        }
        return nil
    }

    /// Whether the token is the first on its line.
    func startsLine(_ index: Int) -> Bool {
        index == 0 || tokens[index - 1].line < tokens[index].line
    }

    private static func startsDeclaration(_ word: String) -> Bool {
        modifiers.contains(word) || declarationKeywords.contains(word) || word.hasPrefix("@")
            || word.hasPrefix("#")
    }

    /// Words that may stand before a declaration's keyword.
    static let modifiers: Set<String> = [
        "public", "package", "internal", "fileprivate", "private", "open", "static", "final",
        "mutating", "nonmutating", "nonisolated", "override", "convenience", "required",
        "indirect", "lazy", "weak", "unowned", "consuming", "borrowing", "prefix", "postfix",
        "infix", "dynamic", "distributed",
    ]

    /// Words that say what is declared.
    static let declarationKeywords: Set<String> = [
        "func", "var", "let", "init", "deinit", "subscript", "struct", "class", "enum", "actor",
        "protocol", "extension", "typealias", "associatedtype", "case", "import", "macro",
        "operator",
    ]
}
