package import ResourceModel

/// A template of kubectl's JSONPath: text, and in braces what is looked up, as in
/// `{range .items[*]}{.metadata.name}{"\n"}{end}`.
package struct JSONPath: Sendable, Equatable {
    /// Why a text is no template.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// In words.
        package var description: String
    }

    /// A part of a template.
    indirect enum Part: Sendable, Equatable {
        case text(String)
        /// Steps one after the other.
        case path([Step])
        /// For each value of a path, the parts again.
        case range([Step], [Part])
    }

    /// From values to values inside them.
    indirect enum Step: Sendable, Equatable {
        /// Back to the whole object.
        case root
        case member(String)
        case everything
        case descendants
        /// Items from a place to another, every so many; negative ones count from the end.
        case slice(Int?, Int?, Int)
        case index(Int)
        /// What any of these lead to.
        case union([[Step]])
        case filter(Operand, String, Operand)
        case text(String)
    }

    /// One side of a comparison.
    enum Operand: Sendable, Equatable {
        case path([Step])
        case value(JSON)
        /// Nothing, beside a path that is only to lead somewhere.
        case nothing
    }

    private let parts: [Part]

    /// Reads a template.
    package init(parsing text: String) throws(Failure) {
        var parser = JSONPathParser(text)
        parts = try parser.template()
    }

    /// Reads one path, in braces or without, with or without the first dot.
    package init(relaxed text: String) throws(Failure) {
        var path = text
        if path.hasPrefix("{"), path.hasSuffix("}") { path = String(path.dropFirst().dropLast()) }
        if path.hasPrefix("$") { path.removeFirst() }
        if !path.hasPrefix("."), !path.hasPrefix("[") { path = "." + path }
        var parser = JSONPathParser("{" + path + "}")
        let parts = try parser.template()
        guard parts.count == 1, case .path = parts[0] else {
            throw Failure(
                description: "unexpected path string, expected a 'name1.name2' or '.name1.name2' "
                    + "or '{name1.name2}' or '{.name1.name2}'")
        }
        self.parts = parts
    }

    /// The values that the paths of a template lead to. Paths that lead nowhere give none.
    package func values(in object: JSON) -> [JSON] {
        parts.flatMap { part -> [JSON] in
            guard case .path(let steps) = part else { return [] }
            return Self.follow(steps, from: [object], root: object)
        }
    }

    /// The text that a template makes of an object: values with blanks between them, texts as
    /// they are, lists and objects as JSON.
    package func text(for object: JSON) -> String {
        Self.text(parts, object, root: object)
    }

    private static func text(_ parts: [Part], _ current: JSON, root: JSON) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let plain): text += plain
            case .path(let steps):
                text += follow(steps, from: [current], root: root).map(\.pathText)
                    .joined(separator: " ")
            case .range(let steps, let inner):
                for value in follow(steps, from: [current], root: root) {
                    text += self.text(inner, value, root: root)
                }
            }
        }
        return text
    }
}

extension JSON {
    /// As JSONPath prints a value.
    fileprivate var pathText: String {
        switch self {
        case .string(let text): text
        case .null: ""
        default: sorted.encodedText
        }
    }
}
