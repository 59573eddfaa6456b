internal import Primitives

/// Up to 64 keys with what the index knows of them, in one run of words, since a search costs
/// what it has to fetch from memory.
///
/// First come the entries in key order, 64 words: in the upper five bytes those bytes of a key
/// that follow what all keys of the leaf share, in the lower three where the key's record is. So
/// a search reads a few neighbouring words, and an insertion moves words, not records. Behind
/// them are the records in any order: an item in six words and the key's bytes, filled up to
/// whole words.
///
/// SAFETY: records are read through a pointer into `words`, valid during the closure. `count` and
/// the offsets in the entries are written only together with the words that they stand for, and
/// no record is cut off while an entry leads to it.
struct KeyLeaf {
    static let keysMax = 64
    private static let offsetMask: UInt64 = 0xFF_FFFF
    /// A leaf of several keys is split rather than made larger: far below what offsets can say.
    private static let wordsMax = 1 << 17

    private var words: ContiguousArray<UInt64>
    /// No record here is newer.
    private(set) var newestMain: Int64 = 0
    /// How many leading bytes all possible keys share: those that the bounds of the leaf share.
    private var prefixCount: Int32 = 0
    /// Words of records that are gone.
    private var unusedWords: Int32 = 0
    private var keyCount: Int16 = 0
    private var live: Int16 = 0
    private var compactible: Int16 = 0
    /// The first two bytes of the entries 16, 32 and 48: a search begins with them, beside the
    /// counts, and so fetches a quarter of the entries.
    private var pivots: (UInt16, UInt16, UInt16) = (.max, .max, .max)

    init(reservingWords: Int = 0) {
        words = []
        words.reserveCapacity(Self.keysMax + reservingWords)
        words.append(contentsOf: repeatElement(0, count: Self.keysMax))
    }

    var count: Int { Int(keyCount) }

    /// Keys that exist.
    var liveCount: Int { Int(live) }

    /// Items at which a compaction might find something.
    var compactibleCount: Int { Int(compactible) }

    /// The item of the key at a position.
    func item(at position: Int) -> KeyItem {
        invariant(position >= 0 && position < count, "position \(position) of \(count)")
        return unsafe words.withUnsafeBufferPointer { words in
            unsafe Self.item(at: Self.offset(at: position, in: words), in: words)
        }
    }

    /// The key at a position.
    func key(at position: Int) -> Bytes {
        invariant(position >= 0 && position < count, "position \(position) of \(count)")
        return unsafe words.withUnsafeBufferPointer { words in
            unsafe Bytes(Self.key(at: Self.offset(at: position, in: words), in: words))
        }
    }

    /// The first position whose key is not below `key`, and whether it is that key.
    func find(_ key: ByteSpan) -> (position: Int, isPresent: Bool) {
        let wanted = head(of: key, at: Int(prefixCount)) >> 24
        let (from, end) = quarter(of: UInt16(truncatingIfNeeded: wanted >> 24))
        let shared = Int(prefixCount)
        return unsafe words.withUnsafeBufferPointer { words in
            var low = from
            var high = end
            while low < high {
                let middle = (low + high) >> 1
                let entry = unsafe words[middle]
                let found = entry >> 24
                if found < wanted {
                    low = middle + 1
                } else if found > wanted {
                    high = middle
                } else {
                    let stored = unsafe Self.key(at: Int(entry & Self.offsetMask), in: words)
                    let relation = unsafe order(
                        ByteSpan(_unsafeBytes: stored), key, from: shared)
                    if relation == 0 { return (middle, true) }
                    if relation < 0 {
                        low = middle + 1
                    } else {
                        high = middle
                    }
                }
            }
            return (low, false)
        }
    }

    /// Between which entries those with the given first bytes are. Where they are also those of a
    /// pivot nothing is known.
    @inline(__always)
    private func quarter(of wanted: UInt16) -> (from: Int, end: Int) {
        var from = 0
        var end = count
        if wanted > pivots.1 {
            from = 33
            if wanted > pivots.2 { from = 49 } else if wanted < pivots.2 { end = min(end, 48) }
        } else if wanted < pivots.1 {
            end = min(end, 32)
            if wanted > pivots.0 { from = 17 } else if wanted < pivots.0 { end = min(end, 16) }
        }
        return (from, end)
    }

    private mutating func setPivots() {
        pivots = (pivot(at: 16), pivot(at: 32), pivot(at: 48))
    }

    private func pivot(at position: Int) -> UInt16 {
        position < count ? UInt16(truncatingIfNeeded: words[position] >> 48) : .max
    }

    /// Whether a key more would be too many, or too long for the offsets.
    func isFull(for key: Bytes) -> Bool {
        if count == Self.keysMax { return true }
        return count > 1 && words.count + key.count / 8 > Self.wordsMax
    }

