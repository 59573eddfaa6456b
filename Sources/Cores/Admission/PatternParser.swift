/// Compiles a regular expression. Go's names for what is wrong.
struct PatternParser {
    static let digit = Pattern.CharacterSet(ranges: [0x30...0x39])
    static let word = Pattern.CharacterSet(
        ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = Pattern.CharacterSet(ranges: [0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
    /// How often a part may be repeated, and how deep groups may be nested, as in Go.
    static let repeatMax = 1000
    static let depthMax = 100

    private let text: [Unicode.Scalar]
    private var position = 0
    private var flags = Flags()

    /// What `(?ims)` switches on.
    private struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotIsAll = false
    }

    init(_ text: String) {
        self.text = Array(text.unicodeScalars)
    }

    mutating func program() throws(Pattern.Failure) -> [Pattern.Step] {
        let steps = try alternatives(depth: 0)
        if position < text.count { throw failure("unexpected )", whole) }
        return steps + [.match]
    }

    private var whole: String { string(0..<text.count) }
    private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private func string(_ range: Range<Int>) -> String {
        var string = ""
        string.unicodeScalars.append(contentsOf: text[range])
        return string
    }

    private func failure(_ problem: String, _ part: String) -> Pattern.Failure {
        Pattern.Failure(description: "error parsing regexp: \(problem): `\(part)`")
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func alternatives(depth: Int) throws(Pattern.Failure) -> [Pattern.Step] {
        guard depth <= Self.depthMax else { throw failure("expression nests too deeply", whole) }
        var steps = try sequence(depth: depth)
        while take("|") {
            let other = try sequence(depth: depth)
            // split first | second; first: …, jump end; second: …; end.
            let first = [.split(1, steps.count + 2)] + shifted(steps, by: 1)
            steps = first + [.jump(first.count + 1 + other.count)]
            steps += shifted(other, by: first.count + 1)
            try checkSize(steps)
        }
        return steps
    }

    private mutating func sequence(depth: Int) throws(Pattern.Failure) -> [Pattern.Step] {
        var steps: [Pattern.Step] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let part = try repeated(depth: depth)
            steps += shifted(part, by: steps.count)
            try checkSize(steps)
        }
        return steps
    }

    private mutating func repeated(depth: Int) throws(Pattern.Failure) -> [Pattern.Step] {
        let start = position
        var part = try atom(depth: depth)
        var isRepeated = false
        while let scalar = next {
            let bounds: (Int, Int?)
            let sign = position
            switch scalar {
            case "*": bounds = (0, nil)
            case "+": bounds = (1, nil)
            case "?": bounds = (0, 1)
            case "{":
                guard let counts = try counts() else { return part }
                bounds = counts
            default: return part
            }
            if scalar != "{" { position += 1 }
            if isRepeated {
                throw failure("invalid nested repetition operator", string(sign..<position))
            }
            if take("?") {}  // Lazy: the same matches.
            isRepeated = true
            part = repeating(part, bounds)
            guard part.count <= Pattern.stepsMax else {
                throw failure("expression too large", string(start..<position))
            }
        }
        return part
    }

    private func repeating(_ part: [Pattern.Step], _ bounds: (Int, Int?)) -> [Pattern.Step] {
        var steps: [Pattern.Step] = []
        // Past this size the caller refuses the expression.
        let limit = Pattern.stepsMax + 1
        for _ in 0..<bounds.0 where steps.count < limit {
            steps += shifted(part, by: steps.count)
        }
        guard let most = bounds.1 else {
            // again: split body | end; body: …, jump again; end.
            let again = steps.count
            steps.append(.split(again + 1, again + part.count + 2))
            return steps + shifted(part, by: again + 1) + [.jump(again)]
        }
        for _ in bounds.0..<max(bounds.0, most) where steps.count < limit {
            let here = steps.count
            steps.append(.split(here + 1, here + part.count + 1))
            steps += shifted(part, by: here + 1)
        }
        return steps
    }

    /// The bounds in `{n}`, `{n,}` or `{n,m}`; nil if the brace is a plain character.
    private mutating func counts() throws(Pattern.Failure) -> (Int, Int?)? {
        let start = position
        guard let end = text[start...].firstIndex(of: "}") else { return nil }
        let parts = string(start + 1..<end).split(separator: ",", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts[0].utf8.allSatisfy({ $0 &- 0x30 < 10 }), let least = Int(parts[0])
        else { return nil }
        var most: Int? = least
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
            most = parts[1].isEmpty ? nil : Int(parts[1])
        }
        position = end + 1
        guard least <= Self.repeatMax, most ?? least <= Self.repeatMax, most ?? least >= least
        else { throw failure("invalid repeat count", string(start..<position)) }
        return (least, most)
    }

    private mutating func atom(depth: Int) throws(Pattern.Failure) -> [Pattern.Step] {
        let scalar = text[position]
        position += 1
        switch scalar {
        case "(": return try group(depth: depth)
        case "[": return [.character(cased(try characterClass()))]
        case ".":
            return [
                .character(.init(ranges: flags.dotIsAll ? [] : [0x0A...0x0A], isNegated: true))
            ]
        case "^": return [.assert(flags.isMultiline ? .lineStart : .textStart)]
        case "$": return [.assert(flags.isMultiline ? .lineEnd : .textEnd)]
        case "*", "+", "?":
            throw failure("missing argument to repetition operator", String(scalar))
        case "\\":
            switch next {
            case "A":
                position += 1
                return [.assert(.textStart)]
            case "z":
                position += 1
                return [.assert(.textEnd)]
            case "b":
                position += 1
                return [.assert(.wordBoundary)]
            case "B":
                position += 1
                return [.assert(.noWordBoundary)]
            default: return [.character(cased(try escape()))]
            }
        default: return [.character(cased(.init(ranges: [scalar.value...scalar.value])))]
        }
    }

    private mutating func group(depth: Int) throws(Pattern.Failure) -> [Pattern.Step] {
        let start = position - 1
        let outer = flags
        if take("?") {
            if take("P") || next == "<" {
                guard take("<"), let end = text[position...].firstIndex(of: ">") else {
                    throw failure("invalid named capture", string(start..<text.count))
                }
                position = end + 1
            } else if !take(":") {
                guard try flagGroup(start) else { return [] }
            }
        }
        let steps = try alternatives(depth: depth + 1)
        guard take(")") else { throw failure("missing closing )", whole) }
        flags = outer
        return steps
    }

    /// Reads flags; true if a group with an expression follows, false if they hold from here on.
    private mutating func flagGroup(_ start: Int) throws(Pattern.Failure) -> Bool {
        var isOn = true
        while let scalar = next {
            position += 1
            switch scalar {
            case "i": flags.ignoresCase = isOn
            case "m": flags.isMultiline = isOn
            case "s": flags.dotIsAll = isOn
            case "U": break  // Which match is preferred does not matter here.
            case "-": isOn = false
            case ":": return true
            case ")": return false
            default:
                throw failure("invalid or unsupported Perl syntax", string(start..<position))
            }
        }
        throw failure("missing closing )", whole)
    }
}

extension PatternParser {
    private mutating func characterClass() throws(Pattern.Failure) -> Pattern.CharacterSet {
        let start = position - 1
        var set = Pattern.CharacterSet(ranges: [], isNegated: take("^"))
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            if let named = try posixClass() {
                set.ranges += named
                continue
            }
            let low = try classItem()
            guard low.count == 1, low[0].count == 1, next == "-", position + 1 < text.count,
                text[position + 1] != "]"
            else {
                set.ranges += low
                continue
            }
            position += 1
            let high = try classItem()
            guard high.count == 1, high[0].count == 1, low[0].lowerBound <= high[0].lowerBound
            else {
                throw failure("invalid character class range", string(start..<position))
            }
            set.ranges.append(low[0].lowerBound...high[0].lowerBound)
        }
        guard take("]") else { throw failure("missing closing ]", string(start..<text.count)) }
        return set
    }

    private mutating func classItem() throws(Pattern.Failure) -> [ClosedRange<UInt32>] {
        guard let scalar = next else { throw failure("missing closing ]", whole) }
        position += 1
        if scalar != "\\" { return [scalar.value...scalar.value] }
        let set = try escape()
        return set.isNegated ? Self.complement(set.ranges) : set.ranges
    }

    /// The ranges of `[:name:]`; nil if no such thing is next.
    private mutating func posixClass() throws(Pattern.Failure) -> [ClosedRange<UInt32>]? {
        guard next == "[", position + 1 < text.count, text[position + 1] == ":",
            let end = text[position...].firstIndex(of: "]")
        else { return nil }
        let name = string(position..<end + 1)
        guard let ranges = Self.posixClasses[name] else {
            throw failure("invalid character class range", name)
        }
        position = end + 1
        return ranges
    }

    private static let posixClasses: [String: [ClosedRange<UInt32>]] = [
        "[:alnum:]": [0x30...0x39, 0x41...0x5A, 0x61...0x7A],
        "[:alpha:]": [0x41...0x5A, 0x61...0x7A], "[:ascii:]": [0...0x7F],
        "[:blank:]": [0x09...0x09, 0x20...0x20], "[:cntrl:]": [0...0x1F, 0x7F...0x7F],
        "[:digit:]": digit.ranges, "[:graph:]": [0x21...0x7E], "[:lower:]": [0x61...0x7A],
        "[:print:]": [0x20...0x7E],
        "[:punct:]": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E],
        "[:space:]": [0x09...0x0D, 0x20...0x20], "[:upper:]": [0x41...0x5A],
        "[:word:]": word.ranges, "[:xdigit:]": [0x30...0x39, 0x41...0x46, 0x61...0x66],
    ]

