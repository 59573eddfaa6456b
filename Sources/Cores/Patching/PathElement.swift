package import ResourceModel

/// One step of a path to a field, in the form of `managedFields` (FieldsV1): `f:NAME`,
/// `k:{"KEY":VALUE}` for an item of a list by its keys, `v:VALUE` for one of a set, `i:INDEX`.
package struct PathElement: Hashable, Comparable, Sendable {
    /// The form in `managedFields`.
    package let text: String

    /// Takes the form in `managedFields`; nil if it is none.
    package init?(text: String) {
        guard text.count >= 2, "fkvi".contains(text.first ?? " "),
            text.dropFirst().first == ":"
        else { return nil }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    /// A member of an object.
    package static func field(_ name: String) -> PathElement { .init(unchecked: "f:" + name) }

    /// An item of a set.
    package static func value(_ value: JSON) -> PathElement {
        .init(unchecked: "v:" + value.encodedText)
    }

    /// An item of a list, by the values of its keys.
    package static func key(_ members: [JSONObject.Member]) -> PathElement {
        let sorted = JSONObject(uniqueMembers: members.sorted { $0.name < $1.name })
        return .init(unchecked: "k:" + JSON.object(sorted).encodedText)
    }

    /// Orders by kind and text.
    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension PathElement: CustomStringConvertible {
    /// The form in messages, as in `.spec` and `[name="web"]`.
    package var description: String {
        let content = String(text.dropFirst(2))
        switch text.first {
        case "f": return "." + content
        case "v": return "[=\(content)]"
        case "k":
            // What a client has written into its managed fields may be no JSON.
            guard let members = (try? JSON(parsing: content))?.objectValue?.members else {
                return "[\(content)]"
            }
            let keys = members.map { "\($0.name)=\($0.value.encodedText)" }
            return "[\(keys.joined(separator: ","))]"
        default: return "[\(content)]"
        }
    }
}
