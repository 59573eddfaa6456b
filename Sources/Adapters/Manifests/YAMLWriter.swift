package import ResourceModel

extension Manifest {
    /// A value as a YAML document, as kubectl writes it: members in the order of their names, and
    /// texts that would be read as something else in quotes.
    package static func text(of value: JSON) -> String {
        var writer = YAMLWriter()
        writer.write(value, indent: 0, isInList: false)
        return writer.text
    }
}

/// Writes block style, folded where libyaml would fold it.
private struct YAMLWriter {
    /// A blank behind this column becomes the end of a line.
    private static let widthMax = 80

    var text = ""
    /// Where the next character comes.
    private var column = 0

    mutating func write(_ value: JSON, indent: Int, isInList: Bool) {
        switch value {
        case .object(let object) where !object.isEmpty:
            let members = object.members.sorted {
                $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
            }
            for (index, member) in members.enumerated() {
                // The first one stands behind the dash of its item.
                if index > 0 || !isInList { put(String(repeating: " ", count: indent)) }
                scalar(member.name, indent: indent, isKey: true)
                put(":")
                writeBehindKey(member.value, indent: indent)
            }
        case .array(let items) where !items.isEmpty:
            for (index, item) in items.enumerated() {
                if index > 0 || !isInList { put(String(repeating: " ", count: indent)) }
                put("- ")
                write(item, indent: indent + 2, isInList: true)
            }
        default:
            leaf(value, indent: indent)
            newLine()
        }
    }

    private mutating func writeBehindKey(_ value: JSON, indent: Int) {
        switch value {
        case .object(let object) where !object.isEmpty:
            newLine()
            write(value, indent: indent + 2, isInList: false)
        case .array(let items) where !items.isEmpty:
            newLine()
            write(value, indent: indent, isInList: false)
        default:
            put(" ")
            leaf(value, indent: indent + 2)
            newLine()
        }
    }

    private mutating func leaf(_ value: JSON, indent: Int) {
        switch value {
        case .string(let text): scalar(text, indent: indent, isKey: false)
        case .array: put("[]")
        case .object: put("{}")
        default: put(value.encodedText)
        }
    }

    private mutating func put(_ piece: String) {
        text += piece
        column += piece.count
    }

    private mutating func newLine() {
        text += "\n"
        column = 0
    }

    private mutating func scalar(_ value: String, indent: Int, isKey: Bool) {
        let form = ScalarForm(value)
        if value.contains("\n"), form.mayBeBlock, !isKey {
            block(value, indent: indent)
        } else if !form.isReadAsText || form.needsEscapes || value.contains("\n") {
            put("\"")
            fold(value, indent: indent, isKey: isKey, style: .double)
            put("\"")
        } else if form.mayBePlain {
            fold(value, indent: indent, isKey: isKey, style: .plain)
        } else {
            put("'")
            fold(value, indent: indent, isKey: isKey, style: .single)
            put("'")
        }
    }

    private mutating func block(_ value: String, indent: Int) {
        var lines = value.split(separator: "\n", omittingEmptySubsequences: false)
        var mark = "|"
        if value.first == " " || value.first == "\n" { mark += "2" }
        if !value.hasSuffix("\n") {
            mark += "-"
        } else {
            lines.removeLast()
            if value.hasSuffix("\n\n") || value == "\n" { mark += "+" }
        }
        put(mark)
        for line in lines {
            newLine()
            if !line.isEmpty { put(String(repeating: " ", count: indent) + line) }
        }
    }

    private enum Style { case plain, single, double }

    private mutating func fold(_ value: String, indent: Int, isKey: Bool, style: Style) {
        let scalars = Array(value.unicodeScalars)
        var wasBlank = false
        for (index, scalar) in scalars.enumerated() {
            let isInside = style == .plain || (index > 0 && index < scalars.count - 1)
            let nextIsBlank = index + 1 < scalars.count && scalars[index + 1] == " "
            if scalar == " ", !isKey, !wasBlank, isInside, column > Self.widthMax,
                style == .double || !nextIsBlank
            {
                newLine()
                put(String(repeating: " ", count: indent))
                if style == .double, nextIsBlank { put("\\") }
                wasBlank = true
                continue
            }
            wasBlank = scalar == " "
            switch style {
            case .plain: put(String(Character(scalar)))
            case .single: put(scalar == "'" ? "''" : String(Character(scalar)))
            case .double: put(ScalarForm.escaped(scalar))
            }
        }
    }
}

/// What libyaml finds out about a text before it is written.
private struct ScalarForm {
    /// Without quotes it would be a text as well, and no number, boolean, date or nothing.
    var isReadAsText: Bool
    var mayBePlain = true
    var mayBeBlock = true
    var needsEscapes = false

    init(_ text: String) {
        isReadAsText = ScalarType.isText(text)
        let scalars = Array(text.unicodeScalars)
        let blanks: [Unicode.Scalar] = [" ", "\t", "\n"]
        guard let first = scalars.first, let last = scalars.last else {
            mayBePlain = false
            mayBeBlock = false
            return
        }
        if text.hasPrefix("---") || text.hasPrefix("...") { mayBePlain = false }
        if first == " " || last == " " || first == "\t" { mayBePlain = false }
        // A blank at the end of a block would be lost.
        if last == " " { mayBeBlock = false }
        for (index, scalar) in scalars.enumerated() {
            let isBlankNext =
                index + 1 == scalars.count || blanks.contains(scalars[index + 1])
            if index == 0 {
                if "#,[]{}&*!|>'\"%@`".unicodeScalars.contains(scalar) { mayBePlain = false }
                if "?:-".unicodeScalars.contains(scalar), isBlankNext { mayBePlain = false }
            } else {
                if scalar == ":", isBlankNext { mayBePlain = false }
                if scalar == "#", blanks.contains(scalars[index - 1]) {
                    mayBePlain = false
                }
                if scalar == "\n", scalars[index - 1] == " " { mayBeBlock = false }
            }
            if Self.isSpecial(scalar) {
                needsEscapes = true
                mayBeBlock = false
            }
        }
    }

    /// What cannot stand in a document as it is.
    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD: scalar.value == 0xFEFF
        case 0x10000...0x10FFFF: false
        default: true
        }
    }

    static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\t": return "\\t"
        case "\r": return "\\r"
        case "\u{0}": return "\\0"
        case "\u{1B}": return "\\e"
        case "\u{7}": return "\\a"
        case "\u{8}": return "\\b"
        case "\u{B}": return "\\v"
        case "\u{C}": return "\\f"
        default:
            guard isSpecial(scalar) else { return String(Character(scalar)) }
            let digits = String(scalar.value, radix: 16, uppercase: true)
            let width = scalar.value < 0x100 ? 2 : 4
            let zeros = String(repeating: "0", count: max(0, width - digits.count))
            return (width == 2 ? "\\x" : "\\u") + zeros + digits
        }
    }
}
