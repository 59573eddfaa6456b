internal import ResourceModel

/// The paths of printer columns: `.spec.a`, `.a['b.c']`, `.a[0]`, `.a[*].b`,
/// `.status.conditions[?(@.type=="Ready")].status`.
struct JSONPath: Sendable, Equatable {
    private enum Step: Sendable, Equatable {
        case name(String)
        case index(Int)
        case all
        case matching(name: String, value: String)
    }

    private let steps: [Step]

    /// Steps of one path.
    static let stepsMax = 64

    /// Reads a path; nil for what is none.
    init?(_ text: String) {
        var rest = Substring(text)
        var steps: [Step] = []
        while let first = rest.first {
            guard steps.count < Self.stepsMax else { return nil }
            if first == "." {
                rest.removeFirst()
                if rest.first == "[" { continue }
                var name = ""
                while let character = rest.first, character != ".", character != "[" {
                    rest.removeFirst()
                    if character == "\\", let escaped = rest.popFirst() {
                        name.append(escaped)
                    } else {
                        name.append(character)
                    }
                }
                guard !name.isEmpty else { return nil }
                steps.append(name == "*" ? .all : .name(name))
            } else if first == "[" {
                guard let end = Self.end(of: rest), let step = Self.step(rest[..<end].dropFirst())
                else { return nil }
                steps.append(step)
                rest = rest[rest.index(after: end)...]
            } else {
                return nil
            }
        }
        guard !steps.isEmpty else { return nil }
        self.steps = steps
    }

    /// The bracket that closes the first one; brackets in quotes do not count.
    private static func end(of text: Substring) -> Substring.Index? {
        var quote: Character?
        for index in text.indices.dropFirst() {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "]" {
                return index
            }
        }
        return nil
    }

    private static func step(_ text: Substring) -> Step? {
        if text == "*" { return .all }
        if let index = Int(text) { return .index(index) }
        if let name = unquoted(text) { return .name(name) }
        guard text.hasPrefix("?(@."), text.hasSuffix(")") else { return nil }
        let condition = text.dropFirst(4).dropLast()
        guard let mark = condition.firstRange(of: "==") else { return nil }
        let name = condition[..<mark.lowerBound].filter { $0 != " " }
        let value = condition[mark.upperBound...].drop { $0 == " " }
        guard !name.isEmpty, let text = unquoted(value) else { return nil }
        return .matching(name: String(name), value: text)
    }

    private static func unquoted(_ text: Substring) -> String? {
        guard text.count >= 2, let quote = text.first, quote == "\"" || quote == "'",
            text.last == quote
        else { return nil }
        return String(text.dropFirst().dropLast())
    }

    /// The values at the path.
    func values(in object: JSON) -> [JSON] {
        var found = [object]
        for step in steps {
            found = found.flatMap { value -> [JSON] in
                switch step {
                case .name(let name): return [value[name]].compactMap(\.self)
                case .index(let index):
                    let items = value.arrayValue ?? []
                    return [value[index < 0 ? items.count + index : index]].compactMap(\.self)
                case .all:
                    return value.arrayValue ?? value.objectValue?.members.map(\.value) ?? []
                case .matching(let name, let wanted):
                    return (value.arrayValue ?? []).filter { $0[name] == .string(wanted) }
                }
            }
        }
        return found
    }
}
