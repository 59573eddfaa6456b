package import Primitives

/// The rolling hashes of one member's log: the hash at an index covers all entries up to it, so
/// that equal hashes mean equal logs (R2).
package struct PrefixHashes: Sendable, Equatable {
    /// The index that `hashes` begins after.
    private var base = LogIndex.zero
    private var baseHash: UInt64 = 0
    private var hashes: [UInt64] = []

    /// An empty log.
    package init() {}

    /// A hash of an entry, to feed `append` and `CommittedLog`.
    package static func entryHash(term: Term, payload: Bytes) -> UInt64 {
        var hasher = StableHasher(seed: term.rawValue)
        hasher.combine(payload)
        return hasher.value
    }

    /// The index of the last entry.
    package var last: LogIndex { LogIndex(base.rawValue + UInt64(hashes.count)) }

    /// The lowest index at which a hash is known.
    package var first: LogIndex { base }

    /// The hash of the log up to `index`; nil outside of what is kept.
    package func hash(at index: LogIndex) -> UInt64? {
        if index == base { return baseHash }
        guard index > base, index <= last else { return nil }
        return hashes[Int(index.rawValue - base.rawValue) - 1]
    }

    /// Adds an entry; answers the hash of the log with it.
    @discardableResult
    package mutating func append(entryHash: UInt64) -> UInt64 {
        var hasher = StableHasher(seed: hashes.last ?? baseHash)
        hasher.combine(entryHash)
        hashes.append(hasher.value)
        return hasher.value
    }

    /// Forgets the entries after `index`, which must not be below `first`.
    package mutating func truncate(after index: LogIndex) {
        invariant(index >= base, "truncation to \(index) below the first hash \(base)")
        if index < last { hashes.removeLast(Int(last.rawValue - index.rawValue)) }
    }

    /// Forgets the entries up to `index`; the hash at it stays. Nothing above `last` is forgotten.
    package mutating func discard(through index: LogIndex) {
        guard index > base, let kept = hash(at: index) else { return }
        hashes.removeFirst(Int(index.rawValue - base.rawValue))
        base = index
        baseHash = kept
    }

    /// Starts anew after a snapshot whose last entry is `index`, with the sender's hash there.
    package mutating func reset(to index: LogIndex, hash: UInt64) {
        base = index
        baseHash = hash
        hashes = []
    }
}

/// The prefix hash that goes with each (index, term) seen anywhere, for R2.
package struct PrefixRegistry: Sendable {
    private struct Place: Hashable, Sendable {
        var index: LogIndex
        var term: Term
    }

    private struct Seen: Sendable {
        var term: Term
        var hash: UInt64
        var member: PeerID
    }

    /// By index, up to a bound: what was seen there first. Hardly anything else ever is.
    private var first: [Seen?] = []
    private static let firstMax = 1 << 20
    private var others: [Place: Seen] = [:]

    /// Nothing was seen yet.
    package init() {}

    /// A member has an entry of `term` at `index`, and its log up to there has this hash.
    /// - Throws: `.logMatching` if another log with the same entry differs (Raft §5.3, Log
    ///   Matching).
    package mutating func record(
        index: LogIndex, term: Term, prefixHash: UInt64, by member: PeerID
    ) throws(Violation) {
        let seen = Seen(term: term, hash: prefixHash, member: member)
        guard let other = known(index, seen) else { return }
        if other.hash == prefixHash { return }
        throw Violation(
            .logMatching,
            "members \(other.member) and \(member) both have an entry of term \(term) at index "
                + "\(index), but their logs before it differ")
    }

    /// What was seen of the same index and term before; nil, and remembered, if nothing was.
    private mutating func known(_ index: LogIndex, _ seen: Seen) -> Seen? {
        let position = Int(clamping: index.rawValue)
        if position < Self.firstMax {
            if position >= first.count {
                first += Array(repeating: nil, count: position + 1 - first.count)
            }
            guard let other = first[position] else {
                first[position] = seen
                return nil
            }
            if other.term == seen.term { return other }
        }
        let place = Place(index: index, term: seen.term)
        guard let other = others[place] else {
            others[place] = seen
            return nil
        }
        return other
    }
}
