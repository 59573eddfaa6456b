package import ResourceModel

/// JSON merge patch (RFC 7386): members replace, null removes, lists are replaced whole.
package enum MergePatch {
    /// The object after the patch.
    package static func applied(_ patch: JSON, to object: JSON) throws(PatchFailure) -> JSON {
        guard case .object = patch else { throw .malformed("a merge patch must be an object") }
        var result = object
        merge(patch, into: &result)
        return result
    }

    private static func merge(_ patch: JSON, into target: inout JSON) {
        guard case .object(let changes) = patch else {
            target = patch
            return
        }
        if target.objectValue == nil { target = .emptyObject }
        target.withMembers { members in
            var removed: Set<String> = []
            for change in changes.members {
                if change.value.isNull {
                    removed.insert(change.name)
                } else {
                    var member = members[change.name] ?? .null
                    members[change.name] = JSON.null
                    merge(change.value, into: &member)
                    members[change.name] = member
                }
            }
            if !removed.isEmpty { members.removeAll { removed.contains($0.name) } }
        }
    }
}
