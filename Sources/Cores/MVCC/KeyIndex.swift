internal import Primitives
internal import StoreModel

/// All keys in order, each with its newest record and the way to its older ones: a tree of three
/// levels, whose root grows as needed (a million keys are some 200 branches).
///
/// There is no heap object for each key: a leaf packs 64 of them, and only keys that changed since
/// the last compaction have anything beside their item.
struct KeyIndex {
    /// A position in the index. Valid until the next change, unless that says otherwise.
    struct Place: Equatable {
        var branch: Int
        var leaf: Int
        var position: Int
    }

    static let leavesMax = 128

    /// Never empty.
    private(set) var branches: ContiguousArray<KeyBranch>
    private(set) var fences: Fences
    /// Records that are not their key's newest.
    private(set) var older = OlderRecords()
    /// Keys that exist.
    private(set) var liveCount = 0

    /// Knows no key.
    init() {
        fences = Fences([[]])
        branches = [KeyBranch(fences: Fences([[]]), leaves: [KeyLeaf()])]
    }

    /// Where `key` is or would be.
    func find(_ key: Bytes) -> (place: Place, isPresent: Bool) {
        let span = key.span
        let branch = fences.child(for: span)
        let leaf = branches[branch].fences.child(for: span)
        let (position, isPresent) = branches[branch].leaves[leaf].find(span)
        return (Place(branch: branch, leaf: leaf, position: position), isPresent)
    }

    /// The item at a place where a key is.
    func item(at place: Place) -> KeyItem {
        branches[place.branch].leaves[place.leaf].item(at: place.position)
    }

    /// What is known of a key; nil if nothing.
    func item(of key: Bytes) -> KeyItem? {
        let (place, isPresent) = find(key)
        return isPresent ? item(at: place) : nil
    }

    /// Gives the key a newer record. `place` is what `find` answered for it.
    mutating func record(
        _ item: KeyItem, for key: Bytes, at place: Place, isPresent: Bool
    ) {
        var item = item
        var wasLive = false
        if isPresent {
            let old = self.item(at: place)
            wasLive = old.isLive
            item.older = older.add(
                OlderRecord(
                    main: old.main, sub: old.sub, hash: old.hash, next: old.older,
                    isTombstone: !old.isLive))
            branches[place.branch].leaves[place.leaf].replace(item, at: place.position)
        } else {
            let place = makeRoom(at: place, for: key)
            branches[place.branch].leaves[place.leaf].insert(key, item, at: place.position)
            noteChange(in: place.branch, liveStep: item.isLive ? 1 : 0, main: item.main)
            return
        }
        noteChange(
            in: place.branch, liveStep: (item.isLive ? 1 : 0) - (wasLive ? 1 : 0),
            main: item.main)
    }

    private mutating func noteChange(in branch: Int, liveStep: Int, main: Int64) {
        liveCount += liveStep
        branches[branch].liveCount += liveStep
        branches[branch].newestMain = max(branches[branch].newestMain, main)
    }

    /// Takes out the record behind `place`'s newest or, with `previous`, behind that older one.
    mutating func removeOlder(after previous: UInt32?, at place: Place) {
        if let previous {
            let link = older[previous].next
            older[previous].next = older[link].next
            older.remove(link)
        } else {
            var item = item(at: place)
            let link = item.older
            item.older = older[link].next
            older.remove(link)
            branches[place.branch].leaves[place.leaf].replace(item, at: place.position)
        }
    }

    /// Takes out a key that has nothing but a deletion left.
    mutating func remove(at place: Place) {
        let item = item(at: place)
        invariant(!item.isLive && item.older == 0, "a key with records is taken out")
        branches[place.branch].leaves[place.leaf].remove(at: place.position)
        if branches[place.branch].leaves[place.leaf].count == 0 {
            removeLeaf(place.leaf, of: place.branch)
        }
    }

    /// The newest record of an item's key at or before a revision, if it is one that exists:
    /// older than the item's own when the item is newer.
    func olderVersion(of item: KeyItem, at revision: Int64) -> OlderRecord? {
        var link = item.older
        while link != 0 {
            let record = older[link]
            if record.main <= revision { return record.isTombstone ? nil : record }
            link = record.next
        }
        return nil
    }
}

