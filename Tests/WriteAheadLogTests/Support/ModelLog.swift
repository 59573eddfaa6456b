import Primitives
import Raft
import WriteAheadLog

/// What a log should hold: the simplest thing that behaves like one.
struct ModelLog: Equatable, CustomStringConvertible {
    var hardState = HardState()
    /// Where the log began, or was last reset to.
    var start = EntryID.zero
    /// All entries since, released ones included.
    var entries: [Entry] = []
    /// Up to which entries may be gone.
    var released = EntryID.zero

    var lastEntry: EntryID {
        entries.last.map { EntryID(index: $0.index, term: $0.term) } ?? start
    }

    mutating func append(_ write: LogWrite) {
        if let new = write.hardState { hardState = new }
        for entry in write.entries {
            entries.removeAll { $0.index >= entry.index }
            entries.append(entry)
        }
    }

    mutating func reset(to entry: EntryID, _ hardState: HardState) {
        self = ModelLog(hardState: hardState, start: entry, released: entry)
    }

    func id(at index: LogIndex) -> EntryID {
        entries.first { $0.index == index }.map { EntryID(index: index, term: $0.term) } ?? start
    }

    /// Whether a recovered log holds just this. Released entries may still be there.
    func matches(_ recovered: RecoveredLog) -> Bool {
        let base = recovered.baseEntry
        return recovered.hardState == hardState
            && base.index >= start.index && base.index <= max(released.index, start.index)
            && base == id(at: base.index)
            && recovered.entries == entries.filter { $0.index > base.index }
    }

    var description: String {
        "\(hardState.term)/\(hardState.votedFor)/\(hardState.commitIndex) \(start)…\(lastEntry)"
    }
}

/// An entry with a command of `count` bytes that depend on its place.
func entry(_ index: UInt64, _ term: UInt64 = 1, count: Int = 40) -> Entry {
    let seed = mix64(index &* 31 &+ term)
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: seed >> UInt64($0 % 57)) }
    return Entry(term: Term(term), index: LogIndex(index), payload: .command(bytes))
}

/// A write as Raft makes it.
func write(_ entries: [Entry] = [], _ hardState: HardState? = nil) -> LogWrite {
    let last = entries.last.map { EntryID(index: $0.index, term: $0.term) } ?? .zero
    return LogWrite(
        hardState: hardState, entries: entries, mustSync: !entries.isEmpty,
        mark: PersistenceMark(number: 1, lastEntry: last))
}

func hardState(_ term: UInt64, _ votedFor: UInt64, _ commitIndex: UInt64) -> HardState {
    HardState(term: Term(term), votedFor: PeerID(votedFor), commitIndex: LogIndex(commitIndex))
}
