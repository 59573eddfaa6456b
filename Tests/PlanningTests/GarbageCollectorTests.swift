import Planning
import Primitives
import ResourceModel
import Testing

/// Deletions as Kubernetes' garbage collector sees to them.
@Suite struct GarbageCollectorTests {
    /// Makes an object, owned by others.
    @discardableResult
    private func make(
        _ name: String, ownedBy owners: [String] = [], in loop: inout ControlLoop,
        kind: String = "ConfigMap"
    ) throws -> ObjectReference {
        let references = owners.map { name -> JSON in
            let owner = loop.cluster.objects.values.map(Resource.init).first { $0.name == name }
            return owner?.controllerReference ?? [
                "apiVersion": "v1", "kind": "ConfigMap", "name": .string(name),
                "uid": "never-seen", "blockOwnerDeletion": true,
            ]
        }
        return Resource(
            try loop.cluster.create([
                "apiVersion": "v1", "kind": .string(kind),
                "metadata": [
                    "name": .string(name), "namespace": "a", "ownerReferences": .array(references),
                ],
            ])
        ).reference
    }

    private func names(_ loop: ControlLoop) -> [String] {
        loop.cluster.objects.keys.map(\.name).sorted()
    }

    @Test func `what has lost its owner goes, and what that owned`() throws {
        var loop = ControlLoop([GarbageCollector()])
        let owner = try make("owner", in: &loop)
        try make("child", ownedBy: ["owner"], in: &loop)
        try make("grandchild", ownedBy: ["child"], in: &loop, kind: "Secret")
        try make("other", in: &loop)
        #expect(loop.run() != nil && loop.log.isEmpty)
        loop.cluster.delete(owner, .background)
        #expect(loop.run() != nil)
        #expect(names(loop) == ["other"])
        #expect(loop.log == ["delete ConfigMap a/child", "delete Secret a/grandchild"])
    }

    @Test func `what has an owner left stays, and forgets the other`() throws {
        var loop = ControlLoop([GarbageCollector()])
        let first = try make("first", in: &loop)
        try make("second", in: &loop)
        try make("child", ownedBy: ["first", "second"], in: &loop)
        loop.cluster.delete(first, .background)
        #expect(loop.run() != nil)
        let child = loop.cluster.objects[ObjectReference(first.kind, "a", "child")]
        #expect(child.map(Resource.init)?.owners.map(\.name) == ["second"])
    }

    @Test func `an owner that was never there counts as gone`() throws {
        var loop = ControlLoop([GarbageCollector()])
        try make("child", ownedBy: ["nobody"], in: &loop)
        #expect(loop.run() != nil)
        #expect(names(loop).isEmpty)
    }

    @Test func `an owner in another namespace is none`() throws {
        var loop = ControlLoop([GarbageCollector()])
        let owner = try make("owner", in: &loop)
        var reference = Resource(loop.cluster.objects[owner]!).controllerReference
        reference["controller"] = nil
        try loop.cluster.create([
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": "far", "namespace": "b", "ownerReferences": [reference]],
        ])
        #expect(loop.run() != nil)
        #expect(names(loop) == ["owner"])
    }

    @Test func `in the foreground the owner goes last`() throws {
        var loop = ControlLoop([GarbageCollector()])
        let owner = try make("owner", in: &loop)
        try make("child", ownedBy: ["owner"], in: &loop)
        try make("grandchild", ownedBy: ["child"], in: &loop)
        loop.cluster.delete(owner, .foreground)
        var seen: [[String]] = [names(loop)]
        for _ in 0..<30 where loop.run(roundsMax: 1) == nil {
            if names(loop) != seen.last { seen.append(names(loop)) }
        }
        #expect(seen == [["child", "grandchild", "owner"], ["child", "owner"], ["owner"], []])
    }

    @Test func `what does not block its owner is not waited for`() throws {
        var loop = ControlLoop([GarbageCollector()])
        let owner = try make("owner", in: &loop)
        let child = try make("child", ownedBy: ["owner"], in: &loop)
        loop.cluster.edit(child) { object in
            object["metadata"]["finalizers"] = ["tests/wait"]
            var reference = object.value(at: "metadata.ownerReferences")[0] ?? .null
            reference["blockOwnerDeletion"] = nil
            object["metadata"]["ownerReferences"] = [reference]
        }
        loop.cluster.delete(owner, .foreground)
        #expect(loop.run() != nil)
        #expect(names(loop) == ["child"])
    }

    @Test func `orphans stay and forget their owner`() throws {
        var loop = ControlLoop([GarbageCollector()])
        let owner = try make("owner", in: &loop)
        let child = try make("child", ownedBy: ["owner"], in: &loop)
        loop.cluster.delete(owner, .orphan)
        #expect(loop.run() != nil)
        #expect(names(loop) == ["child"])
        #expect(loop.cluster.objects[child].map(Resource.init)?.owners.isEmpty == true)
    }

    @Test func `those that own each other go all the same`() throws {
        var loop = ControlLoop([GarbageCollector()])
        let one = try make("one", in: &loop)
        let two = try make("two", ownedBy: ["one"], in: &loop)
        let reference = Resource(loop.cluster.objects[two]!).controllerReference
        loop.cluster.edit(one) { $0["metadata"]["ownerReferences"] = [reference] }
        loop.cluster.delete(one, .foreground)
        #expect(loop.run() != nil)
        #expect(names(loop).isEmpty)
    }

    @Test func `nothing is orphaned or deleted by mistake, however old the caches are`() throws {
        for seed in 0..<60 {
            var random = SplitMix64(seed: UInt64(seed))
            var loop = ControlLoop([GarbageCollector()])
            loop.lag = random.split()
            var names: [String] = []
            for number in 0..<20 {
                let owners = names.isEmpty || random.chance(0.3)
                    ? [] : [names[random.below(names.count)]]
                let name = "n\(number)"
                try make(
                    name, ownedBy: owners, in: &loop,
                    kind: random.chance(0.5) ? "ConfigMap" : "Secret")
                names.append(name)
                _ = loop.run(roundsMax: 1)
                #expect(loop.cluster.objects.count == number + 1, "seed \(seed)")
            }
            let root = loop.cluster.objects.values.map(Resource.init).filter(\.owners.isEmpty)
                .sorted { $0.key < $1.key }[0]
            let policies: [Action.Propagation] = [.background, .foreground, .orphan]
            let policy = policies[random.below(3)]
            let doomed = policy == .orphan ? 1 : descendants(of: root, in: loop) + 1
            loop.writesBeforeCrash = random.below(8)
            loop.cluster.delete(root.reference, policy)
            #expect(loop.run() != nil, "seed \(seed): no end")
            #expect(loop.cluster.objects.count == 20 - doomed, "seed \(seed) \(policy)")
        }
    }

    private func descendants(of object: Resource, in loop: ControlLoop) -> Int {
        loop.cluster.objects.values.map(Resource.init).filter { child in
            child.owners.contains { $0.uid == object.uid }
        }.reduce(0) { $0 + 1 + descendants(of: $1, in: loop) }
    }
}
