internal import Primitives

/// The part of the log that is in memory: consecutive entries behind a base whose term is known.
/// What is forgotten at its beginning is given back in bulk, so that trimming costs little.
struct RaftLog {
    /// The last entry before the first one kept.
    private(set) var base: EntryID
    /// The entries kept are `storage[head...]`.
    private var storage: [Entry] = []
    private var head = 0

    init(base: EntryID, entries: [Entry]) {
        self.base = base
        append(entries)
    }

    var firstIndex: LogIndex { base.index.next }

    var lastIndex: LogIndex { LogIndex(base.index.rawValue + UInt64(storage.count - head)) }

    var lastEntry: EntryID {
        guard let last = storage.last, head < storage.count else { return base }
        return EntryID(index: last.index, term: last.term)
    }

    private func position(of index: LogIndex) -> Int {
        head + Int(index.rawValue - base.index.rawValue) - 1
    }

    /// The term of the entry at `index`; nil if it is forgotten or not there.
    func term(at index: LogIndex) -> Term? {
        if index == base.index { return base.term }
        guard index > base.index, index <= lastIndex else { return nil }
        return storage[position(of: index)].term
    }

    /// The entry at `index`; nil if it is forgotten or not there.
    func entry(at index: LogIndex) -> Entry? {
        guard index > base.index, index <= lastIndex else { return nil }
        return storage[position(of: index)]
    }

    /// Entries from `index` on, at most `limitBytes` of them but always one if there is any.
    func entries(from index: LogIndex, limitBytes: Int) -> [Entry] {
        invariant(index > base.index, "entries from \(index) on are forgotten up to \(base)")
        guard index <= lastIndex else { return [] }
        let start = position(of: index)
        var end = start
        var bytes = 0
        while end < storage.count {
            bytes += storage[end].sizeBytes
            if bytes > limitBytes, end > start { break }
            end += 1
        }
        return Array(storage[start..<end])
    }

    /// The entries from `first` through `last`, which must be there.
    func entries(from first: LogIndex, through last: LogIndex) -> [Entry] {
        guard first <= last else { return [] }
        invariant(
            first > base.index && last <= lastIndex,
            "entries \(first) to \(last) are not within \(base) to \(lastIndex)")
        return Array(storage[position(of: first)...position(of: last)])
    }

    /// Adds entries behind the last.
    mutating func append(_ entries: [Entry]) {
        for entry in entries { append(entry) }
    }

    /// Adds an entry behind the last.
    mutating func append(_ entry: Entry) {
        invariant(
            entry.index == lastIndex.next,
            "entry \(entry.index) does not follow \(lastIndex)")
        invariant(
            entry.term >= lastEntry.term,
            "entry \(entry.index) of term \(entry.term) follows term \(lastEntry.term)")
        storage.append(entry)
    }

    /// Removes the entries from `index` on.
    mutating func truncate(from index: LogIndex) {
        guard index <= lastIndex else { return }
        invariant(index > base.index, "cannot truncate forgotten entries from \(index)")
        storage.removeSubrange(position(of: index)...)
    }

    /// Forgets the entries through `index`, which must be there.
    mutating func forget(through index: LogIndex) {
        guard index > base.index else { return }
        guard let term = term(at: index) else {
            invariantBroken("cannot forget through \(index), the last entry is \(lastIndex)")
        }
        let count = Int(index.rawValue - base.index.rawValue)
        base = EntryID(index: index, term: term)
        head += count
        if head > 1_024, head * 2 > storage.count {
            storage.removeFirst(head)
            head = 0
        } else {
            // Payloads are given back at once, the places in bulk.
            let empty = Entry(term: .zero, index: .zero, payload: .noOp)
            for position in head - count..<head { storage[position] = empty }
        }
    }

    /// Starts anew behind `base`.
    mutating func reset(to base: EntryID) {
        self.base = base
        storage = []
        head = 0
    }

    /// The last entry at or before `index` whose term is at most `term`: a place where a log
    /// that has `term` there may agree with this one (Raft §5.3, last paragraphs). The base, if
    /// no kept entry is.
    func lastEntry(atOrBefore index: LogIndex, termAtMost term: Term) -> EntryID {
        var index = min(index, lastIndex)
        while index > base.index {
            let found = storage[position(of: index)].term
            if found <= term { return EntryID(index: index, term: found) }
            index = index.previous
        }
        return base
    }
}
