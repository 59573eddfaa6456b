import Primitives
import Raft

/// Hashes of states by reflection, so that a search meets no state twice. What only chance
/// works on is left out: no time passes in the worlds that are searched, so no timeout is drawn
/// that would matter.
struct StateHash {
    private var hasher = StableHasher()
    private static let ignored: Set = [
        "configuration", "random", "electionTimeout", "output",
    ]

    static func of(_ value: Any) -> UInt64 {
        var hash = StateHash()
        hash.add(value)
        return hash.hasher.value
    }

    private mutating func add(_ value: Any) {
        switch value {
        case let number as UInt64: hasher.combine(number)
        case let number as Int: hasher.combine(Int64(number))
        case let flag as Bool: hasher.combine(UInt64(flag ? 1 : 0))
        case let number as UInt8: hasher.combine(UInt64(number))
        case let bytes as Bytes: hasher.combine(bytes)
        case let text as String: hasher.combine(Bytes(text.utf8))
        case let index as LogIndex: hasher.combine(index.rawValue)
        case let term as Term: hasher.combine(term.rawValue)
        case let peer as PeerID: hasher.combine(peer.rawValue)
        default: addChildren(of: value)
        }
    }

    private mutating func addChildren(of value: Any) {
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .dictionary || mirror.displayStyle == .set {
            // Their order means nothing: the hashes are sorted.
            for hash in mirror.children.map({ Self.of($0.value) }).sorted() {
                hasher.combine(hash)
            }
            return
        }
        var isEmpty = true
        for child in mirror.children {
            if let label = child.label {
                if Self.ignored.contains(label) { continue }
                // Cases of an enum differ in their label alone.
                if mirror.displayStyle == .enum { hasher.combine(Bytes(label.utf8)) }
            }
            isEmpty = false
            add(child.value)
        }
        if mirror.displayStyle == .enum, isEmpty { hasher.combine(Bytes("\(value)".utf8)) }
        hasher.combine(UInt64(mirror.children.count))
    }
}
