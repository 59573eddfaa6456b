import ResourceModel

extension Describer {
    /// Fields that have lines of their own, or none.
    private static let skipped = ["managedFields", "name", "namespace", "labels", "annotations"]

    /// An object of which nothing is known: all its fields.
    mutating func writeUnknownKind() {
        writeName()
        writeLabelsAndAnnotations()
        var rest = object
        for name in Self.skipped where rest["metadata"] != nil { rest["metadata"][name] = nil }
        fields(0, rest)
    }

    private mutating func fields(_ level: Int, _ object: JSON) {
        for member in object.sortedMembers {
            let label = FieldLabel.text(member.name)
            switch member.value {
            case .object:
                line(level, label + ":")
                fields(level + 1, member.value)
            case .array(let items):
                line(level, label + ":")
                for item in items {
                    if item.objectValue != nil {
                        fields(level + 1, item)
                    } else {
                        line(level + 1, item.printed)
                    }
                }
            default: pair(level, label, member.value.printed)
            }
        }
    }
}

extension JSON {
    /// As Go prints a value.
    var printed: String {
        switch self {
        case .null: "<nil>"
        case .string(let text): text
        case .number(let value): GoText.shortNumber(value)
        case .array(let items): "[" + items.map(\.printed).joined(separator: " ") + "]"
        case .object:
            "map[" + sortedMembers.map { $0.name + ":" + $0.value.printed }.joined(separator: " ")
                + "]"
        default: encodedText
        }
    }
}

/// Names of fields as words: `podIP` becomes `Pod IP`.
enum FieldLabel {
    private static let acronyms: Set = ["API", "URL", "UID", "GUID"]

    static func text(_ name: String) -> String {
        guard name.unicodeScalars.allSatisfy({ $0.properties.isAlphabetic || $0 == "-" }) else {
            return name
        }
        return joined(words(name)).map { word in
            let upper = word.uppercased()
            if acronyms.contains(upper) { return upper }
            guard word.lowercased() == word else { return word }
            return word.prefix(1).uppercased() + word.dropFirst()
        }.joined(separator: " ")
    }

    /// The words, with several capitals and a capitalized word behind them as one: `IPAddress`.
    private static func joined(_ words: [String]) -> [String] {
        var joined: [String] = []
        var isOpen = false
        for word in words {
            if isOpen, word.first?.isUppercase == true {
                joined[joined.count - 1] += word
                isOpen = false
                continue
            }
            joined.append(word)
            isOpen = word.count > 1 && word.allSatisfy { !$0.isLetter || $0.isUppercase }
        }
        return joined
    }

    /// Runs of small letters with the capital before them, of capitals, and of other signs.
    private static func words(_ name: String) -> [String] {
        var words: [[Character]] = []
        for character in name {
            if let last = words.last?.last, kind(last) == kind(character) {
                words[words.count - 1].append(character)
            } else {
                words.append([character])
            }
        }
        for index in words.indices.dropLast()
        where kind(words[index][0]) == 1 && kind(words[index + 1][0]) == 0 {
            words[index + 1].insert(words[index].removeLast(), at: 0)
        }
        return words.filter { !$0.isEmpty }.map { String($0) }
    }

    private static func kind(_ character: Character) -> Int {
        character.isLowercase ? 0 : character.isUppercase ? 1 : 2
    }
}
