internal import Primitives

/// The lower bounds of a node's children, in order. A child holds the keys from its own fence up
/// to the next one. What all fences but the first share is left out of the comparison, and the
/// eight bytes after it decide nearly always.
struct Fences {
    /// One for each child; the first is the node's own lower bound.
    private(set) var keys: ContiguousArray<Bytes>
    /// The bytes behind the shared ones; the first is not used.
    private var heads: ContiguousArray<UInt64>
    private var prefixCount = 0

    /// The fences of children with these lower bounds.
    init(_ keys: ContiguousArray<Bytes>) {
        self.keys = keys
        heads = ContiguousArray(repeating: 0, count: keys.count)
        shareAgain()
    }

    /// Which child holds `key`, or would.
    func child(for key: ByteSpan) -> Int {
        let count = keys.count
        guard count > 1 else { return 0 }
        let sample = keys[1]
        let relation = order(
            key.extracting(first: min(prefixCount, key.count)),
            sample.span.extracting(first: prefixCount), from: 0)
        if relation != 0 { return relation < 0 ? 0 : count - 1 }
        let wanted = head(of: key, at: prefixCount)
        var low = 1
        var high = count
        while low < high {
            let middle = (low + high) >> 1
            let found = heads[middle]
            if found == wanted ? isFence(middle, above: key) : found > wanted {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low - 1
    }

    private func isFence(_ position: Int, above key: ByteSpan) -> Bool {
        let fence = keys[position]
        return order(fence.span, key, from: prefixCount) > 0
    }

    /// Adds the lower bound of a new child at `position`, from 1 on.
    mutating func insert(_ key: Bytes, at position: Int) {
        let isShared = keys.count > 1 && sharedPrefixCount(key, keys[1]) >= prefixCount
        keys.insert(key, at: position)
        heads.insert(0, at: position)
        if isShared {
            heads[position] = head(of: key.span, at: prefixCount)
        } else {
            shareAgain()
        }
    }

    /// Takes out a child, of several. The one before it, or else the one after it, has its keys
    /// from now on.
    mutating func remove(at position: Int) {
        keys.remove(at: max(position, 1))
        heads.remove(at: max(position, 1))
    }

    /// Moves the node's own lower bound down.
    mutating func setLowest(_ key: Bytes) {
        keys[0] = key
    }

    /// Cuts off the children from `position` on.
    mutating func split(at position: Int) -> Fences {
        let upper = Fences(ContiguousArray(keys[position...]))
        self = Fences(ContiguousArray(keys[..<position]))
        return upper
    }

    private mutating func shareAgain() {
        guard keys.count > 1 else {
            prefixCount = 0
            return
        }
        prefixCount = sharedPrefixCount(keys[1], keys[keys.count - 1])
        for position in 1..<keys.count {
            let fence = keys[position]
            heads[position] = head(of: fence.span, at: prefixCount)
        }
    }
}
