internal import Primitives
internal import StoreModel

/// Where objects of one resource are in the store (docs/formats/registry.md):
/// `/registry/GROUP/RESOURCE/NAMESPACE/NAME`, without the namespace for resources of the cluster,
/// and with `core` for the core group.
struct RegistryKeys: Sendable, Hashable {
    /// All keys of the API server are below this.
    static let root = "/registry/"

    private let prefix: Bytes
    private let isNamespaced: Bool

    init(group: String, resource: String, isNamespaced: Bool) {
        prefix = Bytes("\(Self.root)\(group.isEmpty ? "core" : group)/\(resource)/".utf8)
        self.isNamespaced = isNamespaced
    }

    /// The key of an object.
    func key(namespace: String?, name: String) -> Bytes {
        guard isNamespaced else { return prefix + Bytes(name.utf8) }
        return prefix + Bytes("\(namespace ?? "")/\(name)".utf8)
    }

    /// What all keys of a namespace, or of the resource, begin with.
    func prefix(namespace: String?) -> Bytes {
        guard isNamespaced, let namespace else { return prefix }
        return prefix + Bytes("\(namespace)/".utf8)
    }

    /// All objects of a namespace, or of the resource; those from `start` on if it is given.
    func range(namespace: String?, from start: Bytes? = nil) -> KeyRange {
        let prefix = prefix(namespace: namespace)
        return KeyRange(key: start ?? prefix, end: Self.end(of: prefix))
    }

    /// The part of a key behind the resource's prefix, as continue tokens name it.
    func place(of key: Bytes) -> String {
        String(decoding: key.dropFirst(prefix.count), as: UTF8.self)
    }

    /// The first key that does not begin with a prefix; prefixes end in `/`.
    private static func end(of prefix: Bytes) -> Bytes {
        var end = prefix
        end[end.count - 1] += 1
        return end
    }
}
