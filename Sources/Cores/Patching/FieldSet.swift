package import ResourceModel

/// A set of fields, as somebody owns them: a tree of path elements, of which some are members.
package struct FieldSet: Sendable, Equatable {
    /// What is in the set at this level.
    package var members: Set<PathElement> = []
    /// What is in the set below an element; none of them is empty.
    package private(set) var children: [PathElement: FieldSet] = [:]

    /// The empty set.
    package init() {}

    /// Whether nothing is in the set.
    package var isEmpty: Bool { members.isEmpty && children.isEmpty }

    /// What is in the set below an element.
    package subscript(element: PathElement) -> FieldSet {
        get { children[element] ?? FieldSet() }
        set { children[element] = newValue.isEmpty ? nil : newValue }
    }

    /// Adds a path.
    package mutating func insert(_ path: some Collection<PathElement>) {
        guard let first = path.first else { return }
        if path.count == 1 {
            members.insert(first)
        } else {
            self[first].insert(path.dropFirst())
        }
    }

    /// Whether a path is in the set.
    package func contains(_ path: some Collection<PathElement>) -> Bool {
        guard let first = path.first else { return false }
        return path.count == 1
            ? members.contains(first) : children[first]?.contains(path.dropFirst()) ?? false
    }

    /// What is in either set.
    package func union(_ other: FieldSet) -> FieldSet {
        var result = self
        result.members.formUnion(other.members)
        for (element, set) in other.children { result[element] = result[element].union(set) }
        return result
    }

    /// What is in both sets.
    package func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet()
        result.members = members.intersection(other.members)
        for (element, set) in children {
            if let theirs = other.children[element] { result[element] = set.intersection(theirs) }
        }
        return result
    }

    /// What is in this set alone.
    package func subtracting(_ other: FieldSet) -> FieldSet {
        var result = self
        result.members.subtract(other.members)
        for (element, set) in other.children where children[element] != nil {
            result[element] = result[element].subtracting(set)
        }
        return result
    }

    /// What is in this set and neither in the other one nor below a member of it.
    package func subtractingTrees(_ other: FieldSet) -> FieldSet {
        var result = self
        result.members.subtract(other.members)
        for element in other.members { result.children[element] = nil }
        for (element, set) in other.children where result.children[element] != nil {
            result[element] = result[element].subtractingTrees(set)
        }
        return result
    }

    /// All paths in order.
    package var paths: [[PathElement]] {
        Set(children.keys).union(members).sorted().flatMap { element in
            (members.contains(element) ? [[element]] : [])
                + (children[element]?.paths ?? []).map { [element] + $0 }
        }
    }
}

extension FieldSet {
    /// Reads `fieldsV1`; nil if it is malformed.
    package init?(fieldsV1: JSON) {
        guard case .object(let object) = fieldsV1 else { return nil }
        for member in object.members where member.name != "." {
            guard let element = PathElement(text: member.name),
                case .object(let inner) = member.value, let set = FieldSet(fieldsV1: member.value)
            else { return nil }
            if inner.isEmpty || inner.contains(".") { members.insert(element) }
            self[element] = set
        }
    }

    /// As `fieldsV1`: what has nothing below it is a member, what has says so with a dot.
    package var fieldsV1: JSON {
        let elements = Set(children.keys).union(members).sorted()
        return .object(
            JSONObject(
                uniqueMembers: elements.map { element in
                    guard let set = children[element] else {
                        return .init(element.text, .emptyObject)
                    }
                    var inner = set.fieldsV1.objectValue?.members ?? []
                    if members.contains(element) { inner.insert(.init(".", .emptyObject), at: 0) }
                    return .init(element.text, .object(JSONObject(uniqueMembers: inner)))
                }))
    }
}
