internal import Primitives
internal import StoreModel

/// A half-open run of places.
struct KeySpan {
    var from: KeyIndex.Place
    var to: KeyIndex.Place
}

// Going through ranges of keys.
extension KeyIndex {
    /// The places that a range covers.
    func span(of range: KeyRange) -> KeySpan {
        let (first, isPresent) = find(range.key)
        if range.isSingleKey {
            var last = first
            last.position += isPresent ? 1 : 0
            return KeySpan(from: first, to: last)
        }
        if range.isUnbounded { return KeySpan(from: first, to: endPlace) }
        guard precedes(range.key, range.end) else { return KeySpan(from: first, to: first) }
        return KeySpan(from: first, to: find(range.end).place)
    }

    /// The places from `key` on.
    func span(from key: Bytes) -> KeySpan {
        KeySpan(from: find(key).place, to: endPlace)
    }

    private var endPlace: Place {
        let branch = branches.count - 1
        let leaf = branches[branch].leaves.count - 1
        return Place(branch: branch, leaf: leaf, position: branches[branch].leaves[leaf].count)
    }

    /// Visits the leaves of a span with the positions in it, in order, until `body` says false.
    func visitLeaves(
        _ span: KeySpan, _ body: (_ leaf: KeyLeaf, _ positions: Range<Int>) -> Bool
    ) {
        for branch in span.from.branch...span.to.branch {
            let isFirst = branch == span.from.branch
            let isLast = branch == span.to.branch
            let leaves = branches[branch].leaves
            let firstLeaf = isFirst ? span.from.leaf : 0
            let lastLeaf = isLast ? span.to.leaf : leaves.count - 1
            for index in firstLeaf...lastLeaf {
                let leaf = leaves[index]
                let from = isFirst && index == firstLeaf ? span.from.position : 0
                let to = isLast && index == lastLeaf ? span.to.position : leaf.count
                if from < to, !body(leaf, from..<to) { return }
            }
        }
    }

    /// How many keys of a span exist now: whole branches are not looked into.
    func liveCount(in span: KeySpan) -> Int {
        count(in: span, branchCount: \.liveCount, leafCount: { $0.liveCount }) { $0.isLive }
    }

    /// How many keys of a span existed at a revision that is not compacted. Branches and leaves
    /// in which nothing changed since are not looked into.
    func liveCount(in span: KeySpan, at revision: Int64) -> Int {
        count(
            in: span, branchCount: { $0.newestMain <= revision ? $0.liveCount : nil },
            leafCount: { $0.newestMain <= revision ? $0.liveCount : nil },
            isCounted: { self.exists($0, at: revision) })
    }

    /// Whether the key of an item existed at a revision that is not compacted.
    func exists(_ item: KeyItem, at revision: Int64) -> Bool {
        item.main <= revision ? item.isLive : olderVersion(of: item, at: revision) != nil
    }

    private func count(
        in span: KeySpan, branchCount: (KeyBranch) -> Int?, leafCount: (KeyLeaf) -> Int?,
        isCounted: (KeyItem) -> Bool
    ) -> Int {
        var sum = 0
        for branch in span.from.branch...span.to.branch {
            let isFirst = branch == span.from.branch
            let isLast = branch == span.to.branch
            if !isFirst, !isLast, let count = branchCount(branches[branch]) {
                sum += count
                continue
            }
            let part = KeySpan(
                from: isFirst ? span.from : Place(branch: branch, leaf: 0, position: 0),
                to: isLast ? span.to : end(of: branch))
            visitLeaves(part) { leaf, positions in
                if positions.count == leaf.count, let count = leafCount(leaf) {
                    sum += count
                } else {
                    for position in positions where isCounted(leaf.item(at: position)) {
                        sum += 1
                    }
                }
                return true
            }
        }
        return sum
    }

    private func end(of branch: Int) -> Place {
        let leaf = branches[branch].leaves.count - 1
        return Place(branch: branch, leaf: leaf, position: branches[branch].leaves[leaf].count)
    }

    /// Checks the order of all keys, the fences and the counts; costly.
    func checkInvariants() {
        var previous: Bytes = []
        var live = 0
        var olderCount = 0
        for branch in branches.indices {
            invariant(
                branches[branch].fences.keys[0] == fences.keys[branch], "a branch's lower bound")
            live += branches[branch].liveCount
            var liveHere = 0
            for (leaf, lower) in zip(branches[branch].leaves, branches[branch].fences.keys) {
                leaf.checkInvariants()
                liveHere += leaf.liveCount
                for position in 0..<leaf.count {
                    let key = leaf.key(at: position)
                    invariant(precedes(previous, key), "keys out of order")
                    invariant(!precedes(key, lower), "a key below its fence")
                    let (place, isPresent) = find(key)
                    invariant(isPresent && place.position == position, "a key is not found")
                    previous = key
                    olderCount += checkOlder(leaf.item(at: position))
                }
            }
            invariant(liveHere == branches[branch].liveCount, "a branch counts its live keys")
        }
        invariant(live == liveCount, "\(live) live keys, counted \(liveCount)")
        invariant(olderCount == older.count, "\(olderCount) older records of \(older.count)")
    }

    private func checkOlder(_ item: KeyItem) -> Int {
        var last = item.id
        var link = item.older
        var count = 0
        while link != 0 {
            invariant(older[link].id < last, "older records out of order")
            last = older[link].id
            link = older[link].next
            count += 1
        }
        return count
    }
}
