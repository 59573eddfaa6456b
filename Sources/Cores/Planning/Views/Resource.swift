public import ResourceModel

/// A typed look at an object: nothing is kept but the object itself.
public protocol ObjectView: Sendable, Equatable {
    /// The object.
    var json: JSON { get }
    /// Looks at an object.
    init(_ json: JSON)
}

/// Any object.
public struct Resource: ObjectView {
    /// The object.
    public let json: JSON

    /// Looks at an object.
    public init(_ json: JSON) {
        self.json = json
    }
}

/// An entry of `metadata.ownerReferences`.
public struct OwnerReference: Sendable, Equatable {
    /// The entry.
    public var json: JSON
    /// The owner's uid.
    public var uid: String { json["uid"].stringValue ?? "" }
    /// Whether the owner is the one that manages the object.
    public var isController: Bool { json["controller"] == true }
    /// Whether a deletion of the owner in the foreground waits for the object.
    public var blocksOwnerDeletion: Bool { json["blockOwnerDeletion"] == true }
    /// The owner's name.
    public var name: String { json["name"].stringValue ?? "" }

    /// The owner's kind; nil if it is none.
    public var kind: GroupVersionKind? {
        guard
            let version = json["apiVersion"].stringValue.flatMap(GroupVersion.init(apiVersion:)),
            let kind = json["kind"].stringValue
        else { return nil }
        return GroupVersionKind(group: version.group, version: version.version, kind: kind)
    }
}

extension ObjectView {
    /// Its metadata.
    public var metadata: JSON? { json["metadata"] }
    /// Its name.
    public var name: String { metadata["name"].stringValue ?? "" }
    /// Its namespace; empty if it lives in none.
    public var namespace: String { metadata["namespace"].stringValue ?? "" }
    /// What no other object ever has.
    public var uid: String { metadata["uid"].stringValue ?? "" }
    /// Its version as text.
    public var resourceVersion: String { metadata["resourceVersion"].stringValue ?? "" }
    /// Its labels.
    public var labels: JSON? { metadata["labels"] }
    /// Its place within its kind.
    public var key: ObjectKey { ObjectKey(namespace, name) }
    /// How often its spec was changed.
    public var generation: Int64 { metadata["generation"].integerValue ?? 0 }
    /// Whether it is on its way out.
    public var isTerminating: Bool {
        metadata["deletionTimestamp"].map { !$0.isNull } ?? false
    }
    /// When it was made.
    public var creation: WallTime {
        WallTime(metadata["creationTimestamp"]) ?? WallTime(seconds: 0)
    }
    /// What keeps it from going.
    public var finalizers: [String] {
        (metadata["finalizers"].arrayValue ?? []).compactMap(\.stringValue)
    }
    /// Its owners.
    public var owners: [OwnerReference] {
        (metadata["ownerReferences"].arrayValue ?? []).map(OwnerReference.init)
    }
    /// The owner that manages it.
    public var controller: OwnerReference? { owners.first(where: \.isController) }

    /// Its kind.
    public var kind: GroupVersionKind {
        let version = json["apiVersion"].stringValue.flatMap(GroupVersion.init(apiVersion:))
        return GroupVersionKind(
            group: version?.group ?? "", version: version?.version ?? "",
            kind: json["kind"].stringValue ?? "")
    }

    /// Its place.
    public var reference: ObjectReference { ObjectReference(kind, namespace, name) }

    /// An annotation.
    public func annotation(_ name: String) -> String? {
        metadata["annotations"][name].stringValue
    }

    /// A whole number at a path; nil if there is none.
    func integer(_ path: String) -> Int? {
        json.value(at: path).integerValue.map { Int(clamping: $0) }
    }

    /// The entry by which an object names this one as the owner that manages it.
    public var controllerReference: JSON {
        [
            "apiVersion": .string(kind.groupVersion.description), "kind": .string(kind.kind),
            "name": .string(name), "uid": .string(uid), "controller": true,
            "blockOwnerDeletion": true,
        ]
    }

    /// The selector at `spec.selector`; nil if there is none or it is none.
    var selector: LabelSelector? {
        guard let object = json.value(at: "spec.selector"), !object.isNull else { return nil }
        // Admission refuses what is no selector; such an object selects nothing.
        return try? LabelSelector(object: object)
    }
}