/// The leaves between two fences of the root.
struct KeyBranch {
    var fences: Fences
    /// Never empty.
    var leaves: ContiguousArray<KeyLeaf>
    /// Keys that exist.
    var liveCount = 0
    /// No record here is newer.
    var newestMain: Int64 = 0

    init(fences: Fences, leaves: ContiguousArray<KeyLeaf>) {
        self.fences = fences
        self.leaves = leaves
        count()
    }

    /// Adds up what the leaves have.
    mutating func count() {
        liveCount = leaves.reduce(0) { $0 + $1.liveCount }
        newestMain = leaves.reduce(0) { max($0, $1.newestMain) }
    }
}

// Growing and shrinking.
extension KeyIndex {
    /// Splits the leaf at a place if it is full; the answer is the place for the key then.
    private mutating func makeRoom(at place: Place, for key: Bytes) -> Place {
        let count = branches[place.branch].leaves[place.leaf].count
        guard branches[place.branch].leaves[place.leaf].isFull(for: key) else { return place }
        let isLast =
            place.branch == branches.count - 1
            && place.leaf == branches[place.branch].leaves.count - 1
            && place.position == count
        // Keys that come in ascending order leave full leaves behind.
        let cut = isLast ? count : count / 2
        let leaf = branches[place.branch].leaves[place.leaf]
        let fence = Self.fence(
            after: leaf.key(at: cut - 1), upTo: isLast ? key : leaf.key(at: cut))
        let upper = branches[place.branch].leaves[place.leaf].split(at: cut)
        branches[place.branch].leaves.insert(upper, at: place.leaf + 1)
        branches[place.branch].fences.insert(fence, at: place.leaf + 1)
        setBounds(place.leaf, of: place.branch)
        setBounds(place.leaf + 1, of: place.branch)
        if branches[place.branch].leaves.count > Self.leavesMax { splitBranch(place.branch) }
        return find(key).place
    }

    /// A short key above the first and not above the second.
    private static func fence(after lower: Bytes, upTo upper: Bytes) -> Bytes {
        Bytes(upper.prefix(sharedPrefixCount(lower, upper) + 1))
    }

    private mutating func splitBranch(_ branch: Int) {
        let isLast = branch == branches.count - 1
        let cut = isLast ? Self.leavesMax * 3 / 4 : Self.leavesMax / 2
        let upperFences = branches[branch].fences.split(at: cut)
        let upper = KeyBranch(
            fences: upperFences, leaves: ContiguousArray(branches[branch].leaves[cut...]))
        branches[branch].leaves.removeSubrange(cut...)
        branches[branch].count()
        branches.insert(upper, at: branch + 1)
        fences.insert(upperFences.keys[0], at: branch + 1)
    }

    private mutating func setBounds(_ leaf: Int, of branch: Int) {
        let lower = branches[branch].fences.keys[leaf]
        var upper: Bytes?
        if leaf + 1 < branches[branch].leaves.count {
            upper = branches[branch].fences.keys[leaf + 1]
        } else if branch + 1 < branches.count {
            upper = fences.keys[branch + 1]
        }
        branches[branch].leaves[leaf].setBounds(lower: lower, upper: upper)
    }

    /// Takes out an empty leaf; the last one stays.
    private mutating func removeLeaf(_ leaf: Int, of branch: Int) {
        if branches[branch].leaves.count > 1 {
            branches[branch].leaves.remove(at: leaf)
            branches[branch].fences.remove(at: leaf)
            setBounds(max(leaf - 1, 0), of: branch)
        } else if branches.count > 1 {
            branches.remove(at: branch)
            fences.remove(at: branch)
            if branch == 0 {
                branches[0].fences.setLowest(fences.keys[0])
                setBounds(0, of: 0)
            } else {
                setBounds(branches[branch - 1].leaves.count - 1, of: branch - 1)
            }
        }
    }
}
