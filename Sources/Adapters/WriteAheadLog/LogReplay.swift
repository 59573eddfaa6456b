internal import Primitives
internal import Raft

/// What records amount to, one after another.
struct LogReplay {
    private(set) var position: LogPosition
    /// The entry before the first of `entries`.
    private(set) var base: EntryID
    /// False as long as `base` is only where the oldest segment happens to begin: it may be that
    /// entries of segments before it are needed. A base record settles that.
    private(set) var isBaseKnown: Bool
    private(set) var entries: [Entry] = []
    /// The highest index of any entry since this was last set to zero.
    var highestIndex = LogIndex.zero

    /// Starts where a segment says that the log stands at its beginning.
    init(from header: SegmentHeader) {
        position = header.position
        base = header.position.lastEntry
        isBaseKnown = header.startsLog
    }

    /// Takes a record in; false if it contradicts what came before.
    mutating func apply(_ record: LogRecord) -> Bool {
        switch record {
        case .hardState(let hardState):
            position.hardState = hardState
            return true
        case .base(let entry): return release(through: entry)
        case .entry(let entry): return append(entry)
        }
    }

    private mutating func append(_ entry: Entry) -> Bool {
        let last = position.lastEntry.index
        guard entry.index > .zero, entry.index <= last.next else { return false }
        if entry.index <= base.index {
            guard !isBaseKnown else { return false }
            entries = []
            base = EntryID(index: entry.index.previous, term: .zero)
        } else if entry.index <= last {
            entries.removeLast(Int(last.rawValue - entry.index.rawValue) + 1)
        }
        entries.append(entry)
        position.lastEntry = EntryID(index: entry.index, term: entry.term)
        highestIndex = max(highestIndex, entry.index)
        return true
    }

    private mutating func release(through entry: EntryID) -> Bool {
        guard entry.index <= position.lastEntry.index else { return false }
        guard entry.index >= base.index else {
            // Of an earlier release than the one that took the segments before the first away.
            return !isBaseKnown
        }
        let count = Int(entry.index.rawValue - base.index.rawValue)
        if count > 0 {
            guard entries[count - 1].term == entry.term else { return false }
            entries.removeFirst(count)
        } else if isBaseKnown, base.term != entry.term {
            return false
        }
        base = entry
        isBaseKnown = true
        return true
    }
}