    /// What stands after a backslash.
    private mutating func escape() throws(Pattern.Failure) -> Pattern.CharacterSet {
        let start = position - 1
        guard let scalar = next else {
            throw failure("trailing backslash at end of expression", "")
        }
        position += 1
        switch scalar {
        case "d": return Self.digit
        case "w": return Self.word
        case "s": return Self.space
        case "D": return .init(ranges: Self.digit.ranges, isNegated: true)
        case "W": return .init(ranges: Self.word.ranges, isNegated: true)
        case "S": return .init(ranges: Self.space.ranges, isNegated: true)
        case "n": return .init(ranges: [0x0A...0x0A])
        case "r": return .init(ranges: [0x0D...0x0D])
        case "t": return .init(ranges: [0x09...0x09])
        case "f": return .init(ranges: [0x0C...0x0C])
        case "v": return .init(ranges: [0x0B...0x0B])
        case "a": return .init(ranges: [0x07...0x07])
        case "x":
            if let value = hexadecimal() { return .init(ranges: [value...value]) }
        default:
            let isPunctuation =
                scalar.isASCII && !Self.word.contains(scalar.value) || scalar == "_"
            if isPunctuation { return .init(ranges: [scalar.value...scalar.value]) }
        }
        throw failure("invalid escape sequence", string(start..<position))
    }

