internal import ResourceModel

/// What differs between two states of an object, field by field.
enum FieldChanges {
    struct Change: Equatable {
        /// As in `spec.template.spec.containers[web].image`.
        var path: String
        /// Nil if it is not there.
        var before: JSON?
        var after: JSON?
    }

    /// What the server sees to itself.
    private static let ignored: Set = [
        "metadata.managedFields", "metadata.resourceVersion", "metadata.generation",
        "metadata.uid", "metadata.creationTimestamp", "status",
        "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
    ]

    static func between(_ before: JSON, _ after: JSON) -> [Change] {
        var changes: [Change] = []
        compare(before, after, "", &changes)
        return changes
    }

    private static func compare(
        _ before: JSON?, _ after: JSON?, _ path: String, _ changes: inout [Change]
    ) {
        guard before != after, !ignored.contains(path) else { return }
        if case .object(let old)? = before, case .object(let new)? = after {
            let names = old.members.map(\.name) + new.members.map(\.name).filter { old[$0] == nil }
            for name in names {
                compare(old[name], new[name], path.isEmpty ? name : path + "." + name, &changes)
            }
            return
        }
        if case .array(let old)? = before, case .array(let new)? = after,
            let oldNames = names(of: old), let newNames = names(of: new)
        {
            for name in oldNames + newNames.filter({ !oldNames.contains($0) }) {
                compare(
                    old.first { $0["name"].stringValue == name },
                    new.first { $0["name"].stringValue == name }, "\(path)[\(name)]", &changes)
            }
            return
        }
        changes.append(Change(path: path, before: before, after: after))
    }

    /// The names by which items are told apart; nil if they have none.
    private static func names(of items: [JSON]) -> [String]? {
        let names = items.compactMap { $0["name"].stringValue }
        return names.count == items.count && Set(names).count == names.count ? names : nil
    }
}
