package import ResourceModel

/// The objects of one kind, as a list and the watch after it told of them. A value: a copy is a
/// snapshot.
public struct ObjectCache: Sendable {
    /// What an event did to the cache.
    package enum Change: Sendable, Equatable {
        case added(Resource)
        case changed(from: Resource, to: Resource)
        case removed(Resource)
        /// The cache had already seen it, or something newer.
        case stale
    }

    /// Up to where the store's history is known; 0 before the first list.
    public private(set) var resourceVersion: Int64 = 0

    private var objects: [ObjectKey: Resource] = [:]
    private var keysByNamespace = KeyIndex<String>()
    private var keysByOwner = KeyIndex<String>()
    private var keysByLabel = KeyIndex<Label>()
    private var keyByUID: [String: ObjectKey] = [:]

    private struct Label: Hashable {
        var namespace: String
        var name: String
        var value: String
    }

    /// An empty cache.
    package init() {}

    /// Forgets everything and holds a list instead, which is as of `resourceVersion`. A list that
    /// is older than what the cache has seen changes nothing: time does not go back.
    /// - Returns: what differs.
    package mutating func replace(with list: [JSON], resourceVersion: Int64) -> [Change] {
        guard resourceVersion >= self.resourceVersion else { return [] }
        let listed = Dictionary(
            list.map { (Resource($0).key, Resource($0)) }, uniquingKeysWith: { _, last in last })
        let gone = objects.keys.filter { listed[$0] == nil }.sorted()
        var changes = gone.compactMap { remove($0).map(Change.removed) }
        for key in listed.keys.sorted() {
            guard let object = listed[key], object != objects[key] else { continue }
            changes.append(put(object))
        }
        self.resourceVersion = resourceVersion
        return changes
    }

    /// Takes in an object that was added or changed.
    package mutating func apply(_ json: JSON) -> Change {
        let object = Resource(json)
        guard isNew(object) else { return .stale }
        advance(to: object.version)
        return put(object)
    }

    /// Takes in that an object has gone; its version is that of its deletion.
    package mutating func applyDeletion(of json: JSON) -> Change {
        let object = Resource(json)
        guard isNew(object) else { return .stale }
        advance(to: object.version)
        return remove(object.key).map(Change.removed) ?? .stale
    }

    /// Learns that there was nothing new up to a version.
    package mutating func advance(to resourceVersion: Int64) {
        self.resourceVersion = max(self.resourceVersion, resourceVersion)
    }

    /// Several objects may change in one revision; an object changes in it once.
    private func isNew(_ object: Resource) -> Bool {
        if object.version != resourceVersion { return object.version > resourceVersion }
        return objects[object.key].map { $0.version < object.version } ?? true
    }

    private mutating func put(_ object: Resource) -> Change {
        let old = remove(object.key)
        objects[object.key] = object
        keyByUID[object.uid] = object.key
        keysByNamespace.insert(object.key, under: object.namespace)
        for owner in object.owners { keysByOwner.insert(object.key, under: owner.uid) }
        for label in Self.labels(of: object) { keysByLabel.insert(object.key, under: label) }
        return old.map { .changed(from: $0, to: object) } ?? .added(object)
    }

    private mutating func remove(_ key: ObjectKey) -> Resource? {
        guard let object = objects.removeValue(forKey: key) else { return nil }
        keyByUID[object.uid] = nil
        keysByNamespace.remove(key, under: object.namespace)
        for owner in object.owners { keysByOwner.remove(key, under: owner.uid) }
        for label in Self.labels(of: object) { keysByLabel.remove(key, under: label) }
        return object
    }

    private static func labels(of object: Resource) -> [Label] {
        (object.labels.objectValue?.members ?? []).map { member in
            Label(
                namespace: object.namespace, name: member.name,
                value: member.value.stringValue ?? "")
        }
    }
}

/// Look-ups; lists are ordered by namespace and name.
extension ObjectCache {
    /// How many objects there are.
    public var count: Int { objects.count }

    /// The object at a place.
    public subscript(key: ObjectKey) -> Resource? { objects[key] }

    /// The object that has a uid.
    public func object(uid: String) -> Resource? { keyByUID[uid].flatMap { objects[$0] } }

    /// All objects.
    public var all: [Resource] { list(objects.keys.sorted()) }

    /// The objects that are wanted.
    public func all(where isWanted: (Resource) -> Bool) -> [Resource] {
        list(objects.filter { isWanted($0.value) }.keys.sorted())
    }

    /// The objects of a namespace.
    public func inNamespace(_ namespace: String) -> [Resource] {
        list(keysByNamespace[namespace].sorted())
    }

    /// The objects that name an owner.
    public func owned(by uid: String) -> [Resource] { list(keysByOwner[uid].sorted()) }

    /// The objects of a namespace that a selector selects.
    package func matching(_ selector: LabelSelector, in namespace: String) -> [Resource] {
        list(candidates(for: selector, in: namespace).sorted()).filter {
            selector.matches($0.labels)
        }
    }

    /// The objects of a namespace that an owner controls or a selector selects.
    func controlled(
        by uid: String, or selector: LabelSelector, in namespace: String
    ) -> [Resource] {
        let keys = keysByOwner[uid].union(candidates(for: selector, in: namespace))
        return keys.sorted().compactMap { key in
            guard let object = objects[key] else { return nil }
            let isWanted = object.controller?.uid == uid || selector.matches(object.labels)
            return isWanted ? object : nil
        }
    }

    /// Keys among which are all that a selector selects.
    private func candidates(for selector: LabelSelector, in namespace: String) -> Set<ObjectKey> {
        let wanted = selector.requirements.first { $0.relation == .equals && $0.values.count == 1 }
        guard let wanted else { return keysByNamespace[namespace] }
        return keysByLabel[Label(namespace: namespace, name: wanted.key, value: wanted.values[0])]
    }

    private func list(_ keys: [ObjectKey]) -> [Resource] { keys.compactMap { objects[$0] } }
}

/// Which keys are found under an entry.
private struct KeyIndex<Entry: Hashable & Sendable>: Sendable {
    private var keys: [Entry: Set<ObjectKey>] = [:]

    subscript(entry: Entry) -> Set<ObjectKey> { keys[entry] ?? [] }

    mutating func insert(_ key: ObjectKey, under entry: Entry) {
        keys[entry, default: []].insert(key)
    }

    mutating func remove(_ key: ObjectKey, under entry: Entry) {
        keys[entry]?.remove(key)
        if keys[entry]?.isEmpty ?? false { keys[entry] = nil }
    }
}

extension ObjectView {
    /// Its version as a number; 0 if it has none yet.
    public var version: Int64 { Int64(resourceVersion) ?? 0 }
}
