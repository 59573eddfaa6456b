internal import Primitives
internal import StoreModel

/// Finds the watches of a key: those of exactly this key in a table, those of ranges in a tree.
struct WatchIndex: Sendable {
    private var singles: [Bytes: [Int]] = [:]
    private var ranges = RangeTree()
    /// Where each slot stands among the watches of its key or range.
    private var places: [Int] = []
    /// How many watches there are.
    private(set) var count = 0

    /// Whether there is no watch at all.
    var isEmpty: Bool { count == 0 }

    /// Adds a watch of a range that is not empty.
    mutating func insert(_ slot: Int, _ range: KeyRange) {
        count += 1
        while places.count <= slot { places.append(0) }
        if range.isSingleKey {
            places[slot] = singles[range.key]?.count ?? 0
            singles[range.key, default: []].append(slot)
        } else {
            places[slot] = ranges.insert(slot, range)
        }
    }

    /// Takes a watch out; `range` is what it was added with.
    mutating func remove(_ slot: Int, _ range: KeyRange) {
        count -= 1
        let place = places[slot]
        let moved: Int?
        if range.isSingleKey {
            moved = singles[range.key]?.removeSwapping(at: place)
            if singles[range.key]?.isEmpty == true { singles[range.key] = nil }
        } else {
            moved = ranges.remove(at: place, range)
        }
        if let moved { places[moved] = place }
    }

    /// Appends the watches of a key, always in the same order after the same calls.
    func collect(_ key: Bytes, into found: inout [Int]) {
        if !singles.isEmpty, let watches = singles[key] {
            found.append(contentsOf: watches)
        }
        ranges.collect(key, into: &found)
    }

    /// Whether any watch has the key.
    func contains(_ key: Bytes) -> Bool {
        (!singles.isEmpty && singles[key] != nil) || ranges.contains(key)
    }
}

extension [Int] {
    /// Removes an element by putting the last one into its place; answers which one moved.
    mutating func removeSwapping(at place: Int) -> Int? {
        let last = removeLast()
        guard place < count else { return nil }
        self[place] = last
        return last
    }
}