    /// Adds a key at the position where `find` looked for it in vain.
    mutating func insert(_ key: Bytes, _ item: KeyItem, at position: Int) {
        invariant(count < Self.keysMax, "a leaf with \(count) keys grows")
        var item = item
        item.keyCount = UInt32(key.count)
        let offset = words.count
        invariant(offset <= Int(Self.offsetMask), "a leaf of \(offset) words grows")
        let bytes = key.span
        let itemWords = item.words
        for index in itemWords.indices { words.append(itemWords[index]) }
        for start in stride(from: 0, to: key.count, by: 8) {
            words.append(head(of: bytes, at: start).bigEndian)
        }
        var place = count
        while place > position {
            words[place] = words[place - 1]
            place -= 1
        }
        words[position] = entry(of: bytes, at: offset)
        keyCount += 1
        note(item, 1)
        if position <= 48 { setPivots() }
    }

    /// Changes an item; its key stays.
    mutating func replace(_ item: KeyItem, at position: Int) {
        let old = self.item(at: position)
        let offset = Int(words[position] & Self.offsetMask)
        var item = item
        item.keyCount = old.keyCount
        let itemWords = item.words
        for index in itemWords.indices { words[offset + index] = itemWords[index] }
        note(old, -1)
        note(item, 1)
    }

    /// Takes a key out.
    mutating func remove(at position: Int) {
        let old = item(at: position)
        note(old, -1)
        for place in position..<count - 1 { words[place] = words[place + 1] }
        keyCount -= 1
        unusedWords += Int32(KeyItem.wordCount + (Int(old.keyCount) + 7) / 8)
        setPivots()
        if Int(unusedWords) * 2 > words.count - Self.keysMax { self = part(0..<count) }
    }

    /// Cuts off the keys from `position` on. The bounds of both parts must then be set.
    mutating func split(at position: Int) -> KeyLeaf {
        let upper = part(position..<count)
        self = part(0..<position)
        return upper
    }

    /// A leaf with some of the keys, without the words of those that are gone.
    private func part(_ positions: Range<Int>) -> KeyLeaf {
        let used = positions.reduce(0) {
            $0 + KeyItem.wordCount + (Int(item(at: $1).keyCount) + 7) / 8
        }
        // Enough for as many keys as fit, if they are alike.
        let room = positions.isEmpty ? 0 : used * Self.keysMax / positions.count
        var leaf = KeyLeaf(reservingWords: min(room, Self.wordsMax))
        leaf.prefixCount = prefixCount
        for position in positions {
            leaf.insert(key(at: position), item(at: position), at: leaf.count)
        }
        return leaf
    }

    /// Sets between which fences the leaf is (no upper one for the last).
    mutating func setBounds(lower: Bytes, upper: Bytes?) {
        let shared = Int32(upper.map { sharedPrefixCount(lower, $0) } ?? 0)
        guard shared != prefixCount else { return }
        prefixCount = shared
        for position in 0..<count {
            let offset = Int(words[position] & Self.offsetMask)
            let key = key(at: position)
            words[position] = entry(of: key.span, at: offset)
        }
        setPivots()
    }

    private func entry(of key: ByteSpan, at offset: Int) -> UInt64 {
        head(of: key, at: Int(prefixCount)) & ~Self.offsetMask | UInt64(offset)
    }

    private mutating func note(_ item: KeyItem, _ step: Int16) {
        if item.isLive { live += step }
        if item.isCompactible { compactible += step }
        if step > 0 { newestMain = max(newestMain, item.main) }
    }

    @inline(__always)
    private static func offset(at position: Int, in words: UnsafeBufferPointer<UInt64>) -> Int {
        Int(unsafe words[position] & offsetMask)
    }

    @inline(__always)
    private static func item(at offset: Int, in words: UnsafeBufferPointer<UInt64>) -> KeyItem {
        unsafe KeyItem(
            words[offset], words[offset + 1], words[offset + 2], words[offset + 3],
            words[offset + 4], words[offset + 5])
    }

    @inline(__always)
    private static func key(
        at offset: Int, in words: UnsafeBufferPointer<UInt64>
    ) -> UnsafeRawBufferPointer {
        let count = unsafe Int(words[offset + KeyItem.wordCount - 1] >> 32)
        let start = (offset + KeyItem.wordCount) * 8
        return unsafe UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(words)[start..<start + count])
    }

    /// Checks the order of the keys and the counts; costly.
    func checkInvariants() {
        for position in 0..<max(0, count - 1) {
            invariant(
                precedes(key(at: position), key(at: position + 1)), "keys of a leaf out of order")
            invariant(
                words[position] & ~Self.offsetMask <= words[position + 1] & ~Self.offsetMask,
                "entries of a leaf out of order")
        }
        invariant(
            pivots == (pivot(at: 16), pivot(at: 32), pivot(at: 48)), "the pivots of a leaf")
        let all = (0..<count).map { item(at: $0) }
        invariant(liveCount == all.count { $0.isLive }, "a leaf counts \(liveCount) live keys")
        invariant(
            compactibleCount == all.count { $0.isCompactible },
            "a leaf counts \(compactibleCount) compactible keys")
        invariant(all.allSatisfy { $0.main <= newestMain }, "a leaf's newest record is older")
    }
}