    /// The number in `xHH` or `x{H…}`.
    private mutating func hexadecimal() -> UInt32? {
        let end: Int
        if take("{") {
            guard let brace = text[position...].firstIndex(of: "}") else { return nil }
            end = brace
        } else {
            end = min(position + 2, text.count)
            guard end == position + 2 else { return nil }
        }
        let value = UInt32(string(position..<end), radix: 16)
        position = end < text.count && text[end] == "}" && text[position - 1] == "{" ? end + 1 : end
        return value
    }

    private func cased(_ set: Pattern.CharacterSet) -> Pattern.CharacterSet {
        guard flags.ignoresCase else { return set }
        var both = set
        for range in set.ranges {
            for (from, to) in [(0x41...0x5A, 0x20), (0x61...0x7A, -0x20)] {
                let from = UInt32(from.lowerBound)...UInt32(from.upperBound)
                guard range.overlaps(from) else { continue }
                let part = range.clamped(to: from)
                both.ranges.append(
                    UInt32(Int(part.lowerBound) + to)...UInt32(Int(part.upperBound) + to))
            }
        }
        return both
    }

    private static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var rest: [ClosedRange<UInt32>] = []
        var start: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > start { rest.append(start...range.lowerBound - 1) }
            start = max(start, range.upperBound + 1)
        }
        if start <= 0x10_FFFF { rest.append(start...0x10_FFFF) }
        return rest
    }

    private func checkSize(_ steps: [Pattern.Step]) throws(Pattern.Failure) {
        if steps.count > Pattern.stepsMax { throw failure("expression too large", whole) }
    }

    /// The steps as they are when `count` others stand before them.
    private func shifted(_ steps: [Pattern.Step], by count: Int) -> [Pattern.Step] {
        steps.map { step in
            switch step {
            case .split(let first, let second): .split(first + count, second + count)
            case .jump(let target): .jump(target + count)
            default: step
            }
        }
    }
}
