internal import ResourceModel

/// Reads templates of JSONPath.
struct JSONPathParser {
    private let characters: [Character]
    private var position = 0

    init(_ text: String) {
        characters = Array(text)
    }

    private var current: Character? {
        characters.indices.contains(position) ? characters[position] : nil
    }

    private func failure(_ problem: String) -> JSONPath.Failure {
        JSONPath.Failure(description: problem)
    }

    /// The whole text.
    mutating func template() throws(JSONPath.Failure) -> [JSONPath.Part] {
        let parts = try parts(isInRange: false)
        return parts
    }

    private mutating func parts(isInRange: Bool) throws(JSONPath.Failure) -> [JSONPath.Part] {
        var parts: [JSONPath.Part] = []
        while let character = current {
            guard character == "{" else {
                let start = position
                while let next = current, next != "{" {
                    _ = next
                    position += 1
                }
                parts.append(.text(String(characters[start..<position])))
                continue
            }
            position += 1
            skipBlanks()
            if take("end") {
                try expectEnd()
                guard isInRange else { throw failure("not in range, nothing to end") }
                return parts
            }
            if take("range ") {
                skipBlanks()
                let steps = try steps(until: "}")
                try expectEnd()
                parts.append(.range(steps, try self.parts(isInRange: true)))
                continue
            }
            while current != "}" {
                guard current != nil else { throw failure("unclosed action") }
                parts.append(try action())
                skipBlanks()
            }
            position += 1
        }
        guard !isInRange else { throw failure("unexpected end of range") }
        return parts
    }

    /// One thing in braces: a text in quotes or a path.
    private mutating func action() throws(JSONPath.Failure) -> JSONPath.Part {
        if current == "\"" || current == "'" { return .text(try quoted()) }
        let start = position
        let steps = try steps(until: "}")
        guard position > start else {
            throw failure("unrecognized character in action: '\(current ?? " ")'")
        }
        return .path(steps)
    }

    private mutating func expectEnd() throws(JSONPath.Failure) {
        skipBlanks()
        guard current == "}" else { throw failure("unclosed action") }
        position += 1
    }

    private mutating func skipBlanks() {
        while current == " " { position += 1 }
    }

    private mutating func take(_ text: String) -> Bool {
        guard characters[position...].starts(with: text) else { return false }
        position += text.count
        return true
    }

    /// A path up to a blank or something that is none of it.
    private mutating func steps(until end: Character) throws(JSONPath.Failure) -> [JSONPath.Step] {
        var steps: [JSONPath.Step] = []
        while let character = current {
            switch character {
            case "$":
                position += 1
                steps.append(.root)
            case "@": position += 1
            case ".":
                position += 1
                if current == "." {
                    position += 1
                    steps.append(.descendants)
                    if current == "[" { continue }
                }
                if current == "*" {
                    position += 1
                    steps.append(.everything)
                } else if current == "[" {
                    continue
                } else if let name = name() {
                    steps.append(.member(name))
                }
            case "[": steps.append(try bracket())
            case "*":
                position += 1
                steps.append(.everything)
            default:
                guard steps.isEmpty, let name = name() else { return steps }
                // As in `{items}`.
                steps.append(.member(name))
            }
        }
        return steps
    }

    /// A name, in which a backslash takes the meaning from the next character.
    private mutating func name() -> String? {
        var name = ""
        while let character = current {
            if character == "\\", position + 1 < characters.count {
                position += 1
                name.append(characters[position])
            } else if " {}[].,()=<>!|&\"'@$*".contains(character) {
                break
            } else {
                name.append(character)
            }
            position += 1
        }
        return name.isEmpty ? nil : name
    }

    private mutating func quoted() throws(JSONPath.Failure) -> String {
        let quote = current
        position += 1
        var text = ""
        while let character = current {
            position += 1
            if character == quote { return text }
            guard character == "\\", let next = current else {
                text.append(character)
                continue
            }
            position += 1
            switch next {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "r": text.append("\r")
            default: text.append(next)
            }
        }
        throw failure("unterminated quoted string")
    }

    private mutating func bracket() throws(JSONPath.Failure) -> JSONPath.Step {
        position += 1
        if take("?(") {
            let step = try filter()
            guard take(")]") else { throw failure("unterminated filter") }
            return step
        }
        var choices: [[JSONPath.Step]] = []
        repeat {
            skipBlanks()
            choices.append([try choice()])
            skipBlanks()
        } while take(",")
        guard take("]") else { throw failure("unterminated array") }
        return choices.count == 1 ? choices[0][0] : .union(choices)
    }

    private mutating func choice() throws(JSONPath.Failure) -> JSONPath.Step {
        if current == "'" || current == "\"" { return .member(try quoted()) }
        if take("*") { return .everything }
        let first = number()
        guard take(":") else {
            if let first { return .index(first) }
            guard let name = name() else { throw failure("invalid array index") }
            return .member(name)
        }
        let end = number()
        let by = take(":") ? number() ?? 1 : 1
        guard by > 0 else { throw failure("step must be > 0") }
        return .slice(first, end, by)
    }

    private mutating func number() -> Int? {
        let start = position
        if current == "-" { position += 1 }
        while let character = current, character.isASCII, character.isNumber { position += 1 }
        guard let number = Int(String(characters[start..<position])) else {
            position = start
            return nil
        }
        return number
    }

    private mutating func filter() throws(JSONPath.Failure) -> JSONPath.Step {
        let left = try operand()
        skipBlanks()
        guard let relation = ["==", "!=", "<=", ">=", "<", ">"].first(where: { take($0) }) else {
            return .filter(left, "exists", .nothing)
        }
        skipBlanks()
        let right = try operand()
        skipBlanks()
        return .filter(left, relation, right)
    }

    private mutating func operand() throws(JSONPath.Failure) -> JSONPath.Operand {
        skipBlanks()
        switch current {
        case "\"", "'": return .value(.string(try quoted()))
        case "@", "$", ".", "[": return .path(try steps(until: ")"))
        default:
            let start = position
            while let character = current, !" )=<>!".contains(character) {
                _ = character
                position += 1
            }
            let text = String(characters[start..<position])
            // What is no JSON is nothing that can be compared with.
            if let value = try? JSON(parsing: text) { return .value(value) }
            throw failure("unrecognized character in filter: \(text)")
        }
    }
}
