import ResourceModel

/// Finds what a scalar is: by its tag, or by its form if it is plain (go-yaml 2's rules).
enum ScalarType {
    private static let prefix = "tag:yaml.org,2002:"

    static func value(of scalar: YAMLScalar, at place: Place) throws(ManifestError) -> JSON {
        let text = scalar.text
        guard let tag = scalar.labels.tag, tag != "!" else {
            let isText = !scalar.isPlain || scalar.labels.tag == "!"
            return isText ? .string(text) : try plain(text, place)
        }
        let short = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
        switch short {
        case "!!null":
            if try plain(text, place).isNull { return .null }
        case "!!bool":
            if case .bool(let value) = try plain(text, place) { return .bool(value) }
        case "!!int":
            if case .integer(let value) = try plain(text, place) { return .integer(value) }
        case "!!float":
            switch try plain(text, place) {
            case .integer(let value): return .integer(value)
            case .number(let value): return .number(value)
            default: break
            }
        case "!!binary":
            if let bytes = Base64.decode(text.filter { $0 != " " }) {
                return .string(String(decoding: bytes, as: UTF8.self))
            }
        default:
            // Texts, dates and tags of others.
            return .string(text)
        }
        throw ManifestError(.wrongTag(short, text: text), at: place)
    }

    /// What a plain scalar is by its form.
    private static func plain(_ text: String, _ place: Place) throws(ManifestError) -> JSON {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            if noNumbers.contains(text) { throw ManifestError(.noJSONNumber(text), at: place) }
            return number(text) ?? .string(text)
        default: return words[text] ?? .string(text)
        }
    }

    /// Whether a text without quotes is read as itself, by us and by readers of YAML 1.1 that
    /// know dates and numbers to the base of sixty.
    static func isText(_ text: String) -> Bool {
        let place = Place(line: 1, column: 1)
        // What is no number in JSON is a number all the same.
        guard case .string? = try? plain(text, place) else { return false }
        guard let first = text.utf8.first, "0123456789+-".utf8.contains(first) else { return true }
        return !isDate(text) && !isSexagesimal(text)
    }

    /// `2026-01-02`, and the same with a time of day behind it.
    private static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        guard digits.count == 4, bytes.count >= 8, bytes[4] == UInt8(ascii: "-") else {
            return false
        }
        let rest = text.dropFirst(5)
        let parts = rest.split(whereSeparator: { "-Tt :.Z+".contains($0) })
        return parts.count >= 2 && parts.allSatisfy { $0.allSatisfy(\.isNumber) }
            && rest.allSatisfy { $0.isNumber || "-Tt :.Z+".contains($0) }
    }

    /// As in `1:30`.
    private static func isSexagesimal(_ text: String) -> Bool {
        var unsigned = text[...]
        if let first = text.first, "+-".contains(first) { unsigned.removeFirst() }
        let whole = unsigned.prefix { $0 != "." }
        let parts = whole.split(separator: ":", omittingEmptySubsequences: false)
        let isFraction = unsigned.dropFirst(whole.count).dropFirst()
            .allSatisfy { $0.isNumber || $0 == "_" }
        return parts.count > 1 && isFraction && parts[0].first?.isNumber == true
            && parts[0].allSatisfy { $0.isNumber || $0 == "_" }
            && parts.dropFirst().allSatisfy { part in
                (1...2).contains(part.count) && Int(part).map { $0 < 60 } == true
            }
    }

    private static let words: [String: JSON] = {
        var words: [String: JSON] = [:]
        for word in ["y", "yes", "true", "on"] { add(word, true) }
        for word in ["n", "no", "false", "off"] { add(word, false) }
        add("null", .null)
        words["~"] = .null
        func add(_ word: String, _ value: JSON) {
            let capitalized = word.prefix(1).uppercased() + word.dropFirst()
            for form in [word, capitalized, word.uppercased()] { words[form] = value }
        }
        return words
    }()

    private static let noNumbers: Set<String> = [
        ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
        "-.Inf", "-.INF",
    ]

    /// A number in any of YAML's forms, `_` between digits allowed; nil for a text.
    private static func number(_ text: String) -> JSON? {
        let digits = text.filter { $0 != "_" }
        if let whole = whole(digits) { return whole }
        guard isDecimal(digits), let value = Double(digits), value.isFinite else {
            return nil
        }
        // As JSON a number without a fraction is a whole one.
        if let whole = Int64(exactly: value), abs(value) < 1e15 { return .integer(whole) }
        return .number(value)
    }

    /// `12`, `-12`, `0x1F`, `0b11`, and octal as `0o17` or `017`.
    private static func whole(_ text: String) -> JSON? {
        let isNegative = text.hasPrefix("-")
        var digits = text[...]
        if isNegative || text.hasPrefix("+") { digits = digits.dropFirst() }
        var radix = 10
        if digits.utf8.first == UInt8(ascii: "0"), digits.utf8.count > 1 {
            switch digits.dropFirst().first {
            case "x", "X": (radix, digits) = (16, digits.dropFirst(2))
            case "b", "B": (radix, digits) = (2, digits.dropFirst(2))
            case "o", "O": (radix, digits) = (8, digits.dropFirst(2))
            default: (radix, digits) = (8, digits.dropFirst(1))
            }
        }
        guard let first = digits.first, first.isHexDigit else { return nil }
        if let value = Int64((isNegative ? "-" : "") + digits, radix: radix) {
            return .integer(value)
        }
        guard !isNegative, let value = UInt64(digits, radix: radix) else { return nil }
        return .number(Double(value))
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isDecimal(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func takeDigits() -> Int {
            let digits = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(digits)
            return digits
        }
        func take(_ characters: String) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = take("+-")
        let wholes = takeDigits()
        let fractions = take(".") ? takeDigits() : 0
        guard wholes + fractions > 0 else { return false }
        if take("eE") {
            _ = take("+-")
            guard takeDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
