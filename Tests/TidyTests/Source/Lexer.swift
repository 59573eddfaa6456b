/// What a byte of a Swift file belongs to.
enum ByteKind: UInt8 {
    case code
    case comment
    /// The contents of a string or regular expression; the quotes themselves are code.
    case literal
}

/// Sorts the bytes of a Swift file into code, comments and literals, so that a rule about code is
/// not misled by what a string or a comment says. It knows nested comments, raw and multi-line
/// strings, interpolations, names in backticks and regular expressions written `#/…/#`.
struct Lexer {
    private enum Mode {
        /// An interpolation ends where its parentheses are balanced; the file itself never does.
        case code(openParentheses: Int)
        case string(hashes: Int, isMultiline: Bool)
    }

    /// One for each byte.
    private(set) var kinds: [ByteKind]
    /// The line, from 1, where the lexer met something that cannot be Swift.
    private(set) var lostAtLine: Int?

    private let bytes: [UInt8]
    private var modes: [Mode] = [.code(openParentheses: 0)]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        kinds = Array(repeating: .code, count: bytes.count)
        while position < bytes.count {
            switch modes[modes.count - 1] {
            case .code(let open): readCode(openParentheses: open)
            case .string(let hashes, let isMultiline): readString(hashes, isMultiline)
            }
        }
        if modes.count > 1 { lose() }
    }

    private mutating func readCode(openParentheses: Int) {
        switch bytes[position] {
        case UInt8(ascii: "/") where matches("//"): skipLineComment()
        case UInt8(ascii: "/") where matches("/*"): skipBlockComment()
        case UInt8(ascii: "#"): readHashes()
        case UInt8(ascii: "\""): openString(hashes: 0)
        case UInt8(ascii: "`"): skipRawName()
        case UInt8(ascii: "(") where modes.count > 1:
            modes[modes.count - 1] = .code(openParentheses: openParentheses + 1)
            position += 1
        case UInt8(ascii: ")") where modes.count > 1:
            if openParentheses == 1 {
                modes.removeLast()
            } else {
                modes[modes.count - 1] = .code(openParentheses: openParentheses - 1)
            }
            position += 1
        default: position += 1
        }
    }

    private mutating func readString(_ hashes: Int, _ isMultiline: Bool) {
        let delimiter = String(repeating: "#", count: hashes)
        switch bytes[position] {
        case UInt8(ascii: "\\"):
            if matches("\\" + delimiter + "(") {
                position += hashes + 2
                modes.append(.code(openParentheses: 1))
            } else {
                mark(hashes == 0 ? 2 : 1, as: .literal)
            }
        case UInt8(ascii: "\"") where matches((isMultiline ? "\"\"\"" : "\"") + delimiter):
            position += (isMultiline ? 3 : 1) + hashes
            modes.removeLast()
        case UInt8(ascii: "\n") where !isMultiline:
            lose()
            modes.removeLast()
        default: mark(1, as: .literal)
        }
    }

    /// A raw string, a regular expression, or a directive such as `#if`.
    private mutating func readHashes() {
        var hashes = 0
        while position + hashes < bytes.count, bytes[position + hashes] == UInt8(ascii: "#") {
            hashes += 1
        }
        let next = position + hashes < bytes.count ? bytes[position + hashes] : 0
        if next == UInt8(ascii: "\"") {
            position += hashes
            openString(hashes: hashes)
        } else if next == UInt8(ascii: "/") {
            let end = "/" + String(repeating: "#", count: hashes)
            position += hashes + 1
            while position < bytes.count, !matches(end) { mark(1, as: .literal) }
            position = min(bytes.count, position + end.utf8.count)
        } else {
            position += hashes
        }
    }

    private mutating func openString(hashes: Int) {
        let isMultiline = matches("\"\"\"")
        position += isMultiline ? 3 : 1
        modes.append(.string(hashes: hashes, isMultiline: isMultiline))
    }

    private mutating func skipLineComment() {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
            mark(1, as: .comment)
        }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if matches("/*") {
                depth += 1
                mark(2, as: .comment)
            } else if matches("*/") {
                depth -= 1
                mark(2, as: .comment)
            } else {
                mark(1, as: .comment)
            }
        } while depth > 0 && position < bytes.count
        if depth > 0 { lose() }
    }

    private mutating func skipRawName() {
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "`") {
            guard bytes[position] != UInt8(ascii: "\n") else { return lose() }
            position += 1
        }
        position += 1
    }

    private func matches(_ text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func mark(_ count: Int, as kind: ByteKind) {
        for _ in 0..<count where position < bytes.count {
            kinds[position] = kind
            position += 1
        }
    }

    private mutating func lose() {
        guard lostAtLine == nil else { return }
        lostAtLine = 1 + bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") }
    }
}
