package import ResourceModel

/// Objects that somebody describes by a name and some flags, as kubectl makes them: what is not
/// said is left to the server. Everything here is computed from its arguments alone.
package enum Draft {
    /// An object with nothing but its name.
    package static func object(_ apiVersion: String, _ kind: String, _ name: String) -> JSON {
        [
            "apiVersion": .string(apiVersion), "kind": .string(kind),
            "metadata": ["name": .string(name)],
        ]
    }

    /// A namespace.
    package static func namespace(_ name: String) -> JSON {
        object("v1", "Namespace", name).with(["spec": .emptyObject, "status": .emptyObject])
    }
}

/// Why flags describe no object.
package struct DraftFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// In kubectl's words.
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}

extension JSON {
    /// The same object with some more members.
    func with(_ members: JSON) -> JSON {
        var object = self
        for member in members.objectValue?.members ?? [] { object[member.name] = member.value }
        return object
    }

    static func strings(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
}

extension Array where Element: Equatable {
    /// Each element once, where it comes first.
    var withoutRepetitions: [Element] {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
