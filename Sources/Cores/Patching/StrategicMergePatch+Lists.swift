internal import ResourceModel

extension StrategicMergePatch {
    /// A list after a patch.
    func mergedList(
        _ patch: [JSON], into original: [JSON], _ schema: Schema, _ name: String, order: JSON?,
        around: Schema
    ) throws(PatchFailure) -> [JSON] {
        guard case .array(let list) = schema, let key = list.patchMergeKey else {
            return Self.withoutDirectives(.array(patch)).arrayValue ?? patch
        }
        if !key.isEmpty, patch.contains(where: { $0["$patch"] == "replace" }) {
            return Self.withoutDirectives(.array(patch)).arrayValue ?? []
        }
        let (result, added) =
            key.isEmpty
            ? mergedScalars(patch, into: original)
            : try mergedItems(patch, into: original, list, key)
        return try ordered(result, added, original, order ?? .array(added), name, around)
    }

    /// A list with new scalars added, and the scalars of the patch, each once.
    private func mergedScalars(
        _ patch: [JSON], into original: [JSON]
    ) -> (result: [JSON], added: [JSON]) {
        var seen: Set<[UInt8]> = []
        let added = patch.filter { seen.insert($0.encoded).inserted }
        let known = Set(original.map(\.encoded))
        return (original + added.filter { !known.contains($0.encoded) }, added)
    }

    /// A list of objects with the patch's items merged or added, and those items. Items to be
    /// deleted go first.
    private func mergedItems(
        _ patch: [JSON], into original: [JSON], _ list: ListSchema, _ key: String
    ) throws(PatchFailure) -> (result: [JSON], added: [JSON]) {
        var added: [(members: JSONObject, id: [UInt8])] = []
        var deleted: Set<[UInt8]> = []
        for change in patch {
            guard case .object(let members) = change, let id = members[key]?.encoded else {
                throw .malformed(
                    "map: \(change.encodedText) does not contain declared merge key: \(key)")
            }
            switch members["$patch"] {
            case nil: added.append((members, id))
            case "delete": deleted.insert(id)
            case "merge": throw .malformed("not allowed to use a merge directive inside of a list")
            case let other?:
                throw .malformed(
                    "unknown patch type: \(other.stringValue ?? other.encodedText) in map: "
                        + change.encodedText)
            }
        }
        let identity: (JSON) -> [UInt8] = { ($0[key] ?? .null).encoded }
        var result =
            deleted.isEmpty ? original : original.filter { !deleted.contains(identity($0)) }
        var places = places(result.map { $0[key] ?? .null })
        for (members, id) in added {
            if let place = places[id], case .object(let item) = result[place] {
                result[place] = .object(try merged(members, into: item, list.items))
            } else {
                places[id] = result.count
                result.append(Self.withoutDirectives(.object(members)))
            }
        }
        return (result, added.map { .object($0.members) })
    }

    /// Puts the items that an order names into that order; the others keep their places among
    /// those that were there before.
    func ordered(
        _ items: [JSON], _ patch: [JSON], _ original: [JSON], _ order: JSON, _ name: String,
        _ around: Schema
    ) throws(PatchFailure) -> [JSON] {
        guard case .array(let wanted) = order else {
            throw .malformed("$setElementOrder/\(name) must be a list")
        }
        guard case .array(let list) = fieldSchema(name, of: around),
            let key = list.patchMergeKey
        else { return items }
        let identity: (JSON) -> JSON = { key.isEmpty ? $0 : $0[key] ?? .null }
        let ranks = places(wanted.map(identity))
        if let stranger = patch.first(where: { ranks[identity($0).encoded] == nil }) {
            throw .malformed(
                "$setElementOrder/\(name) does not name \(identity(stranger).encodedText), "
                    + "which is in the patch")
        }
        let before = places(original.map(identity))
        func rank(_ item: JSON) -> Int? { ranks[identity(item).encoded] }
        func place(_ item: JSON) -> Int? { before[identity(item).encoded] }
        let named = items.filter { rank($0) != nil }.enumerated().sorted {
            (rank($0.element) ?? 0, $0.offset) < (rank($1.element) ?? 0, $1.offset)
        }.map(\.element)
        let others = items.filter { rank($0) == nil }
        var result: [JSON] = []
        var (left, right) = (named[...], others[...])
        while let first = left.first, let second = right.first {
            if let mine = place(first), let theirs = place(second), mine < theirs {
                result.append(left.removeFirst())
            } else {
                result.append(right.removeFirst())
            }
        }
        return result + left + right
    }

    private func places(_ identities: [JSON]) -> [[UInt8]: Int] {
        var places: [[UInt8]: Int] = [:]
        for (index, identity) in identities.enumerated() where places[identity.encoded] == nil {
            places[identity.encoded] = index
        }
        return places
    }
}
