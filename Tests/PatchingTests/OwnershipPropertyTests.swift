import Patching
import Primitives
import ResourceModel
import Testing

/// What must hold of server-side apply whatever is applied.
@Suite struct OwnershipPropertyTests {
    private let shape = ObjectShape(Sample.schema)

    @Test func `apply is idempotent, owns what it applies and keeps what others own`() throws {
        for seed in 0..<150 {
            var random = SplitMix64(seed: UInt64(seed))
            var live: JSON?
            for step in 0..<8 {
                let name = ["a", "b", "c"][random.below(3)]
                let time = "2026-11-25T03:00:0\(step)Z"
                if random.chance(0.3), let before = live {
                    let manager = FieldOwner(name, .update, apiVersion: "apps/v1")
                    var new = randomObject(&random)
                    new["metadata"]["managedFields"] = before["metadata"]["managedFields"]
                    live = Sample.ownership.updated(new, from: before, by: manager, time: time)
                    continue
                }
                let manager = FieldOwner(name, .apply, apiVersion: "apps/v1")
                let configuration = randomObject(&random)
                let before = live
                let object = try Sample.ownership.applied(
                    configuration, to: before, by: manager, isForced: true, time: time)
                check(object, configuration, manager, before)
                let again = try Sample.ownership.applied(
                    configuration, to: object, by: manager, isForced: false, time: "later")
                #expect(again == object, "seed \(seed), step \(step)")
                live = object
            }
        }
    }

    private func check(
        _ object: JSON, _ configuration: JSON, _ manager: FieldOwner, _ before: JSON?
    ) {
        var applied = shape.fields(of: configuration)
        applied.members.remove(.field("metadata"))
        let managed = ManagedFields(object["metadata"]["managedFields"]) ?? ManagedFields()
        #expect((managed[manager] ?? FieldSet()) == applied)
        // What was applied is there, with the values applied.
        #expect(
            shape.difference(from: object, to: shape.merged(configuration, over: object))
                .changed.isEmpty)
        // Whatever somebody is said to own is there.
        let present = shape.fields(of: object)
        for entry in managed.entries {
            #expect(entry.fields.subtracting(present).isEmpty, "\(entry.manager.name)")
        }
        // What others owned and nobody changed is still theirs.
        let earlier = ManagedFields(before?["metadata"]["managedFields"]) ?? ManagedFields()
        let change = shape.difference(from: before ?? [:], to: object)
        for entry in earlier.entries where entry.manager != manager {
            let kept = entry.fields.subtracting(change.changed).subtracting(change.removed)
            #expect((managed[entry.manager] ?? FieldSet()) == kept)
        }
    }

    @Test func `field sets survive their written form`() throws {
        for seed in 0..<300 {
            var random = SplitMix64(seed: UInt64(seed))
            let set = shape.fields(of: randomObject(&random))
            #expect(FieldSet(fieldsV1: set.fieldsV1) == set)
            let other = shape.fields(of: randomObject(&random))
            #expect(set.union(other).subtracting(other) == set.subtracting(other))
            #expect(set.intersection(other).union(set.subtracting(other)) == set)
            #expect(
                set.union(other).paths.count
                    == set.paths.count + other.subtracting(set).paths.count)
        }
    }

    @Test func `a difference is none between equals and turns round`() {
        for seed in 0..<300 {
            var random = SplitMix64(seed: UInt64(seed))
            let (left, right) = (randomObject(&random), randomObject(&random))
            let none = shape.difference(from: left, to: left)
            #expect(none.changed.isEmpty && none.removed.isEmpty)
            let there = shape.difference(from: left, to: right)
            let back = shape.difference(from: right, to: left)
            #expect(there.removed.subtracting(back.changed).isEmpty)
        }
    }

    private func randomObject(_ random: inout SplitMix64) -> JSON {
        var object = JSON.emptyObject
        func maybe(_ body: (inout SplitMix64) -> Void) { if random.chance(0.5) { body(&random) } }
        maybe { object["spec"]["replicas"] = .integer(Int64($0.below(3))) }
        maybe { object["spec"]["paused"] = .bool($0.chance(0.5)) }
        maybe { object["spec"]["strategy"]["type"] = .string("t\($0.below(2))") }
        maybe { object["spec"]["selector"] = ["a": .string("\($0.below(2))")] }
        maybe { random in
            for name in ["x", "y", "z"] where random.chance(0.5) {
                object["metadata"]["labels"][name] = .string("\(random.below(2))")
            }
        }
        maybe { random in
            let chosen = ["f", "g", "h"].filter { _ in random.chance(0.5) }
            if !chosen.isEmpty {
                object["metadata"]["finalizers"] = .array(chosen.map(JSON.string))
            }
        }
        maybe { random in
            var items: [JSON] = []
            for name in ["m", "n", "o"].shuffled(using: &random) where random.chance(0.6) {
                var item: JSON = ["name": .string(name)]
                if random.chance(0.6) { item["image"] = .string("i\(random.below(2))") }
                if random.chance(0.3) { item["args"] = ["1", .string("\(random.below(2))")] }
                if random.chance(0.3) { item["ports"] = [["containerPort": 80]] }
                items.append(item)
            }
            if !items.isEmpty { object["spec"]["containers"] = .array(items) }
        }
        return object
    }
}
