import Environment
import Planning
import ResourceModel
import Testing

private func pod(
    _ name: String, version: Int, labels: JSON = [:], owner: String? = nil, namespace: String = "a"
) -> JSON {
    var pod: JSON = [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": [
            "name": .string(name), "namespace": .string(namespace), "uid": .string("u-" + name),
            "resourceVersion": .string("\(version)"), "labels": labels,
        ],
    ]
    if let owner {
        pod["metadata"]["ownerReferences"] = [["uid": .string(owner), "controller": true]]
    }
    return pod
}

@Suite struct ObjectCacheTests {
    private var cache: ObjectCache {
        var cache = ObjectCache()
        _ = cache.replace(
            with: [
                pod("one", version: 3, labels: ["app": "x", "tier": "front"], owner: "r"),
                pod("two", version: 5, labels: ["app": "x"], owner: "r"),
                pod("three", version: 4, labels: ["app": "y"], namespace: "b"),
            ], resourceVersion: 6)
        return cache
    }

    @Test func `objects are found by place, uid, owner and labels, in order`() throws {
        let cache = cache
        #expect(cache.all.map(\.name) == ["one", "two", "three"])
        #expect(cache[ObjectKey("b", "three")]?.uid == "u-three")
        #expect(cache.object(uid: "u-one")?.name == "one")
        #expect(cache.owned(by: "r").map(\.name) == ["one", "two"])
        #expect(cache.inNamespace("b").map(\.name) == ["three"])
        let selectors = ["app=x": ["one", "two"], "app=x,tier!=front": ["two"], "!tier": ["two"]]
        for (text, names) in selectors {
            let selector = try LabelSelector(parsing: text)
            #expect(cache.matching(selector, in: "a").map(\.name) == names, "\(text)")
        }
    }

    @Test func `a change moves an object in every index`() throws {
        var cache = cache
        let before = cache
        let change = cache.apply(pod("one", version: 7, labels: ["app": "y"], owner: "s"))
        #expect(change == .changed(from: before.all[0], to: cache.all[0]))
        #expect(cache.owned(by: "r").map(\.name) == ["two"])
        #expect(cache.owned(by: "s").map(\.name) == ["one"])
        #expect(cache.matching(try LabelSelector(parsing: "app=y"), in: "a").count == 1)
        // A snapshot stays as it was.
        #expect(before.owned(by: "r").count == 2)

        let deletion = cache.applyDeletion(of: pod("one", version: 8))
        #expect(deletion != .stale)
        #expect(cache.owned(by: "s").isEmpty && cache.object(uid: "u-one") == nil)
        #expect(cache.resourceVersion == 8)
    }

    @Test func `what the cache has already seen changes nothing`() {
        var cache = cache
        let same = cache.apply(pod("two", version: 5))
        #expect(same == .stale)
        let older = cache.apply(pod("old", version: 2))
        #expect(older == .stale)
        let deletion = cache.applyDeletion(of: pod("one", version: 6))
        #expect(deletion != .stale)
        let again = cache.applyDeletion(of: pod("one", version: 6))
        #expect(again == .stale)
        cache.advance(to: 20)
        let beforeProgress = cache.apply(pod("new", version: 19))
        #expect(beforeProgress == .stale)
        let olderList = cache.replace(with: [], resourceVersion: 19)
        #expect(olderList.isEmpty)
        #expect(cache.all.map(\.name) == ["two", "three"])
    }

    @Test func `several objects may change in one revision`() {
        var cache = cache
        let first = cache.apply(pod("four", version: 7))
        #expect(first != .stale)
        let second = cache.apply(pod("five", version: 7))
        #expect(second != .stale)
        let repeated = cache.apply(pod("five", version: 7))
        #expect(repeated == .stale)
        #expect(cache.count == 5)
    }

    @Test func `a new list tells what differs`() {
        var cache = cache
        let changes = cache.replace(
            with: [
                pod("two", version: 5, labels: ["app": "x"], owner: "r"),
                pod("three", version: 9, namespace: "b"), pod("new", version: 8),
            ], resourceVersion: 9)
        let words = changes.map { change in
            switch change {
            case .added(let object): "added \(object.name)"
            case .changed(_, let object): "changed \(object.name)"
            case .removed(let object): "removed \(object.name)"
            case .stale: "stale"
            }
        }
        #expect(words == ["removed one", "added new", "changed three"])
    }

    @Test func `a key waits until its writes are seen, or for five minutes`() {
        var observed = Observed()
        _ = observed[.pod].replace(with: [pod("one", version: 3)], resourceVersion: 3)
        let key = ObjectReference(.replicaSet, "a", "r")
        let start = MonotonicInstant(nanoseconds: 0)
        var expectations = Expectations()
        let isMetAtFirst = expectations.areMet(for: key, in: observed, now: start)
        #expect(isMetAtFirst)

        expectations.expect(.version(.pod, 4), for: key, now: start)
        expectations.expect(.gone(.pod, uid: "u-one"), for: key, now: start)
        let isMetBefore = expectations.areMet(for: key, in: observed, now: start)
        #expect(!isMetBefore)
        _ = observed[.pod].apply(pod("two", version: 4))
        let isMetByHalf = expectations.areMet(for: key, in: observed, now: start)
        #expect(!isMetByHalf)
        var given = expectations
        let isGivenUp = given.areMet(for: key, in: observed, now: start.adding(seconds: 300))
        #expect(isGivenUp)
        _ = observed[.pod].applyDeletion(of: pod("one", version: 5))
        let isMet = expectations.areMet(for: key, in: observed, now: start)
        #expect(isMet)
        #expect(expectations.deadline(for: key) == nil)
    }
}
