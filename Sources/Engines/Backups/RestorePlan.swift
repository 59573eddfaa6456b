package import Primitives
internal import ResourceModel
package import StoreModel

/// What of a backup goes back into a store that runs.
package struct RestoreSelection: Sendable {
    /// Only objects of this namespace, with the namespace itself; nil for any.
    package var namespace: String?
    /// Only these objects, as kind and name; empty for all.
    package var objects: [(kind: String, name: String)] = []
    /// Objects that have an owner too, which others make again from it.
    package var includesOwned = false

    /// Everything but what others make again.
    package init() {}

    /// Whether an object is asked for.
    func wants(_ object: ObjectName) -> Bool {
        if let namespace {
            let isNamespace = object.kind == "namespaces" && object.name == namespace
            guard object.namespace == namespace || (isNamespace && objects.isEmpty) else {
                return false
            }
        }
        return objects.isEmpty
            || objects.contains { object.isOfKind($0.kind) && object.name == $0.name }
    }
}

/// One step of putting objects back.
package struct RestoreStep: Sendable, Equatable {
    /// What is done with the object.
    package enum Action: Sendable, Equatable {
        case create
        case change([FieldChange])
        /// It is there as it was.
        case none
        /// Others make it anew, or it says what was then and is not now.
        case skip(reason: String)
    }

    /// The object.
    package var name: ObjectName
    /// What is done.
    package var action: Action
    /// The version that the plan saw; zero for none.
    package var modRevision: Revision
    /// What is written.
    package var value: Bytes

    /// One line, as in `create configmaps default/a`.
    package var line: String {
        switch action {
        case .create: "create \(name)"
        case .change: "change \(name)"
        case .none: "same   \(name)"
        case .skip(let reason): "skip   \(name) (\(reason))"
        }
    }
}

/// Puts chosen objects of a backup back into a running store, each in one transaction that
/// compares the version that the plan has seen. Objects keep their identifiers, so that what they
/// own stays theirs.
package struct RestorePlan {
    private let image: BackupImage
    private let selection: RestoreSelection
    private let client: any KeyValueClient

    /// Plans for a store.
    package init(
        _ image: BackupImage, _ selection: RestoreSelection, client: any KeyValueClient
    ) {
        self.image = image
        self.selection = selection
        self.client = client
    }

    /// What is to be done for each object asked for: first those that others need, then the rest,
    /// in the order of keys. `body` is given each step before the next is looked at.
    /// - Throws: `KeyValueFailure`, and what `body` throws.
    package func forEachStep(_ body: (RestoreStep) async throws -> Void) async throws {
        for isNeeded in [true, false] {
            var reader = BackupReader(image, range: .prefix(ObjectName.root))
            while let saved = reader.next() {
                guard let name = ObjectName(key: saved.key), selection.wants(name),
                    name.isNeededByOthers == isNeeded
                else { continue }
                try await body(try await step(saved, name))
            }
        }
    }

    /// The names of the objects asked for, in the order of keys.
    package func forEachName(_ body: (ObjectName) -> Void) {
        var reader = BackupReader(image, range: .prefix(ObjectName.root), keysOnly: true)
        while let next = reader.next() {
            if let name = ObjectName(key: next.key), selection.wants(name) { body(name) }
        }
    }

    /// Does what a step says.
    /// - Returns: false if the object was changed since the plan was made; nothing was done then.
    package func perform(_ step: RestoreStep) async throws -> Bool {
        switch step.action {
        case .none, .skip: return true
        case .create, .change: break
        }
        let key = Bytes(step.name.key.utf8)
        let request = TransactionRequest(
            compares: [Compare(KeyRange(key: key), .equal, .mod(step.modRevision))],
            success: [.put(PutRequest(key: key, value: step.value))])
        return try await client.transaction(request).answer.succeeded
    }

    private func step(_ saved: KeyValue, _ name: ObjectName) async throws -> RestoreStep {
        var step = RestoreStep(
            name: name, action: .create, modRevision: .zero, value: saved.value)
        if let reason = reasonToSkip(saved, name) {
            step.action = .skip(reason: reason)
            return step
        }
        let present = try await client.range(
            RangeRequest(KeyRange(key: saved.key)), isSerializable: false
        ).answer.keyValues.first
        guard let present else { return step }
        step.modRevision = present.modRevision
        let fields = BackupDifference.fields(present.value, saved.value)
        step.action = present.value == saved.value ? .none : .change(fields)
        return step
    }

    /// Why an object is not put back; what was asked for by name always is.
    private func reasonToSkip(_ saved: KeyValue, _ name: ObjectName) -> String? {
        guard selection.objects.isEmpty, !selection.includesOwned else { return nil }
        // Leases and events tell of a moment, and hang on leases of the store that are gone.
        if name.kind == "events" || name.kind == "events.events.k8s.io" { return "an event" }
        if name.kind == "leases.coordination.k8s.io" { return "a lease" }
        // What is no object is not the API server's and has no owner.
        guard let object = try? JSON(parsing: saved.value) else { return nil }
        let owners = object.value(at: "metadata.ownerReferences")?.arrayValue ?? []
        let owner = owners.first { $0["controller"].boolValue == true }
        return owner.map {
            "its owner \($0["kind"].stringValue ?? "?")/\($0["name"].stringValue ?? "?") makes it"
        }
    }
}

extension ObjectName {
    /// Namespaces and definitions of kinds: without them others make no sense.
    fileprivate var isNeededByOthers: Bool {
        ["namespaces", "customresourcedefinitions.apiextensions.k8s.io"].contains(kind)
    }

    /// Where it is in the store.
    var key: String {
        Self.root + (group.isEmpty ? "core" : group) + "/\(resource)/"
            + (namespace.map { "\($0)/" } ?? "") + name
    }
}
