/// A word or a mark of Swift code.
struct Token: Sendable {
    /// Names in backticks keep them; directives and attributes keep their `#` or `@`.
    var text: String
    /// From 1.
    var line: Int
    /// How many braces are open before it.
    var depth: Int
}

/// A Swift file as the rules see it.
struct SourceFile: Sendable {
    /// From the root of the package, with `/`.
    let path: String
    /// The lines as they are.
    let lines: [Substring]
    /// What each line has of comments, else nil.
    let comments: [String?]
    /// What each line has inside string literals.
    let literals: [String]
    /// The code without comments and the contents of literals.
    let tokens: [Token]
    /// Where it stopped making sense, if it did.
    let lostAtLine: Int?

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let bytes = Array(text.utf8)
        let lexer = Lexer(bytes)
        comments = Self.texts(of: .comment, in: bytes, lexer.kinds, count: lines.count)
        literals = Self.texts(of: .literal, in: bytes, lexer.kinds, count: lines.count)
            .map { $0 ?? "" }
        var reader = TokenReader(bytes, lexer.kinds)
        reader.readAll()
        tokens = reader.tokens
        lostAtLine = lexer.lostAtLine ?? reader.unbalancedAtLine
    }

    /// The folder below `Sources/`, which is the layer's name; nil for other files.
    var layer: String? { part(1, of: "Sources") }

    /// The module's name, of a source or a test file.
    var module: String? { part(2, of: "Sources") ?? part(1, of: "Tests") }

    /// Whether it is a test.
    var isTest: Bool { path.hasPrefix("Tests/") }

    /// Whether a program wrote it, so that our rules of form don't apply.
    var isGenerated: Bool { path.contains("/Generated/") }

    private func part(_ number: Int, of top: String) -> String? {
        let parts = path.split(separator: "/")
        guard parts.count > number + 1, parts[0] == top else { return nil }
        return String(parts[number])
    }

    private static func texts(
        of kind: ByteKind, in bytes: [UInt8], _ kinds: [ByteKind], count: Int
    ) -> [String?] {
        var texts: [String?] = Array(repeating: nil, count: count)
        var run: [UInt8] = []
        var line = 0
        for (byte, byteKind) in zip(bytes, kinds) {
            if byte == UInt8(ascii: "\n") {
                if !run.isEmpty { texts[line] = String(decoding: run, as: UTF8.self) }
                run.removeAll(keepingCapacity: true)
                line += 1
            } else if byteKind == kind {
                run.append(byte)
            }
        }
        if !run.isEmpty { texts[line] = String(decoding: run, as: UTF8.self) }
        return texts
    }
}

/// Cuts code into tokens.
private struct TokenReader {
    private(set) var tokens: [Token] = []
    /// Where a brace closed that none had opened, or the file's last line if one stayed open.
    private(set) var unbalancedAtLine: Int?

    private let bytes: [UInt8]
    private let kinds: [ByteKind]
    private var position = 0
    private var line = 1
    private var depth = 0

    init(_ bytes: [UInt8], _ kinds: [ByteKind]) {
        self.bytes = bytes
        self.kinds = kinds
    }

    mutating func readAll() {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard kinds[position] == .code, byte > UInt8(ascii: " ") else {
                position += 1
                continue
            }
            readToken(startingWith: byte)
        }
        if depth != 0, unbalancedAtLine == nil { unbalancedAtLine = line }
    }

    private mutating func readToken(startingWith byte: UInt8) {
        let start = position
        position += 1
        if byte == UInt8(ascii: "`") {
            while position < bytes.count, bytes[position] != byte { position += 1 }
            position = min(bytes.count, position + 1)
        } else if Self.isWord(byte) || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "#") {
            while position < bytes.count, kinds[position] == .code,
                Self.isWord(bytes[position])
            {
                position += 1
            }
        }
        if byte == UInt8(ascii: "}") {
            depth -= 1
            if depth < 0 {
                unbalancedAtLine = unbalancedAtLine ?? line
                depth = 0
            }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        tokens.append(Token(text: text, line: line, depth: depth))
        if byte == UInt8(ascii: "{") { depth += 1 }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"),
            0x80...:
            return true
        default: return false
        }
    }
}
