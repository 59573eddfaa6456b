package import ResourceModel

extension JSON {
    /// The same with the members of all objects in the order of their names.
    package var sorted: JSON {
        switch self {
        case .array(let items): .array(items.map(\.sorted))
        case .object(let object):
            .object(
                JSONObject(
                    uniqueMembers: object.members
                        .map { JSONObject.Member($0.name, $0.value.sorted) }
                        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }))
        default: self
        }
    }

    /// The value on several lines, each level four blanks further in.
    package var indentedText: String {
        var text = ""
        write(to: &text, indent: "")
        return text
    }

    private func write(to text: inout String, indent: String) {
        let inner = indent + "    "
        switch self {
        case .array(let items) where !items.isEmpty:
            text += "["
            for (index, item) in items.enumerated() {
                text += index == 0 ? "\n" + inner : ",\n" + inner
                item.write(to: &text, indent: inner)
            }
            text += "\n" + indent + "]"
        case .object(let object) where !object.isEmpty:
            text += "{"
            for (index, member) in object.members.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + inner
                text += JSON.string(member.name).encodedText + ": "
                member.value.write(to: &text, indent: inner)
            }
            text += "\n" + indent + "}"
        default: text += encodedText
        }
    }

    /// As Go prints a value: texts as they are, lists and maps with `[…]` and `map[…]`.
    package var goText: String {
        switch self {
        case .null: "<nil>"
        case .string(let text): text
        case .array(let items): "[" + items.map(\.goText).joined(separator: " ") + "]"
        case .object(let object):
            "map["
                + object.members.sorted { $0.name < $1.name }
                .map { $0.name + ":" + $0.value.goText }.joined(separator: " ") + "]"
        default: encodedText
        }
    }
}
