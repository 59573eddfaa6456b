import Primitives
import ResourceModel

/// Names of what planners make, as Kubernetes' look, but not drawn at random: the names of an
/// owner's children are a fixed sequence, and a new child takes the first free one. Whoever plans
/// twice from the same or from old knowledge asks for the same names, and the second creation
/// fails instead of making one too many.
enum ChildNames {
    /// Without vowels and digits that look like them, so that no words come about.
    private static let letters = Array("bcdfghjklmnpqrstvwxz2456789".utf8)
    private static let suffixLength = 5
    /// A name must be a label in an address.
    private static let lengthMax = 63

    /// The first `count` names of an owner's children that are not taken.
    static func free(
        _ count: Int, of owner: some ObjectView, in cache: ObjectCache
    ) -> [String] {
        let prefix = owner.name.prefix(lengthMax - suffixLength - 1)
        var names: [String] = []
        var seen: Set<String> = []
        var slot: UInt64 = 0
        while names.count < count {
            let name = "\(prefix)-\(suffix(owner.uid, slot))"
            slot += 1
            guard seen.insert(name).inserted,
                cache[ObjectKey(owner.namespace, name)] == nil
            else { continue }
            names.append(name)
        }
        return names
    }

    private static func suffix(_ uid: String, _ slot: UInt64) -> String {
        var hasher = StableHasher(seed: slot)
        hasher.combine(Array(uid.utf8))
        var rest = hasher.value
        let bytes = (0..<suffixLength).map { _ -> UInt8 in
            defer { rest /= UInt64(letters.count) }
            return letters[Int(rest % UInt64(letters.count))]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The hash of a value as `pod-template-hash` has it: equal for equal values, in whatever
    /// order their members are.
    static func hash(_ value: JSON, collisions: Int) -> String {
        var hasher = StableHasher(seed: UInt64(collisions))
        hasher.combine(value)
        let number = String(UInt32(truncatingIfNeeded: hasher.value))
        let bytes = number.utf8.map { letters[Int($0) % letters.count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension StableHasher {
    /// Adds a value; the order of an object's members does not count.
    fileprivate mutating func combine(_ value: JSON) {
        switch value {
        case .array(let items):
            combine(UInt64(items.count))
            for item in items { combine(item) }
        case .object(let object):
            combine(UInt64(object.count))
            for member in object.members.sorted(by: { $0.name < $1.name }) {
                combine(Array(member.name.utf8))
                combine(member.value)
            }
        default: combine(value.encoded)
        }
    }
}
