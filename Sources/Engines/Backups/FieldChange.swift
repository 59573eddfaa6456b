package import ResourceModel

/// A field that differs between two states of an object.
package struct FieldChange: Equatable, Sendable, CustomStringConvertible {
    /// As in `.spec.containers[0].image`.
    package var path: String
    /// Nil where it was not there.
    package var old: JSON?
    /// Nil where it is gone.
    package var new: JSON?

    /// One line.
    package var description: String {
        switch (old, new) {
        case (let old?, let new?): "\(path): \(Self.text(old)) -> \(Self.text(new))"
        case (nil, let new?): "\(path): added \(Self.text(new))"
        case (let old?, nil): "\(path): removed \(Self.text(old))"
        case (nil, nil): path
        }
    }

    /// All fields that differ, in the order of the old object, then of the new one. Who owns which
    /// field (`metadata.managedFields`) follows from the rest and is left out.
    package static func all(from old: JSON, to new: JSON) -> [FieldChange] {
        var changes: [FieldChange] = []
        compare(old, new, "", &changes)
        return changes
    }

    private static let ignored: Set = [".metadata.managedFields"]
    private static let textMax = 60

    private static func compare(
        _ old: JSON?, _ new: JSON?, _ path: String, _ changes: inout [FieldChange]
    ) {
        guard old != new, !ignored.contains(path) else { return }
        switch (old, new) {
        case (.object(let old)?, .object(let new)?):
            for member in old.members {
                compare(member.value, new[member.name], step(path, member.name), &changes)
            }
            for member in new.members where !old.contains(member.name) {
                compare(nil, member.value, step(path, member.name), &changes)
            }
        case (.array(let old)?, .array(let new)?):
            for index in 0..<max(old.count, new.count) {
                compare(
                    index < old.count ? old[index] : nil, index < new.count ? new[index] : nil,
                    "\(path)[\(index)]", &changes)
            }
        default:
            changes.append(
                FieldChange(path: path.isEmpty ? "." : path, old: old, new: new))
        }
    }

    private static func step(_ path: String, _ name: String) -> String {
        let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        return isPlain ? "\(path).\(name)" : "\(path)[\(JSON.string(name).encodedText)]"
    }

    private static func text(_ value: JSON) -> String {
        let text = value.encodedText
        return text.count <= textMax ? text : text.prefix(textMax - 3) + "..."
    }
}
