package import ResourceModel

/// Keeps `metadata.managedFields` and applies configurations by them (server-side apply).
///
/// All is pure: the moment comes in as text, and what comes out is the object to be stored.
package struct Ownership: Sendable {
    /// A field that somebody else owns with another value.
    package struct Conflict: Sendable, Equatable {
        /// Who.
        package var manager: FieldOwner
        /// Which.
        package var path: [PathElement]
        /// The path in messages.
        package var field: String { path.map(\.description).joined() }
    }

    /// Why a configuration was not applied.
    package enum Failure: Error, Sendable, Equatable {
        case conflicts([Conflict])
        case malformed(String)
    }

    let shape: ObjectShape
    /// Fields that nobody owns, and below which nobody does.
    let unowned: FieldSet

    /// The owner of fields that were there before anybody applied.
    static let beforeFirstApply = "before-first-apply"
    static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    /// Keeps the ownership of a kind's objects. `resetPaths` are fields that writes through this
    /// door cannot set, as in `status` for the object itself, dots between names.
    package init(_ shape: ObjectShape, resetPaths: [String] = []) {
        self.shape = shape
        var unowned = FieldSet()
        for path in Self.unownedPaths + resetPaths {
            unowned.insert(path.split(separator: ".").map { PathElement.field(String($0)) })
        }
        self.unowned = unowned
    }

    private static let unownedPaths = [
        "apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.uid",
        "metadata.creationTimestamp", "metadata.selfLink", "metadata.clusterName",
        "metadata.generation", "metadata.resourceVersion", "metadata.managedFields",
    ]

    /// An object after any write other than apply, with its managers up to date.
    ///
    /// - Parameter live: the object before; nil if it is created.
    package func updated(
        _ new: JSON, from live: JSON?, by manager: FieldOwner, time: String
    ) -> JSON {
        let given = new["metadata"]["managedFields"]
        // What a client sends along may replace what is stored; garbage may not.
        let isGiven = given != nil && given != live?["metadata"]["managedFields"]
        var managed = ManagedFields(isGiven ? given : live?["metadata"]["managedFields"])
        if managed == nil { managed = ManagedFields(live?["metadata"]["managedFields"]) }
        var fields = managed ?? ManagedFields()
        // An object whose owners a client has deliberately forgotten stays without.
        if live == nil || !fields.entries.isEmpty {
            let difference = shape.difference(from: live ?? .emptyObject, to: new)
            yieldFields(&fields, difference, to: manager)
            let mine = (fields[manager] ?? FieldSet()).union(difference.changed)
                .subtracting(difference.removed)
            fields.set(manager, ownable(mine), time: time)
            fields.tidy()
        }
        return with(fields, new)
    }

    /// A live object with a configuration applied to it, and its managers up to date.
    ///
    /// - Parameter live: the object before; nil if it is created.
    /// - Throws: `.conflicts` if others own what would change, unless `isForced`.
    package func applied(
        _ configuration: JSON, to live: JSON?, by manager: FieldOwner, isForced: Bool,
        time: String
    ) throws(Failure) -> JSON {
        if let given = configuration["metadata"]["managedFields"], !given.isNull {
            throw .malformed("metadata.managedFields must be nil")
        }
        if let (path, element) = shape.duplicate(in: configuration) {
            throw .malformed(
                "failed to create typed patch object (\(Self.name(configuration))): \(path): "
                    + "duplicate entries for key \(element)")
        }
        let before = live ?? .emptyObject
        var managed = ManagedFields(before["metadata"]["managedFields"]) ?? ManagedFields()
        if live != nil, managed.entries.isEmpty {
            let all = ownable(shape.fields(of: before))
            managed.set(
                FieldOwner(Self.beforeFirstApply, .update, apiVersion: manager.apiVersion), all,
                time: time)
        }
        let last = managed[manager] ?? FieldSet()
        let mine = ownable(shape.fields(of: configuration))
        var result = shape.merged(configuration, over: before)
        var others = managed
        others.entries.removeAll { $0.manager.isSame(as: manager) }
        result = shape.removing(last, keeping: others.all.union(mine), from: result)
        let difference = shape.difference(from: before, to: result)
        if !isForced {
            let conflicts = conflicts(managed, difference.changed, with: manager)
                .filter { !isAllowed($0, live: before, by: manager) }
            if !conflicts.isEmpty { throw .conflicts(conflicts) }
        }
        yieldFields(&managed, difference, to: manager)
        managed.set(manager, mine, time: time)
        managed.tidy()
        return with(managed, result)
    }

    /// An object as Kubernetes names it where a configuration is malformed.
    private static func name(_ object: JSON) -> String {
        func text(_ path: String) -> String { object.value(at: path).stringValue ?? "" }
        return "\(text("metadata.namespace"))/\(text("metadata.name")); \(text("apiVersion")), "
            + "Kind=\(text("kind"))"
    }

    /// The part of a set that can be owned. Metadata is nobody's as a whole, even if it is empty.
    private func ownable(_ set: FieldSet) -> FieldSet {
        var set = set.subtractingTrees(unowned)
        set.members.remove(.field("metadata"))
        return set
    }

    private func conflicts(
        _ managed: ManagedFields, _ changed: FieldSet, with manager: FieldOwner
    ) -> [Conflict] {
        managed.entries.filter { !$0.manager.isSame(as: manager) }
            .sorted { $0.manager.description < $1.manager.description }
            .flatMap { entry in
                entry.fields.intersection(changed).paths.map {
                    Conflict(manager: entry.manager, path: $0)
                }
            }
    }

    /// Takes what changed or is gone from all others.
    private func yieldFields(
        _ managed: inout ManagedFields, _ difference: (changed: FieldSet, removed: FieldSet),
        to manager: FieldOwner
    ) {
        for index in managed.entries.indices
        where !managed.entries[index].manager.isSame(as: manager) {
            managed.entries[index].fields = managed.entries[index].fields
                .subtracting(difference.changed).subtracting(difference.removed)
        }
    }

    /// Whether a conflict is with what kubectl itself applied on the client's side before: its
    /// own fields are taken over, as long as nobody changed them since.
    private func isAllowed(_ conflict: Conflict, live: JSON, by manager: FieldOwner) -> Bool {
        guard manager.name == "kubectl",
            let text = live["metadata"]["annotations"][Self.lastApplied].stringValue,
            // An annotation that is no JSON allows nothing.
            let applied = try? JSON(parsing: text)
        else { return false }
        guard shape.fields(of: applied).contains(conflict.path) else { return false }
        let overlaid = shape.merged(applied, over: live)
        return !shape.difference(from: live, to: overlaid).changed.contains(conflict.path)
    }

    private func with(_ managed: ManagedFields, _ object: JSON) -> JSON {
        var object = object
        let entries = managed.json
        object["metadata"]["managedFields"] = entries == .array([]) ? nil : entries
        return object
    }
}

extension Ownership.Failure {
    /// The failure of a request, in Kubernetes' words.
    package var apiFailure: APIFailure {
        switch self {
        case .malformed(let problem): return .badRequest(problem)
        case .conflicts(let conflicts):
            var details = APIFailure.Details()
            details.causes = conflicts.map {
                .init(
                    reason: "FieldManagerConflict",
                    message: "conflict with \($0.manager.description)", field: $0.field)
            }
            return APIFailure(409, .conflict, Self.message(conflicts), details)
        }
    }

    private static func message(_ conflicts: [Ownership.Conflict]) -> String {
        if conflicts.count == 1 {
            return "Apply failed with 1 conflict: conflict with "
                + "\(conflicts[0].manager.description): \(conflicts[0].field)"
        }
        var lines: [String] = []
        var current: FieldOwner?
        for conflict in conflicts {
            if conflict.manager != current {
                lines.append("conflicts with \(conflict.manager.description):")
                current = conflict.manager
            }
            lines.append("- \(conflict.field)")
        }
        return "Apply failed with \(conflicts.count) conflicts: \(lines.joined(separator: "\n"))"
    }
}
