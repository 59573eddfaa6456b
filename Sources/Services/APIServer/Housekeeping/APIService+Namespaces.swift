internal import Primitives
internal import ResourceModel

extension APIService {
    /// Namespaces that are there from the beginning.
    static let initialNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"]

    private var namespaces: ServedResource? {
        registry.contents.stored(GroupName("namespaces", group: ""))
    }

    /// Resources whose changes wake the housekeeper.
    var watchedByHousekeeper: [RegistryKeys] {
        [namespaces, registry.definitions].compactMap { $0?.keys }
    }

    /// Makes the first namespaces where they are missing.
    func prepareNamespaces() async throws(APIFailure) {
        guard let resource = namespaces else { return }
        for name in Self.initialNamespaces {
            let key = resource.keys.key(namespace: nil, name: name)
            guard try await store.object(key) == nil else { continue }
            var object: JSON = [
                "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)],
            ]
            let birth = ObjectMetadata.Birth(
                namespace: nil,
                uid: GeneratedName.uid(surroundings.random(), surroundings.random()),
                nowSeconds: surroundings.now())
            try ObjectMetadata.prepareForCreate(&object, resource.kind, birth)
            object = try ObjectAdmission.admitted(object, old: nil, resource, .main)
            // Another server may be faster: then it is there, which is all that is wanted.
            _ = try await store.write(VersionedObject(object), to: key, expecting: .zero)
        }
    }
}
