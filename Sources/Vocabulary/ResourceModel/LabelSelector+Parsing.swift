/// The text form, as in `a=b,c!=d,e in (f,g),h,!i`.
extension LabelSelector {
    /// Reads the text form; an empty text wants everything.
    public init(parsing text: String) throws(Failure) {
        var parser = SelectorParser(text)
        self.init(try parser.requirements())
    }
}

private struct SelectorParser {
    /// A word, or one of the signs, which are their own names; empty at the end.
    struct Token {
        var text: String
        var isWord: Bool
        var isEnd: Bool { text.isEmpty }

        func isSign(_ sign: String) -> Bool { !isWord && text == sign }
    }

    private var tokens: [Token]
    private var next = 0

    private static let signs: Set<String> = [")", ",", "!", "==", "=", ">", "<", "!=", "("]

    init(_ text: String) {
        tokens = []
        let characters = Array(text)
        let isSign: (Character) -> Bool = { "=!(),><".contains($0) }
        var index = 0
        while index < characters.count {
            let character = characters[index]
            if character.isASCII, character.isWhitespace {
                index += 1
                continue
            }
            var word = String(character)
            index += 1
            if isSign(character) {
                while index < characters.count, Self.signs.contains(word + [characters[index]]) {
                    word.append(characters[index])
                    index += 1
                }
                tokens.append(Token(text: word, isWord: false))
            } else {
                while index < characters.count, !isSign(characters[index]),
                    !(characters[index].isASCII && characters[index].isWhitespace)
                {
                    word.append(characters[index])
                    index += 1
                }
                tokens.append(Token(text: word, isWord: true))
            }
        }
    }

    private var ahead: Token {
        next < tokens.count ? tokens[next] : Token(text: "", isWord: false)
    }

    private mutating func take() -> Token {
        defer { next += 1 }
        return ahead
    }

    mutating func requirements() throws(LabelSelector.Failure) -> [LabelSelector.Requirement] {
        var requirements: [LabelSelector.Requirement] = []
        while !ahead.isEnd {
            guard ahead.isWord || ahead.isSign("!") else {
                throw found(ahead, "expected: !, identifier, or 'end of string'")
            }
            do {
                requirements.append(try requirement())
            } catch {
                throw LabelSelector.Failure(
                    description: "unable to parse requirement: \(error.description)")
            }
            let end = take()
            if end.isEnd { break }
            guard end.isSign(",") else { throw found(end, "expected: ',' or 'end of string'") }
            guard ahead.isWord || ahead.isSign("!") else {
                throw found(ahead, "expected: identifier after ','")
            }
        }
        return requirements
    }

    private mutating func requirement() throws(LabelSelector.Failure) -> LabelSelector.Requirement {
        let isNegated = ahead.isSign("!")
        if isNegated { next += 1 }
        let key = take()
        guard key.isWord else { throw found(key, "expected: identifier") }
        if let error = LabelSelector.Requirement.keyErrors(key.text, path: "<nil>").first {
            throw LabelSelector.Failure(description: error.text)
        }
        if isNegated { return LabelSelector.Requirement(key.text, .doesNotExist, []) }
        if ahead.isEnd || ahead.isSign(",") {
            return LabelSelector.Requirement(key.text, .exists, [])
        }
        let sign = take()
        let relation: LabelSelector.Operator
        switch sign.text {
        case "in": relation = .isIn
        case "notin": relation = .isNotIn
        case "=": relation = .equals
        case "==": relation = .doubleEquals
        case "!=": relation = .notEquals
        case ">": relation = .greaterThan
        case "<": relation = .lessThan
        default: throw found(sign, "expected: in, notin, =, ==, !=, gt, lt")
        }
        let values = sign.isWord ? try valueList() : [try value()]
        return try LabelSelector.Requirement(checking: key.text, relation, values)
    }

    private mutating func value() throws(LabelSelector.Failure) -> String {
        if ahead.isEnd || ahead.isSign(",") { return "" }
        let value = take()
        guard value.isWord else { throw found(value, "expected: identifier") }
        return value.text
    }

    /// Values in parentheses; between commas there may be nothing, which is the empty value.
    private mutating func valueList() throws(LabelSelector.Failure) -> [String] {
        let open = take()
        guard open.isSign("(") else {
            throw LabelSelector.Failure(description: "found '\(open.text)' expected: '('")
        }
        guard ahead.isWord || ahead.isSign(",") || ahead.isSign(")") else {
            throw found(ahead, "expected: ',', ')' or identifier")
        }
        var values: Set<String> = []
        while true {
            if ahead.isWord { values.insert(take().text) } else { values.insert("") }
            let separator = take()
            if separator.isSign(")") { return values.sorted() }
            guard separator.isSign(",") else { throw found(separator, "expected: ',' or ')'") }
            guard ahead.isWord || ahead.isSign(",") || ahead.isSign(")") else {
                throw found(ahead, "expected: ',', or identifier")
            }
        }
    }

    private func found(_ token: Token, _ expected: String) -> LabelSelector.Failure {
        LabelSelector.Failure(description: "found '\(token.text)', \(expected)")
    }
}
